-- name: skip
-- A demonstration's clock, so much further on; nothing where it may not be moved.
update clock_offset set offset_by = offset_by + $1::interval where writable returning lk.now();

-- name: now
-- What the clock of referrals says.
select lk.now() as now;
