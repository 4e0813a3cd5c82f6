-- name: insert
-- A set of codes; only their hashes are kept.
insert into recovery_code (person_id, code_hash, created_at)
select $1, code_hash, $3 from unnest($2::bytea[]) as t (code_hash);

-- name: retire
-- A new set ends what is left of the one before.
update recovery_code set ended_at = $2
 where person_id = $1 and used_at is null and ended_at is null;

-- name: spend
-- Use one code up; of two at once one gets it.
update recovery_code set used_at = $3
 where person_id = $1 and code_hash = $2 and used_at is null and ended_at is null
returning person_id;

-- name: left
-- How many codes still work.
select count(*)::int from recovery_code
 where person_id = $1 and used_at is null and ended_at is null;
