-- name: dealings
-- In which capacity an organization deals with another through a referral, if it does.
select p.capacity
  from party p join leg l on l.referral_id = p.referral_id
 where p.org_id = $1 and l.org_id = $2 and p.capacity in ('sender', 'cco')
   and (p.ended_at is null or p.ended_at > lk.now())
 order by p.capacity limit 1;

-- name: people
-- The named people of an organization without accounts, and how each is confirmed.
select id, sealed, confirmed_at, pin_expires_at, pin_hash is not null as has_pin
  from agency_worker where org_id = $1 and state = 'active' order by id;

-- name: confirm
-- Somebody called the number on file: the person's own PIN counts from now on.
update agency_worker
   set confirmed_at = lk.now(), confirmed_by_member_id = $3, pin_tries = 0
 where org_id = $1 and id = $2 and state = 'active' and pin_hash is not null
   and pin_expires_at is null
returning id;

-- name: give_pin
-- A PIN told by telephone, for one day.
update agency_worker
   set pin_hash = $4, pin_expires_at = $5, pin_tries = 0, confirmed_at = lk.now(),
       confirmed_by_member_id = $3
 where org_id = $1 and id = $2 and state = 'active'
returning id;

-- name: remove
-- A person who left; what they did stays on record.
update agency_worker set state = 'removed', pin_hash = null
 where org_id = $1 and id = $2 and state = 'active' returning id;
