-- name: insert
-- One line of the record; the web may write it for anybody and read none of others'.
insert into audit (id, org_id, at, actor_kind, actor_org_id, actor_member_id, api_key_id, link_id,
  worker_id, action, outcome, resource_kind, resource_id, class, request_id, detail)
values ($1, $2, lk.now(), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::jsonb);

-- name: listed
-- A look at a list, naming its records; none where the same caller was shown all of them in the same
-- list within a quarter of an hour.
insert into audit (id, org_id, at, actor_kind, actor_org_id, actor_member_id, api_key_id, action,
  outcome, resource_kind, request_id, detail)
select $1, $2, lk.now(), $3, $2, $4, $5, $7, 'done', 'list', $6, $8::jsonb
 where not exists (
   select from audit a
    where a.actor_member_id = $4 and a.action = $7
      -- As the index of looks at lists has it.
      and a.action in ('referral.list', 'thread.list', 'break_glass.list')
      and a.at > lk.now() - interval '15 minutes' and a.org_id = $2
      and a.detail->>'list' = $8::jsonb->>'list'
      and a.detail->>'caller' is not distinct from $8::jsonb->>'caller'
      and a.detail->'records' @> ($8::jsonb->'records'));

-- name: search
-- The lines of one organization that fit, the newest first.
select a.id, a.org_id, a.at, a.actor_kind, a.actor_org_id, a.actor_member_id, a.api_key_id,
       a.link_id, a.worker_id, a.action, a.outcome, a.resource_kind, a.resource_id, a.referral_id,
       a.class as sensitivity, a.request_id, a.detail
  from audit a
 where a.org_id = $1 and (a.at, a.id) < ($2::timestamptz, $3::uuid)
   and ($4::uuid is null or a.actor_member_id = $4)
   and ($5::text is null or a.action = $5)
   and (cardinality($6::uuid[]) = 0 or a.resource_id = any($6) or a.referral_id = any($6)
        or a.detail->'records' ?| $6::text[])
   and ($7::timestamptz is null or a.at >= $7) and ($8::timestamptz is null or a.at < $8)
 order by a.at desc, a.id desc limit $9;
