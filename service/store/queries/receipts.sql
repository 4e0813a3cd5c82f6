-- name: insert
-- What a provider said, as it said it; a second time it changes nothing.
insert into receipt (id, provider, event_id, kind, message_id, code, received_at)
values ($1, $2, $3, $4, $5, $6, lk.now())
on conflict (provider, event_id) do nothing returning id;

-- name: waiting
-- Receipts nobody has applied yet, with the delivery each speaks of.
select r.id, r.kind, r.code, d.id as delivery_id, d.org_id, d.referral_id, d.effect_id
  from receipt r left join delivery d on d.message_id = r.message_id
 where r.applied_at is null order by r.received_at, r.id limit $1 for update of r skip locked;

-- name: applied
-- This receipt has said what it had to say.
update receipt set applied_at = lk.now() where id = $1 and applied_at is null returning true;

-- name: stands
-- Where a delivery stands, locked: the courier may be writing its own answer just now.
select state from delivery where id = $1 for update;

-- name: moved
-- What the receipt knows; the caller has compared it with where the delivery stands.
update delivery set state = $2, detail = coalesce($3, detail), finished_at = lk.now() where id = $1;
