-- name: insert
-- A named person of an organization without accounts; name and telephone are sealed.
insert into agency_worker (org_id, id, sealed, pin_hash, entered_through_link_id, created_at)
values ($1, $2, $3, $4, $5, lk.now());

-- name: every
-- The people of an organization, and whether each may step up today.
select id, sealed,
       pin_hash is not null and pin_tries < 5
         and ((confirmed_at is not null and pin_expires_at is null)
              or coalesce(pin_expires_at > $2, false)) as ready
  from agency_worker where org_id = $1 and state = 'active'
 order by created_at, id;

-- name: one
-- One person, for the line that says who looked.
select id, sealed, true as ready from agency_worker where org_id = $1 and id = $2;

-- name: spend
-- A try of a PIN, spent before anything is compared: five, until somebody confirms anew.
update agency_worker set pin_tries = pin_tries + 1
 where org_id = $1 and id = $2 and state = 'active' and pin_tries < 5
   and ((confirmed_at is not null and pin_expires_at is null) or pin_expires_at > $3)
returning pin_hash;

-- name: right
-- A right PIN gives the tries back.
update agency_worker set pin_tries = 0 where org_id = $1 and id = $2;

-- name: enrol
-- The mailbox has named its people; asked once.
update address a
   set enrolled_at = lk.now(), shared = $2, phrase_sealed = coalesce($3, a.phrase_sealed)
  from link k
 where k.id = $1 and (a.org_id, a.id) = (k.org_id, k.address_id) and a.enrolled_at is null
returning a.id;

-- name: mailbox
-- The mailbox of a link, for sealing what belongs to it.
select address_id from link where id = $1;
