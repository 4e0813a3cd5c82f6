-- name: insert
-- What a provider said, as it said it; a second time it changes nothing.
insert into receipt (id, provider, event_id, kind, message_id, code, delivery_id, facts, received_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, lk.now())
on conflict (provider, event_id) do nothing returning id;

-- name: waiting
-- Receipts nobody has applied yet, with the delivery each speaks of.
select r.id, r.provider, r.kind, r.code, d.id as delivery_id, d.org_id, d.referral_id, d.effect_id
  from receipt r
  left join delivery d on d.id = coalesce(r.delivery_id,
       (select named.id from delivery named where named.message_id = r.message_id limit 1))
 where r.applied_at is null order by r.received_at, r.id limit $1 for update of r skip locked;

-- name: applied
-- This receipt has said what it had to say.
update receipt set applied_at = lk.now() where id = $1 and applied_at is null returning true;

-- name: stands
-- Where a delivery stands, locked: the courier may be writing its own answer just now.
select state from delivery where id = $1 for update;

-- name: moved
-- What the receipt knows; the caller has compared it with where the delivery stands. What went in a
-- digest fares as its mail did.
with told as (
  select d.id, d.effect_id from delivery d where d.id = $1
)
update delivery set state = $2, detail = coalesce($3, detail), finished_at = lk.now()
 where id = $1 or effect_id in (select o.id from told join outbox o on o.digest_id = told.effect_id
   where o.state = 'done');

-- name: softly
-- A mailbox did not take this one, and may take the next.
update delivery set soft_at = coalesce(soft_at, lk.now()) where id = $1;

-- name: soft_ones
-- How many the same mailbox did not take lately, since the last that is known to have arrived.
select count(*) from delivery me
  join delivery d on coalesce(d.address_id, d.member_id) = coalesce(me.address_id, me.member_id)
 where me.id = $1 and d.soft_at > lk.now() - $2::interval
   and d.soft_at > coalesce((select max(x.finished_at) from delivery x
         where coalesce(x.address_id, x.member_id) = coalesce(me.address_id, me.member_id)
           and x.state = 'delivered'), '-infinity');
