-- name: move_clock
-- A demo's clock, moved as far from real time as the story wants.
update clock_offset set offset_by = $1::interval where writable returning only_row;

-- name: offset_of
-- How far the clock was moved, and whether it may be.
select offset_by, writable from clock_offset;

-- name: settle
-- Mails of the past never leave: only what was caused after this moment goes out.
update outbox set state = 'done', done_at = due_at
 where state in ('pending', 'parked') and created_at < $1;

-- name: mailbox_of
-- Where an organization's links go.
select id from address where org_id = $1 and state = 'attested';
