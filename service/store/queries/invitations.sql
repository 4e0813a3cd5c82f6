-- name: insert
-- A one-time link to set a password with; only its hash is kept.
insert into invitation (secret_hash, id, person_id, purpose, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6);

-- name: retire
-- A new link ends those before it.
update invitation set used_at = $2 where person_id = $1 and used_at is null;

-- name: peek
-- Whom an invitation is for, while it lives; seen by its hash only.
select id, person_id, purpose from invitation
 where secret_hash = $1 and used_at is null and expires_at > $2;

-- name: claim
-- Use an invitation up; of two at once one gets it.
update invitation set used_at = $2
 where secret_hash = $1 and used_at is null and expires_at > $2
returning id, person_id, purpose;
