-- name: sees_all
-- Whether row security keeps nothing from who asks: half a backup is none.
select rolsuper or rolbypassrls from pg_roles where rolname = current_user;

-- name: snapshot
-- One moment of the database, under a name that pg_dump joins.
select pg_export_snapshot() as id, lk.raw_now() as taken_at,
       current_setting('server_version_num')::int / 10000 as major,
       pg_database_size(current_database()) as size;

-- name: migrations
-- Which migrations ran, as they were then.
select name, checksum from schema_migration order by name;

-- name: took
-- A backup is whole and where it belongs.
insert into backup (id, taken_at, finished_at, files, bytes)
values ($1, $2, lk.raw_now(), $3, $4);

-- name: last
-- When the youngest backup was taken, in real time.
select max(taken_at) from backup;
