-- name: queue
-- A mail to the person behind a member; what is secret in it is derived when it is written.
insert into outbox (id, kind, org_id, member_id, code, invitation_id, rank, due_at, next_at,
  created_at)
select $1, $2, $3, $4, $5, $6, 1, at.now, at.now, at.now from (select lk.now() as now) at;
