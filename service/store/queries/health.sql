-- name: ready
-- Whether the clock answers and how long ago each worker gave a sign of life.
select b.name, extract(epoch from lk.raw_now() - b.beat_at)::float8 as silent_seconds
  from worker_beat b;

-- name: migrations
-- Which migrations this database has.
select name, checksum from schema_migration order by name;
