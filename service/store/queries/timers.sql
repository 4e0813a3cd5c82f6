-- name: lock
-- One clockwork at a time; the lock ends with the transaction.
select pg_try_advisory_xact_lock(7101);

-- name: held
-- After a restore no timer fires until an operator releases it.
select lk.held();

-- name: nudge
-- Half-way and at its due time: each due timer nudges whose turn it is, and waits for its next rung.
-- Where that is past already, the last word follows at once and the first one is left out.
with due as (
  select id, referral_id, leg_id, clock, turn_org_id, rung,
         coalesce(late_at, final_at) as late_at, coalesce(second_at, final_at) as second_at
    from timer
   where state = 'armed' and rung < 2 and due_at <= lk.now() and referral_id is not null
   order by due_at limit $1 for update skip locked
), numbered as (
  select due.*, row_number() over (order by due.id) as place from due
), moved as (
  update timer t set rung = due.rung + 1,
         due_at = greatest(t.due_at, case due.rung when 0 then due.late_at else due.second_at end)
    from due where t.id = due.id
  returning t.id
), told as (
  insert into outbox (id, kind, referral_id, leg_id, org_id, code, due_at, next_at, created_at)
  select ($2::uuid[])[n.place], 'nudge', n.referral_id, n.leg_id, n.turn_org_id, n.clock, lk.now(),
         lk.now(), lk.now()
    from numbered n where n.rung = 1 or n.late_at > lk.now()
)
select count(*) from moved;

-- name: overdue
-- Timers that call in others, the longest wait first, and whose eyes that needs.
select t.id, t.referral_id, t.leg_id, t.clock, (select o.id from organization o where o.is_cco) as eyes
  from timer t
 where t.state = 'armed' and t.rung >= 2 and t.due_at <= lk.now() and t.referral_id is not null
 order by t.due_at limit $1;

-- name: look
-- What a timer waits for, as it stands; locked, so that a step and a tick take turns.
select t.id, t.referral_id, t.leg_id, t.clock, t.turn_org_id, t.rung, t.final_at,
       t.moves_to_member_id, r.state as referral_state, r.sender_org_id, r.owner_org_id,
       r.owner_member_id, r.cco_org_id, r.priority,
       -- Protected care stays with its owner: the coordinators may not know whom to call about it.
       r.cco_org_id is null or r.class in ('part2', 'psychotherapy') as kept,
       l.state as leg_state, l.ask_open, l.reviewed_at, l.received_at,
       case when l.id is not null and t.clock <> all($2::text[]) then l.owner_member_id
            else r.owner_member_id end as first_member_id,
       json_build_object('zone', c.time_zone, 'hours', c.hours,
         'closures', coalesce((select json_agg(x.closed_on) from closure x
                                where x.org_id = c.id), '[]')) as calendar,
       lk.now() as now
  from timer t join referral r on r.id = t.referral_id left join leg l on l.id = t.leg_id
  join organization c on c.id = coalesce(r.cco_org_id, r.owner_org_id)
 where t.id = $1 and t.state = 'armed' and t.due_at <= lk.now()
   for update of t skip locked;

-- name: coordinators
-- The organization that coordinates the network, if it has one.
select id from organization where is_cco;

-- name: disarm
-- It waits for nothing any more.
update timer set state = 'disarmed', ended_at = lk.now() where id = $1 and state = 'armed';

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
