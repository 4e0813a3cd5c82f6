-- name: spent
-- A spent key; the same body marks it replayed, in the same statement.
with again as (
  update idempotency set replayed_at = lk.now()
   where principal = $1 and key = $2 and body_mac = $3
)
select body_mac, route, status, resource_id, resource_version
  from idempotency where principal = $1 and key = $2;

-- name: spend
-- A key spent by an act that is no step.
insert into idempotency (principal, key, body_mac, route, status, resource_id, resource_version,
  created_at, org_id)
values ($1, $2, $3, $4, $5, $6, $7, lk.now(), $8);
