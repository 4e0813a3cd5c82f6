-- name: counts
-- How much there is to read, for the progress, and to find what no log accounts for.
select (select count(*) from audit_leaf) as leaves, (select count(*) from audit_head) as heads,
       (select count(*) from audit_checkpoint) as checkpoints;

-- name: checkpoints
-- The chain, a page at a time, each checkpoint with the heads it names.
select c.number, c.at, c.previous, c.heads, c.heads_root, c.key_id, c.signature,
       array(select h.log_id from audit_head h where h.number = c.number order by h.log_id) as logs,
       array(select h.size from audit_head h where h.number = c.number order by h.log_id) as sizes,
       array(select h.root from audit_head h where h.number = c.number order by h.log_id) as roots,
       array(select h.place from audit_head h where h.number = c.number order by h.log_id) as places,
       array(select h.path from audit_head h where h.number = c.number order by h.log_id) as paths
  from audit_checkpoint c where c.number > $1 order by c.number limit $2;

-- name: heads
-- How one log grew, a page at a time.
select size, root, number from audit_head where log_id = $1 and size > $2 order by size limit $3;

-- name: lines
-- One log with its lines, a page at a time; a line that is gone is all nothing.
select l.seq, l.audit_id, l.leaf_hash, l.node, coalesce(a.org_id, '00000000-0000-0000-0000-000000000000') as log_id,
       a.id is not null as there,
       uuid_send(a.id), uuid_send(a.org_id), timestamptz_send(a.at),
       convert_to(a.actor_kind, 'UTF8'), uuid_send(a.actor_org_id), uuid_send(a.actor_member_id),
       uuid_send(a.api_key_id), uuid_send(a.link_id), uuid_send(a.worker_id),
       convert_to(a.action, 'UTF8'), convert_to(a.outcome, 'UTF8'),
       convert_to(a.resource_kind, 'UTF8'), uuid_send(a.resource_id), uuid_send(a.referral_id),
       convert_to(a.class, 'UTF8'), convert_to(a.request_id, 'UTF8'),
       convert_to(a.detail::text, 'UTF8'), convert_to(a.xact::text, 'UTF8')
  from audit_leaf l left join audit a on a.id = l.audit_id
 where l.log_id = $1 and l.seq > $2
 order by l.seq limit $3;

-- name: unsealed
-- Lines that have no number yet, and how old the oldest is.
select count(*) as count, coalesce(extract(epoch from lk.now() - min(a.at)), 0)::float8 as seconds
  from audit a
 where ($1::uuid is null or coalesce(a.org_id, '00000000-0000-0000-0000-000000000000') = $1)
   and not exists (select from audit_leaf l where l.audit_id = a.id);

-- name: exported
-- Lines to hand out, a page at a time, in the order of their ids.
select a.id, a.org_id, a.at, a.actor_kind, a.actor_org_id, a.actor_member_id, a.api_key_id,
       a.link_id, a.worker_id, a.action, a.outcome, a.resource_kind, a.resource_id, a.referral_id,
       a.class as sensitivity, a.request_id, a.detail
  from audit a
 where a.id > $1 and ($2::uuid is null or a.org_id = $2)
   and ($3::timestamptz is null or a.at >= $3) and ($4::timestamptz is null or a.at < $4)
 order by a.id limit $5;
