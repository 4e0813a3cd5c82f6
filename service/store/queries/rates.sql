-- name: counted
-- What the events of referrals say to the three rates; no word about whom they were for.
select r.sent_at is not null as sent, r.state = 'void' as void,
       (r.state = 'closed' or r.state = 'needs_routing') and exists (select 1 from event e
          where e.referral_id = r.id and e.step = 'withdraw') and not a.answered
         as withdrawn_unanswered,
       a.answered, r.disposition, r.need_met
  from referral r
  cross join lateral (select exists (select 1 from event e where e.referral_id = r.id
       and e.step in ('accept', 'decline', 'ask', 'complete')) as answered) a
 where r.sent_at >= $2 and r.sent_at < $3 and (r.sender_org_id = $1 or r.cco_org_id = $1)
   and ($4::text is null or r.category = $4);
