-- name: server
-- What the server is, and how far its clock is from the one that asks.
select current_setting('server_version_num')::int / 10000 as major, lk.now() as lk_now,
       (select offset_by from clock_offset) as offset_by,
       (select writable from clock_offset) as writable;

-- name: counts
-- How much there is, so that an empty database is told from one at work.
select (select count(*) from organization) as organizations,
       (select count(*) from member) as members,
       (select count(*) from referral) as referrals,
       (select count(*) from human_task where state = 'open') as tasks;

-- name: backlog
-- What is owed: effects that wait, the oldest's age, the dead ones, parked ones, timers overdue.
select count(*) filter (where state = 'pending' and next_at <= lk.now()) as waiting,
       coalesce(extract(epoch from lk.now() - min(next_at)
         filter (where state = 'pending' and next_at <= lk.now())), 0)::float8 as oldest_seconds,
       count(*) filter (where state = 'dead') as dead,
       count(*) filter (where state = 'parked') as parked
  from outbox;

-- name: beats
-- How long ago each worker last said that it is alive.
select name, extract(epoch from lk.raw_now() - beat_at)::float8 as silent_seconds
  from worker_beat order by name;

-- name: frozen
-- Since when a jump of the clock keeps timers from firing.
select frozen_at from clock_watch;

-- name: release
-- Somebody looked at the clock and lets timers fire again.
update clock_watch set frozen_at = null where frozen_at is not null returning only_row;

-- name: organizations
-- Every organization with how many people and services it has.
select o.id, o.public_name, o.kind, o.channel, o.is_cco, o.state,
       (select count(*) from member m where m.org_id = o.id and m.state = 'active') as members,
       (select count(*) from healthcare_service s where s.org_id = o.id and s.active) as services
  from organization o order by o.is_cco desc, o.public_name, o.id;

-- name: members
-- The members of an organization, or of all.
select m.id, m.org_id, m.name, m.roles, m.state, o.public_name as organization
  from member m join organization o on o.id = m.org_id
 where $1::uuid is null or m.org_id = $1
 order by o.public_name, m.name, m.id;

-- name: links
-- The links of one referral, newest first.
select k.id, k.state, k.expires_at, k.seen_at
  from link k join referral r on r.id = k.referral_id
 where r.reference = $1 order by k.created_at desc, k.id desc;
