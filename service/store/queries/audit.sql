-- name: insert
-- One line of the record; the web may write it for anybody and read none of others'.
insert into audit (id, org_id, at, actor_kind, actor_org_id, actor_member_id, api_key_id, action,
  outcome, resource_kind, resource_id, class, request_id, detail)
values ($1, $2, lk.now(), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb);
