-- name: insert
-- Somebody lost what they sign in with.
insert into factor_reset (id, org_id, member_id, person_id, second, started_by_person_id,
  started_by_member_id, started_at, ripe_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: end_expired
-- One whose time is over makes room for the next.
update factor_reset set ended_at = $2
 where member_id = $1 and done_at is null and ended_at is null and expires_at <= $2;

-- name: waiting
-- What waits for a second person, or for its time.
select f.id, f.org_id, f.member_id, f.person_id, m.name, f.second, f.started_by_person_id,
       f.started_at, f.ripe_at, f.expires_at
  from factor_reset f join member m on (m.org_id, m.id) = (f.org_id, f.member_id)
 where f.done_at is null and f.ended_at is null and f.expires_at > $1
 order by f.started_at, f.id;

-- name: fetch
-- One that waits.
select f.id, f.org_id, f.member_id, f.person_id, m.name, f.second, f.started_by_person_id,
       f.started_at, f.ripe_at, f.expires_at
  from factor_reset f join member m on (m.org_id, m.id) = (f.org_id, f.member_id)
 where f.id = $1 and f.done_at is null and f.ended_at is null and f.expires_at > $2;

-- name: claim
-- Confirmed once, when it is ripe, by somebody who is neither of the two.
update factor_reset
   set done_at = $4, confirmed_by_person_id = $2, confirmed_by_member_id = $3
 where id = $1 and done_at is null and ended_at is null and ripe_at <= $4 and expires_at > $4
   and person_id <> $2 and (started_by_person_id <> $2 or second = 'time')
returning id;

-- name: end
-- It is not to be.
update factor_reset set ended_at = $2
 where id = $1 and done_at is null and ended_at is null returning id;

-- name: end_of_person
-- The person signed in with all they have: nothing was lost.
update factor_reset set ended_at = $2
 where person_id = $1 and done_at is null and ended_at is null;
