-- name: insert
-- A key for a program, acting for one member; only its hash is kept.
insert into api_key (org_id, id, member_id, name, secret_hash, created_by_member_id, created_at,
  expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: of_organization
-- The keys of an organization, revoked ones too.
select id, member_id, name, created_by_member_id, created_at, expires_at, last_used_at, revoked_at
  from api_key where org_id = $1 order by id;

-- name: revoke
-- A key ends at once.
update api_key set revoked_at = $3
 where org_id = $1 and id = $2 and revoked_at is null returning id;
