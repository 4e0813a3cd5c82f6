-- name: line
-- One line of an organization: whose act it was, its number where it has one, and all its columns.
select a.actor_member_id, l.seq,
       uuid_send(a.id), uuid_send(a.org_id), timestamptz_send(a.at),
       convert_to(a.actor_kind, 'UTF8'), uuid_send(a.actor_org_id), uuid_send(a.actor_member_id),
       uuid_send(a.api_key_id), uuid_send(a.link_id), uuid_send(a.worker_id),
       convert_to(a.action, 'UTF8'), convert_to(a.outcome, 'UTF8'),
       convert_to(a.resource_kind, 'UTF8'), uuid_send(a.resource_id), uuid_send(a.referral_id),
       convert_to(a.class, 'UTF8'), convert_to(a.request_id, 'UTF8'),
       convert_to(a.detail::text, 'UTF8'), convert_to(a.xact::text, 'UTF8')
  from audit a left join audit_leaf l on l.log_id = a.org_id and l.audit_id = a.id
 where a.org_id = $1 and a.id = $2;

-- name: newest_head
-- How far a log has come, with the way from its head to the checkpoint that signs it.
select h.size, h.place, h.path, c.number, c.at, c.previous, c.heads, c.heads_root, c.key_id,
       c.signature
  from audit_head h join audit_checkpoint c on c.number = h.number
 where h.log_id = $1 and h.place >= 0
 order by h.size desc limit 1;

-- name: kept
-- What is kept at these places of a log.
select seq, leaf_hash as leaf, coalesce(node, leaf_hash) as node
  from audit_leaf where log_id = $1 and seq = any($2::bigint[]);
