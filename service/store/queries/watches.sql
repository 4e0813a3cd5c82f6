-- name: due
-- Clocks that hang on no referral and whose time is up, the longest wait first.
select id, turn_org_id, patient_id, consent_id, break_glass_id, clock from timer
 where state = 'armed' and referral_id is null and due_at <= lk.now()
 order by due_at limit $1;

-- name: hold
-- One of them, locked; nothing where somebody else has it or it is over.
select rung from timer where id = $1 and state = 'armed' and due_at <= lk.now()
   for update skip locked;

-- name: fired
-- Its time was up.
update timer set state = 'fired', ended_at = lk.now() where id = $1 and state = 'armed';

-- name: disarm
-- It waits for nothing any more.
update timer set state = 'disarmed', ended_at = lk.now() where id = $1 and state = 'armed';

-- name: again
-- It looks again later.
update timer set rung = rung + 1, due_at = lk.now() + $2::interval where id = $1;

-- name: consent
-- How a consent stands that is about to end.
select expires_at, revoked_at, lk.now() as now from consent where org_id = $1 and id = $2;

-- name: standing
-- Open referrals with somebody at work that stand on a consent and whose owners were not asked yet.
select r.id, r.owner_org_id, r.owner_member_id
  from referral r
 where r.sender_org_id = $1 and r.consent_id = $2
   and r.state in ('with_recipient', 'needs_routing', 'awaiting_review')
   and exists (select 1 from leg l where l.referral_id = r.id and l.state = any($4::text[]))
   and not exists (select 1 from human_task h where h.consent_id = $2 and h.referral_id = r.id
                      and h.kind = $3)
 order by r.id;

-- name: ask_renewal
-- Work for the owner of a referral whose consent ends.
insert into human_task (id, kind, org_id, member_id, referral_id, consent_id, reason, due_at,
  opened_at)
values ($1, $2, $3, $4, $5, $6, $2, $7, lk.now()) on conflict do nothing;

-- name: ask_review
-- Work for whoever keeps a patient's file: they may consent for themselves now.
insert into human_task (id, kind, org_id, patient_id, reason, opened_at)
values ($1, 'consent_age', $2, $3, $4, lk.now());

-- name: unreviewed
-- Whether an emergency access still waits for its review.
select reviewed_at is null from break_glass where org_id = $1 and id = $2;

-- name: escalate
-- Work for an organization's administrators and for the coordinators, unless it is open already.
insert into human_task (id, kind, org_id, member_id, about_org_id, break_glass_id, reason, opened_at)
select $1, 'break_glass_unreviewed', $2, $3, $4, $5, 'emergency_access', lk.now()
 where not exists (select 1 from human_task h where h.org_id = $2 and h.break_glass_id = $5
                      and h.kind = 'break_glass_unreviewed' and h.state = 'open');

-- name: above
-- Who is over it: the organization's administrators, and the coordinating organization.
select m.org_id, m.id as member_id from member m
 where m.state = 'active' and 'org_admin' = any(m.roles)
   and (m.org_id = $1 or m.org_id = (select o.id from organization o where o.is_cco))
 order by m.org_id, m.created_at, m.id;
