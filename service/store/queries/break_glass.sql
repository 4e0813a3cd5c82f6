-- name: opening
-- Widen this transaction to one referral of the patient; the next one replaces it.
select set_config('app.opening', $1::text, true);

-- name: of_referral
-- Whose patient a referral is about, and this organization's part in it.
select r.id, r.sender_org_id, r.patient_id, p.capacity
  from referral r join party p on p.referral_id = r.id and p.org_id = $1
       and (p.ended_at is null or p.ended_at > lk.now())
 where r.id = $2;

-- name: referrals
-- Every referral about one patient that this organization is party of.
select r.id, r.class as sensitivity
  from referral r join party p on p.referral_id = r.id and p.org_id = $1
       and (p.ended_at is null or p.ended_at > lk.now())
 where r.sender_org_id = $2 and r.patient_id = $3 and r.state not in ('draft', 'void')
 order by r.id;

-- name: recipients
-- Who else has a part in the referral that is open here, and people who sign in.
select p.org_id from party p join organization o on o.id = p.org_id
 where p.referral_id = $1 and p.capacity = 'recipient' and p.org_id <> $2
   and o.channel in ('account', 'partner')
   and (p.ended_at is null or p.ended_at > lk.now())
 order by p.org_id;

-- name: not_held
-- The sender's seals of epochs that this organization has no key for.
select s.context_id, s.class as sensitivity, s.epoch, s.org_id, s.key_id, s.sealed
  from seal s
 where s.referral_id = $1 and s.org_id = $2 and s.class = any($3::text[])
   and not exists (select 1 from seal o where o.context_id = s.context_id and o.class = s.class
                      and o.epoch = s.epoch and o.org_id = $4)
 order by s.class, s.epoch;

-- name: insert_seal
-- A key for the emergency; written with its disclosure or not at all.
insert into seal (context_id, class, epoch, org_id, key_id, sealed, referral_id, created_at)
values ($1, $2, $3, $4, $5, $6, $7, lk.now()) on conflict do nothing;

-- name: insert_disclosure
-- What the emergency told: its basis is the emergency itself (42 CFR 2.51, 45 CFR 164.506(c)).
insert into disclosure (id, referral_id, org_id, patient_id, to_org_id, context_id, class, epoch,
  basis, break_glass_id, disclosed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, 'emergency', $9, lk.now()) on conflict do nothing;

-- name: insert
-- The glass is broken: for one member, in one session, for sixty minutes.
with at as materialized (select lk.now() as now)
insert into break_glass (org_id, id, subject_org_id, patient_id, referral_id, member_id, person_id,
  session_id, reason, medical_emergency, classes, sealed, opened_at, until_at)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, at.now, at.now + interval '60 minutes'
  from at;

-- name: covered
-- Whether an organization is bound by HIPAA.
select covered_entity from organization where id = $1;

-- name: officers
-- Who keeps an organization's privacy: its officers, else its administrators.
select m.id from member m
 where m.org_id = $1 and m.state = 'active' and m.roles && case
   when exists (select 1 from member x where x.org_id = $1 and x.state = 'active'
                   and 'privacy_officer' = any(x.roles))
   then array['privacy_officer'] else array['org_admin'] end
 order by m.created_at, m.id;

-- name: told
-- Another organization is told.
insert into break_glass_told (break_glass_id, org_id, by_org_id, told_at)
values ($1, $2, $3, lk.now()) on conflict do nothing;

-- name: task
-- Work for a privacy officer, due in three days.
with at as materialized (select lk.now() as now)
insert into human_task (id, kind, org_id, member_id, about_org_id, break_glass_id, reason, due_at,
  opened_at)
select $1, $2, $3, $4, $5, $6, 'emergency_access', at.now + interval '72 hours', at.now from at;

-- name: arm
-- The clock of the review.
with at as materialized (select lk.now() as now)
insert into timer (id, break_glass_id, clock, rung, turn_org_id, started_at, due_at, final_at)
select $1, $2, 'break_glass', 1, $3, at.now, at.now + interval '72 hours',
       at.now + interval '72 hours'
  from at;

-- name: open_here
-- What is open to this member in this session for this patient, by the clock of the database.
select id, classes, until_at from break_glass
 where org_id = $1 and member_id = $2 and session_id = $3 and subject_org_id = $4
   and patient_id = $5 and ended_at is null and until_at > lk.now()
 order by opened_at desc limit 1;

-- name: page
-- Emergency accesses of an organization's own people, and those it was told of; the newest first.
select b.id, b.org_id, o.public_name as organization, b.member_id,
       case when b.org_id = $1 then m.name end as member, b.referral_id, r.reference, b.reason,
       b.medical_emergency, b.classes, b.opened_at, b.until_at, b.ended_at, b.reviewed_at,
       b.verdict, case when b.org_id = $1 then b.sealed end as sealed,
       case when b.org_id = $1 then b.review_sealed end as review_sealed
  from break_glass b
  join organization o on o.id = b.org_id
  left join member m on m.org_id = b.org_id and m.id = b.member_id
  left join referral r on r.id = b.referral_id
 where ($2::uuid is null or b.org_id = $1 and b.member_id = $2) and b.id < $3
 order by b.id desc limit $4;

-- name: finish
-- Its own member ends it early; ended already is ended.
update break_glass set ended_at = lk.now()
 where org_id = $1 and id = $2 and member_id = $3 and ended_at is null and until_at > lk.now();

-- name: finish_session
-- Whoever leaves the session leaves the glass.
update break_glass set ended_at = lk.now()
 where org_id = $1 and session_id = $2 and ended_at is null and until_at > lk.now();

-- name: fetch
-- One access of an organization's own people.
select id, member_id, person_id, reviewed_at from break_glass where org_id = $1 and id = $2;

-- name: review
-- A privacy officer says whether it was justified; said once.
update break_glass
   set reviewed_at = lk.now(), reviewed_by_member_id = $3, verdict = $4, review_sealed = $5,
       ended_at = coalesce(ended_at, least(until_at, lk.now()))
 where org_id = $1 and id = $2 and reviewed_at is null;

-- name: reviewed_task
-- The work is done.
update human_task
   set state = 'done', resolved_at = lk.now(), resolved_by_member_id = $3, resolution = 'done'
 where org_id = $1 and break_glass_id = $2 and state = 'open';

-- name: overseen_task
-- Whoever was told that nobody reviewed it hears that somebody has.
update human_task
   set state = 'done', resolved_at = lk.now(), resolution = 'done'
 where about_org_id = $1 and break_glass_id = $2 and kind = 'break_glass_unreviewed'
   and state = 'open';

-- name: disarm
-- Nothing is waited for any more.
update timer set state = 'disarmed', ended_at = lk.now()
 where break_glass_id = $1 and state = 'armed';
