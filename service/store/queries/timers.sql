-- name: lock
-- One clockwork at a time; the lock ends with the transaction.
select pg_try_advisory_xact_lock(7101);

-- name: held
-- After a restore no timer fires until an operator releases it.
select lk.held();

-- name: nudge
-- Half-way: each due timer nudges whose turn it is, and waits for the end of its time. Where that
-- is past already, the last word follows at once and this one is left out.
with due as (
  select id, referral_id, leg_id, clock, turn_org_id, final_at from timer
   where state = 'armed' and rung = 0 and due_at <= lk.now() and referral_id is not null
   order by due_at limit $1 for update skip locked
), numbered as (
  select due.*, row_number() over (order by due.id) as place from due
), moved as (
  update timer t set rung = 1, due_at = greatest(t.due_at, t.final_at)
    from due where t.id = due.id
  returning t.id
), told as (
  insert into outbox (id, kind, referral_id, leg_id, org_id, code, due_at, next_at, created_at)
  select ($2::uuid[])[n.place], 'nudge', n.referral_id, n.leg_id, n.turn_org_id, n.clock, lk.now(),
         lk.now(), lk.now()
    from numbered n where n.final_at > lk.now()
)
select count(*) from moved;

-- name: overdue
-- Timers whose time is up, the longest wait first.
select id, referral_id, leg_id, clock from timer
 where state = 'armed' and rung > 0 and due_at <= lk.now() and referral_id is not null
 order by due_at limit $1;

-- name: look
-- What a timer waits for, as it stands; locked, so that a step and a tick take turns.
select t.clock, t.turn_org_id, r.state as referral_state, r.sender_org_id, l.state as leg_state,
       l.ask_open, l.reviewed_at, l.received_at
  from timer t join referral r on r.id = t.referral_id left join leg l on l.id = t.leg_id
 where t.id = $1 and t.state = 'armed' and t.due_at <= lk.now()
   for update of t skip locked;

-- name: disarm
-- It waits for nothing any more.
update timer set state = 'disarmed', ended_at = lk.now() where id = $1 and state = 'armed';

-- name: run_out
-- The time is up: a last word to whose turn it is, and a task that stands in for the timer.
with fired as (
  update timer set state = 'fired', ended_at = lk.now() where id = $1 and state = 'armed'
  returning referral_id, leg_id, clock, turn_org_id
), told as (
  insert into outbox (id, kind, referral_id, leg_id, org_id, code, due_at, next_at, created_at)
  select $2, 'nudge', f.referral_id, f.leg_id, f.turn_org_id, f.clock, lk.now(), lk.now(), lk.now()
    from fired f
)
insert into human_task (id, kind, org_id, member_id, referral_id, leg_id, about_org_id, reason,
  due_at, opened_at)
-- Protected care stays with its owner: the coordinators may not know whom to call about it.
select $3, 'overdue_' || f.clock,
       case when o.kept then r.owner_org_id else r.cco_org_id end,
       case when o.kept then r.owner_member_id end, f.referral_id, f.leg_id,
       f.turn_org_id, f.clock || '_overdue', lk.now(), lk.now()
  from fired f
  join referral r on r.id = f.referral_id
  cross join lateral (select r.cco_org_id is null
    or r.class in ('part2', 'psychotherapy') as kept) o
on conflict do nothing;

-- name: watch
-- What the guard saw last, and what the clock itself says now.
select w.wall, w.monotonic, w.boot_id, w.frozen_at, lk.raw_now() as raw
  from (select 1) one left join clock_watch w on true;

-- name: saw
-- What the guard sees.
insert into clock_watch (wall, monotonic, boot_id) values ($1, $2, $3)
on conflict (only_row) do update
   set wall = excluded.wall, monotonic = excluded.monotonic, boot_id = excluded.boot_id;

-- name: freeze
-- No timer fires until somebody has looked; true for whoever notices first.
update clock_watch set frozen_at = lk.raw_now() where frozen_at is null returning true;

-- name: freeze_task
-- The alarm: work for the coordinators, or for whoever is there.
insert into human_task (id, kind, org_id, reason, opened_at)
select $1, 'clock_jump', o.id, 'clock_jumped', lk.now()
  from organization o order by o.is_cco desc, o.created_at limit 1;

-- name: sweep_keys
-- Keys of acts live for seven days.
delete from idempotency where created_at < lk.now() - interval '7 days';

-- name: sweep_sessions
-- Sessions that are long over.
delete from session where expires_at < lk.raw_now() - interval '7 days';

-- name: sweep_challenges
-- Browsers that asked for a code long ago and are not remembered.
delete from challenge where expires_at < lk.raw_now() - interval '7 days'
   and (remembered_until is null or remembered_until < lk.raw_now());

-- name: sweep_passkey_challenges
-- Ceremonies of passkeys that are long over.
delete from webauthn_challenge where expires_at < lk.raw_now() - interval '1 day';

-- name: sweep_parked_forms
-- What was kept over a sign-in and never fetched.
delete from parked_form where expires_at < lk.raw_now();

-- name: sweep_password_asks
-- Answered questions for a forgotten password.
delete from password_ask where done_at < lk.raw_now() - interval '1 day';

-- name: sweep_deliveries
-- Nobody confirmed these in 72 hours: what became of them is unknown.
update delivery set state = 'unknown'
 where state = 'sent' and finished_at < lk.now() - interval '72 hours';
