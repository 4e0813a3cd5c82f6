-- name: i01_keys
-- An answered key names a thing that is there, and no two keys share one version of it.
select k.principal::text || ' ' || k.route as subject, 'the key names nothing that is stored' as detail
  from idempotency k
 where k.resource_id is not null and k.status < 300
   and not exists (
     select from referral t where t.id = k.resource_id and t.version >= coalesce(k.resource_version, 0)
     union all select from leg t where t.id = k.resource_id
     union all select from document t where t.id = k.resource_id
     union all select from patient t where t.id = k.resource_id
     union all select from contact t where t.id = k.resource_id
     union all select from consent t where t.id = k.resource_id
     union all select from organization t where t.id = k.resource_id
     union all select from site t where t.id = k.resource_id
     union all select from healthcare_service t where t.id = k.resource_id
     union all select from member t where t.id = k.resource_id
     union all select from person t where t.id = k.resource_id
     union all select from agency_worker t where t.id = k.resource_id
     union all select from address t where t.id = k.resource_id
     union all select from api_key t where t.id = k.resource_id
     union all select from invitation t where t.id = k.resource_id
     union all select from link t where t.id = k.resource_id
     union all select from human_task t where t.id = k.resource_id
     union all select from thread t where t.id = k.resource_id
     union all select from message t where t.id = k.resource_id
     union all select from thread_note t where t.id = k.resource_id
     union all select from attachment t where t.id = k.resource_id)
   -- A file that nothing took along within a day is gone; its key is kept for a week.
   and not (k.route like '%/attachments' and k.created_at < lk.now() - interval '24 hours')
union all
select k.resource_id::text, 'two keys share version ' || k.resource_version
  from idempotency k join referral r on r.id = k.resource_id
 where k.status < 300 and k.resource_version is not null
 group by k.resource_id, k.resource_version having count(*) > 1
 limit 20;

-- name: i02_effects_have_a_cause
-- An effect names an event, a link, or a kind that the service itself causes.
select o.id::text as subject, o.kind || ' has no cause' as detail
  from outbox o
 where case
   when o.seq is not null then not exists (
     select from event e where e.referral_id = o.referral_id and e.seq = o.seq)
   when o.link_id is not null then not exists (select from link k where k.id = o.link_id)
   when o.thread_id is not null then not exists (select from message m where m.thread_id = o.thread_id)
   when o.kind = 'digest' then not exists (select from outbox x where x.digest_id = o.id)
   when o.kind = 'nudge' then not exists (
     select from timer t where t.referral_id = o.referral_id)
   else o.referral_id is not null and o.kind in
     ('invite', 'notice', 'filled', 'cancel_request', 'closed', 'correction')
   end
 limit 20;

-- name: i03_history_replays
-- Events are numbered 1..n without a gap, each begins where the last ended, and the end is now.
with line as (
  select e.referral_id, e.leg_id, e.machine, e.seq, e.from_state, e.becomes,
         row_number() over (partition by e.referral_id order by e.seq) as place,
         lag(e.becomes, 1, 'none') over (partition by e.referral_id, e.machine, e.leg_id
                                         order by e.seq) as was,
         lead(e.seq) over (partition by e.referral_id, e.machine, e.leg_id order by e.seq) as later
    from event e
), last as (
  select * from line where later is null
), found as (
  select l.referral_id, 'event ' || l.seq || ' stands at place ' || l.place as detail
    from line l where l.seq <> l.place
  union all
  select l.referral_id, 'event ' || l.seq || ' begins in ' || l.from_state || ', it was ' || l.was
    from line l where l.from_state <> l.was
  union all
  select r.id, 'history ends in ' || coalesce(h.becomes, 'nothing') || ', the referral is ' || r.state
    from referral r left join last h on h.referral_id = r.id and h.machine = 'referral'
   where h.becomes is distinct from r.state
  union all
  select g.referral_id, 'history ends in ' || coalesce(h.becomes, 'nothing') || ', a leg is ' || g.state
    from leg g left join last h on h.leg_id = g.id and h.machine = 'leg'
   where h.becomes is distinct from g.state
  union all
  select r.id, 'the last number is ' || r.last_seq || ', there are ' || n.count || ' events'
    from referral r cross join lateral (
      select count(*) from event e where e.referral_id = r.id) n
   where n.count <> r.last_seq
  union all
  select t.id, 'the last message is ' || t.last_seq || ', there are ' || n.count
    from thread t cross join lateral (
      select count(*), coalesce(max(m.seq), 0) as top from message m where m.thread_id = t.id) n
   where n.count <> t.last_seq or n.top <> t.last_seq
)
select f.referral_id::text as subject, f.detail from found f limit 20;

-- name: i04_only_rules
-- Every event used a rule of the table, under its own id, before that rule was retired.
select e.referral_id::text as subject, 'event ' || e.seq || ' used no rule' as detail
  from event e
  left join rule u on (u.machine, u.from_state, u.step, u.party, u.becomes)
                    = (e.machine, e.from_state, e.step, e.party, e.becomes)
 where u.rule_id is distinct from e.rule_id
 limit 20;

-- name: i05_somebody_owns_it
-- Every open referral has one owner who is active, and an armed timer or an open task.
select r.id::text as subject, 'nobody active owns it' as detail
  from referral r
 where r.state in ('with_recipient', 'needs_routing', 'awaiting_review')
   and not exists (select from member m where m.id = r.owner_member_id
                    and m.org_id = r.owner_org_id and m.state = 'active')
union all
select r.id::text, 'no timer is armed and no task is open'
  from referral r
 where r.state in ('with_recipient', 'needs_routing', 'awaiting_review')
   and not exists (select from timer t where t.referral_id = r.id and t.state = 'armed')
   and not exists (select from human_task h where h.referral_id = r.id and h.state = 'open')
 limit 20;

-- name: i06_effects_end
-- Effects end, wait at most 60 s past their time unless a restore holds them, park behind an open breaker, or became a task.
select o.id::text as subject,
       o.kind || ' is ' || o.state || ' since ' || to_char(o.next_at, 'YYYY-MM-DD HH24:MI') as detail
  from outbox o
  -- A receiver that is slow is told one event after the other; its own events wait, nobody else's.
 where o.state = 'pending' and o.next_at < lk.now() - case when o.webhook_id is null
         then interval '60 seconds' else interval '15 minutes' end and not (select lk.held())
    or o.state = 'parked' and not exists (select from breaker b where b.opened_at is not null)
    or o.state = 'dead' and not exists (select from human_task h
         where h.effect_id in (o.id, o.digest_id))
 limit 20;

-- name: i06_digests_leave
-- What was gathered goes with its digest, and a digest is on its way within a minute of its morning.
select o.id::text as subject, o.kind || ' waits for a digest that is ' || coalesce(d.state, 'gone')
         as detail
  from outbox o left join outbox d on d.id = o.digest_id
 where o.state = 'gathered'
   and (d.state is null or d.state not in ('pending', 'parked')
        or d.state = 'pending' and d.digest_at < lk.now() - interval '60 seconds'
           and d.next_at < lk.now() - interval '60 seconds' and not (select lk.held()))
 limit 20;

-- name: i07_deliveries_end
-- No delivery is under way for more than ten minutes.
select d.id::text as subject, d.channel || ' was begun and never ended' as detail
  from delivery d
 where d.state = 'attempted' and d.attempted_at < lk.now() - interval '10 minutes'
 limit 20;

-- name: i08_one_acceptance
-- In mode first_accepts one recipient at most is at work.
select l.referral_id::text as subject, count(*) || ' legs are accepted' as detail
  from leg l
 where l.mode = 'first_accepts' and l.accepted_at is not null and l.state in
   ('accepted', 'waitlisted', 'scheduled', 'no_show', 'appt_cancelled', 'in_service')
 group by l.referral_id having count(*) > 1
 limit 20;

-- name: i09_keys_reach_parties_only
-- A key is sealed to parties whose classes include it, and always to the sender; a thread's to the
-- organizations that were let into it.
select s.referral_id::text as subject, s.class || ' is sealed to no party of that class' as detail
  from seal s
 where s.referral_id is not null
   and not exists (select from party p where p.org_id = s.org_id
                    and p.referral_id = s.referral_id and s.class = any(p.classes))
   and not exists (select from disclosure d where (d.context_id, d.class, d.epoch, d.to_org_id)
                    = (s.context_id, s.class, s.epoch, s.org_id) and d.break_glass_id is not null)
union all
select s.thread_id::text, s.class || ' is sealed to nobody who takes part'
  from seal s
 where s.thread_id is not null
   and not exists (select from thread_party p join thread t on t.id = p.thread_id
                    where p.org_id = s.org_id and p.thread_id = s.thread_id and t.class = s.class)
union all
select coalesce(e.referral_id, e.thread_id)::text,
       e.class || ' epoch ' || e.epoch || ' is closed to its sender'
  from epoch e left join referral r on r.id = e.referral_id
 where e.state <> 'destroyed'
   and not exists (select from seal s where (s.context_id, s.class, s.epoch)
                    = (e.context_id, e.class, e.epoch)
                    and s.org_id = coalesce(r.sender_org_id, s.org_id))
 limit 20;

-- name: i10_seals_are_disclosures
-- Each seal to another than the sender, or than whose thread it is, has its disclosure; part2 has a
-- consent that was valid.
select coalesce(s.referral_id, s.thread_id)::text as subject,
       s.class || ' was sealed without a disclosure' as detail
  from seal s
  left join referral r on r.id = s.referral_id
  left join thread t on t.id = s.thread_id
 where s.org_id <> coalesce(r.sender_org_id, t.owner_org_id) and not exists (
   select from disclosure d where (d.context_id, d.class, d.epoch, d.to_org_id)
                            = (s.context_id, s.class, s.epoch, s.org_id))
union all
select coalesce(d.referral_id, d.thread_id)::text, 'part2 was disclosed without a valid consent'
  from disclosure d
  left join consent c on c.org_id = d.org_id and c.id = d.consent_id
       and c.patient_id = d.patient_id and c.basis in ('part2_consent', 'emergency')
       and (c.expires_at is null or c.expires_at > d.disclosed_at)
       and (c.revoked_at is null or c.revoked_at > d.disclosed_at)
       and (c.basis = 'emergency'
            or 'part2' = any(c.classes) and d.to_org_id = any(c.to_org_ids))
 where d.class = 'part2' and c.id is null
   and not exists (select from break_glass b
                    where b.id = d.break_glass_id and b.medical_emergency)
 limit 20;

-- name: i11_references_stay_with_parties
-- Whoever is named by a leg that was sent, an event, content, a timer, an effect or a message is a
-- party; the organizations a thread lists are those that take part in it.
with named as (
  select l.referral_id, l.org_id, 'a leg' as what from leg l where l.sent_at is not null
  union all select e.referral_id, e.actor_org_id, 'an event' from event e
             where e.actor_kind in ('member', 'link')
  union all select c.referral_id, c.author_org_id, 'content' from content c
  union all select d.referral_id, d.author_org_id, 'a document' from document d
  union all select t.referral_id, t.turn_org_id, 'a timer' from timer t
             where t.referral_id is not null
  union all select o.referral_id, o.org_id, 'an effect' from outbox o
             where o.referral_id is not null and o.thread_id is null
  union all select d.referral_id, d.to_org_id, 'a disclosure' from disclosure d
             where d.referral_id is not null
), spoken as (
  select m.thread_id, m.author_org_id as org_id, 'a message' as what from message m
  union all select n.thread_id, n.org_id, 'a note' from thread_note n
  union all select m.thread_id, m.org_id, 'a person told' from thread_member m
  union all select o.thread_id, o.org_id, 'an effect' from outbox o where o.thread_id is not null
  union all select d.thread_id, d.to_org_id, 'a disclosure' from disclosure d
             where d.thread_id is not null
)
select n.referral_id::text as subject, n.what || ' names an organization that is no party' as detail
  from named n
 where not exists (select from party p where p.org_id = n.org_id and p.referral_id = n.referral_id)
union all
select s.thread_id::text, s.what || ' names an organization that was never let in'
  from spoken s
 where not exists (select from thread_party p where p.org_id = s.org_id and p.thread_id = s.thread_id)
union all
select t.id::text, 'the thread lists others than take part in it'
  from thread t
 where array(select unnest(t.org_ids) order by 1) <> array(
   select p.org_id from thread_party p where p.thread_id = t.id and p.ended_at is null order by 1)
 limit 20;

-- name: i12_record
-- Every act has its line at its moment, every number its line, and no number of a log is missing.
select e.referral_id::text as subject, 'event ' || e.seq || ' has no line in the record' as detail
  from event e
 where not exists (select from audit a where a.referral_id = e.referral_id and a.at = e.entered_at)
union all
select c.referral_id::text, 'a ' || c.kind || ' was written without a line in the record'
  from content c
 where c.referral_id is not null
   and not exists (select from audit a where a.referral_id = c.referral_id and a.at = c.created_at)
union all
select l.log_id::text, 'number ' || l.seq || ' has no line'
  from audit_leaf l where not exists (select from audit a where a.id = l.audit_id)
union all
select n.log_id::text, n.count || ' numbers up to ' || n.last || ', signed for ' || coalesce(h.size, 0)
  from (select log_id, count(*) as count, max(seq) as last from audit_leaf group by log_id) n
  left join lateral (select size from audit_head
                      where log_id = n.log_id order by size desc limit 1) h on true
 where n.count <> n.last or n.last is distinct from h.size
 limit 20;

-- name: i12_numbered
-- The sealer is at work: every line has its number within a minute.
select coalesce(a.org_id::text, 'network') as subject,
       count(*) || ' lines wait for a number since ' || to_char(min(a.at), 'YYYY-MM-DD HH24:MI')
         as detail
  from audit a
 where a.at < lk.now() - interval '60 seconds'
   -- Where the sealer stands, all older lines have theirs, so that not every line is looked at.
   and (a.xact, a.id) > ((select p.xact from audit_position p), (select p.id from audit_position p))
   and not exists (select from audit_leaf l where l.audit_id = a.id)
 group by a.org_id
 limit 20;

-- name: i14_links_end
-- A revoked or expired link has no live session, and a challenge opens one session.
select s.link_id::text as subject, 'a session outlived its link' as detail
  from link_session s join link k on k.id = s.link_id
 where s.ended_at is null and s.expires_at > lk.now()
   and (k.state <> 'live' or k.expires_at <= lk.now())
union all
select s.challenge_id::text, 'one code opened ' || count(*) || ' sessions'
  from link_session s join challenge c on c.id = s.challenge_id
 where c.remembered_until is null
 group by s.challenge_id having count(*) > 1
 limit 20;

-- name: i15_timers_fire
-- No timer is overdue by a minute, unless a jump of the clock or a restore froze firing.
select t.referral_id::text as subject,
       t.clock || ' was due ' || to_char(t.due_at, 'YYYY-MM-DD HH24:MI') as detail
  from timer t
 where t.state = 'armed' and t.due_at < lk.now() - interval '60 seconds'
   and not exists (select from clock_watch w where w.frozen_at is not null) and not (select lk.held())
 limit 20;

-- name: i16_one_active_key
-- Exactly one key of each purpose is active, and its public half is the one others seal to.
select o.id::text as subject, coalesce(k.purpose, 'ork') || ': ' || coalesce(k.active, 0) || ' active keys' as detail
  from organization o
  left join (select org_id, purpose, count(*) filter (where state = 'active') as active,
                    bool_and(state = 'destroyed') as shredded
               from org_key group by org_id, purpose) k on k.org_id = o.id
 where k.org_id is null or k.active <> 1 and not k.shredded
union all
select 'network', n.purpose || ': ' || count(*) filter (where n.state = 'active') || ' active keys'
  from network_key n group by n.purpose having count(*) filter (where n.state = 'active') <> 1
union all
select k.org_id::text, k.purpose || ': the public half differs from the key'
  from org_key k
  left join public_key p on p.org_id = k.org_id and p.purpose = k.purpose and p.state = 'active'
 where k.purpose in ('osk', 'sig') and k.state = 'active' and p.key_id is distinct from k.key_id
 limit 20;

-- name: i17_sums
-- Created is draft, open, closed and void together; sent is what was sent and not taken back.
select 'network' as subject, n.created || ' were created, ' || n.stored || ' are stored' as detail
  from (select (select count(*) from event e where e.machine = 'referral' and e.step = 'create')
                 as created,
               (select count(*) from referral r where r.state in ('draft', 'with_recipient',
                 'needs_routing', 'awaiting_review', 'closed', 'void')) as stored) n
 where n.created <> n.stored
union all
select r.id::text, r.state || ' and ' || case when r.sent_at is null then 'never sent' else 'sent' end
  from referral r
 where (r.sent_at is null) <> (r.state = 'draft')
   and not (r.state = 'void')
 limit 20;

-- name: i18_leavers
-- Who is disabled has no way in left, and who left an organization no session or key in it.
select p.id::text as subject, w.what || ' outlived its person' as detail
  from person p join (
    select s.person_id, 'a session' as what from session s
     where s.ended_at is null and s.expires_at > lk.raw_now()
    union all select k.person_id, 'a passkey' from passkey k where k.ended_at is null
    union all select c.person_id, 'a recovery code' from recovery_code c
     where c.used_at is null and c.ended_at is null
    union all select i.person_id, 'an invitation' from invitation i
     where i.used_at is null and i.expires_at > lk.raw_now()
  ) w on w.person_id = p.id
 where p.state = 'disabled'
union all
select m.id::text, w.what || ' outlived its member'
  from member m join (
    select s.member_id, 'a session' as what from session s
     where s.ended_at is null and s.expires_at > lk.raw_now()
    union all select k.member_id, 'a key' from api_key k
     where k.revoked_at is null and (k.expires_at is null or k.expires_at > lk.raw_now())
  ) w on w.member_id = m.id
 where m.state <> 'active'
 limit 20;

-- name: i19_texts_with_leave
-- Nobody is texted who said stop, or who never said yes to this: news, reminders and questions need a
-- yes of their own, and the phone's own stop outweighs it until the same phone takes it back. What it
-- said of being somebody else's, a person may take back, and that takes back no stop.
select d.id::text as subject, 'a text went to a number that had said stop' as detail
  from delivery d
  cross join (values (array['text', 'page', 'carrier']), (array['wrong_number', 'reopened'])) k(hows)
  cross join lateral (select e.given from text_consent e
    where e.number_id = d.number_id and e.how = any(k.hows) and e.at <= d.attempted_at
      and (e.org_id is null or e.how = 'reopened')
    order by e.at desc, e.id desc limit 1) last
 where d.contact_id is not null and d.state not in ('dead', 'refused') and not last.given
union all
select d.id::text, 'a text went to a number that nobody gave leave for'
  from delivery d
 where d.contact_id is not null and d.state not in ('dead', 'refused')
   and not exists (select from text_consent e
     where e.number_id = d.number_id and e.org_id = d.org_id and e.given
       and e.at <= d.attempted_at)
 limit 20;

-- name: i20_texts_by_day
-- Nobody is texted at night, unless they wrote to us first.
select d.id::text as subject,
       'a text left at ' || to_char(d.attempted_at at time zone (d.said->>'home'), 'HH24:MI')
         as detail
  from delivery d
 where d.contact_id is not null and d.attempted_at is not null
   and not extract(hour from d.attempted_at at time zone (d.said->>'home')) between 8 and 20
 limit 20;

-- name: i21_texts_in_measure
-- No phone is texted twice on one day of its own, nor four times in seven days.
with told as (
  select d.id, d.number_id, d.created_at, d.said->>'home' as home,
         lag(d.created_at) over w as last, lag(d.said->>'home') over w as last_home,
         lag(d.created_at, 3) over w as third
    from delivery d
   where d.contact_id is not null and d.state not in ('dead', 'refused')
  window w as (partition by d.number_id order by d.created_at, d.id)
)
select t.id::text as subject, 'the second text of a day to one phone' as detail
  from told t
 where t.home = t.last_home
   and (t.created_at at time zone t.home)::date = (t.last at time zone t.home)::date
union all
select t.id::text, 'the fourth text to one phone since ' || to_char(t.third, 'YYYY-MM-DD HH24:MI')
  from told t where t.created_at - t.third < interval '7 days'
 limit 20;

-- name: i22_unknown_in_time
-- What nobody reported in 72 hours is called unknown, at the latest an hour after.
select d.id::text as subject, d.channel || ' was sent and heard of no more, and is not called unknown'
         as detail
  from delivery d
 where d.state = 'sent' and d.finished_at < lk.now() - interval '73 hours'
 limit 20;

-- name: i23_events_are_numbered
-- An event has its number within a minute in the feed of its sender, and of each party whose part it
-- was then; no number of a feed is missing. What was a draft once more ended every part for a while.
select e.referral_id::text as subject, 'event ' || e.seq || ' has no number for a ' || p.capacity
         as detail
  from event e
  join referral r on r.id = e.referral_id
  join party p on p.referral_id = e.referral_id
 where e.entered_at < lk.now() - interval '60 seconds'
   and not exists (select from feed f where f.event_id = e.id and f.org_id = p.org_id)
   and case p.capacity
         when 'sender' then true
         when 'recipient' then exists (select from leg l where l.id = e.leg_id and l.org_id = p.org_id)
         when 'cco' then true
         else e.leg_id is null end
   and (p.capacity = 'sender' or p.started_at <= e.entered_at
        and (p.ended_at is null or p.ended_at >= e.entered_at)
        and not exists (select from event x where x.referral_id = e.referral_id and x.step = 'recall'))
union all
select f.org_id::text, f.count || ' numbers up to ' || f.last
  from (select org_id, count(*) as count, max(number) as last from feed group by org_id) f
 where f.count <> f.last
 limit 20;
