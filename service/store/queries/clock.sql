-- name: skip
-- A demonstration's clock, so much further on, and what it says from now on; nothing where it may not
-- be moved. lk.now() would still see the old offset in here.
update clock_offset set offset_by = offset_by + $1::interval where writable
returning lk.raw_now() + offset_by;

-- name: now
-- What the clock of referrals says.
select lk.now() as now;
