-- name: lock
-- One sealer at a time; the lock ends with the transaction.
select pg_try_advisory_xact_lock(7317);

-- name: horizon
-- The oldest transaction that may still write; whatever older ones wrote is seen from here on.
select pg_snapshot_xmin(pg_current_snapshot())::text as horizon, lk.raw_now() as at;

-- name: fresh
-- Lines without a leaf, from where the sealer stands: whose log, which transaction, the row itself.
select coalesce(a.org_id, '00000000-0000-0000-0000-000000000000') as log_id, a.id,
       a.xact::text as xact,
       uuid_send(a.id), uuid_send(a.org_id), timestamptz_send(a.at),
       convert_to(a.actor_kind, 'UTF8'), uuid_send(a.actor_org_id), uuid_send(a.actor_member_id),
       uuid_send(a.api_key_id), uuid_send(a.link_id), uuid_send(a.worker_id),
       convert_to(a.action, 'UTF8'), convert_to(a.outcome, 'UTF8'),
       convert_to(a.resource_kind, 'UTF8'), uuid_send(a.resource_id), uuid_send(a.referral_id),
       convert_to(a.class, 'UTF8'), convert_to(a.request_id, 'UTF8'),
       convert_to(a.detail::text, 'UTF8'), convert_to(a.xact::text, 'UTF8')
  from audit a
 where (a.xact, a.id) > ((select p.xact from audit_position p), (select p.id from audit_position p))
   -- `offset 0` keeps PostgreSQL from hashing every leaf there is for a few lines.
   and not exists (select from audit_leaf l where l.audit_id = a.id offset 0)
 order by a.xact, a.id
 limit $1;

-- name: newest
-- The newest checkpoint, for the next one to name.
select number, at, previous, heads, heads_root, key_id, signature
  from audit_checkpoint order by number desc limit 1;

-- name: heads
-- How far these logs have come.
select h.log_id, h.size, h.root
  from unnest($1::uuid[]) w (log_id)
  cross join lateral (select log_id, size, root from audit_head
                       where log_id = w.log_id order by size desc limit 1) h;

-- name: nodes
-- The kept nodes that end here.
select seq, coalesce(node, leaf_hash) as node
  from audit_leaf where log_id = $1 and seq = any($2::bigint[]) order by seq;

-- name: add_leaves
-- Number these lines.
insert into audit_leaf (log_id, seq, audit_id, leaf_hash, node)
select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bytea[], $5::bytea[]);

-- name: add_checkpoint
-- One more checkpoint.
insert into audit_checkpoint (number, at, previous, heads, heads_root, key_id, signature)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: add_heads
-- The heads that it names.
insert into audit_head (log_id, size, number, root, place, path)
select log_id, size, $1, root, place, path
  from unnest($2::uuid[], $3::bigint[], $4::bytea[], $5::int[], $6::bytea[])
       n (log_id, size, root, place, path);

-- name: move
-- Go on from the end of a full batch, but never past what may still be written.
update audit_position
   set (xact, id) = (select xact, id from (values
     ($1::text::xid8, $2::uuid), ($3::text::xid8, '00000000-0000-0000-0000-000000000000'::uuid))
       n (xact, id) order by xact, id limit 1);
