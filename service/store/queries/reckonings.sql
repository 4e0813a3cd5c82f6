-- name: changed
-- An organization whose calendar changed since timers that wait for it were reckoned.
select o.id, o.time_zone as zone, o.hours,
       coalesce((select jsonb_agg(c.closed_on) from closure c where c.org_id = o.id), '[]') as closures
  from organization o
 where o.calendar_at is not null
   and exists (select from timer t where t.turn_org_id = o.id and t.state = 'armed'
                  and t.reckoned_at < o.calendar_at and t.rung < 4 and t.reckoning is not null)
 limit 1;

-- name: stale
-- Timers to reckon anew; one that somebody holds just now has its turn later.
select t.id, t.leg_id, t.clock, t.rung, t.started_at, t.reckoning
  from timer t
 where t.turn_org_id = $1 and t.state = 'armed' and t.rung < 4 and t.reckoning is not null
   and t.reckoned_at < (select o.calendar_at from organization o where o.id = $1)
 order by t.id limit $2 for update of t skip locked;

-- name: move
-- Their rungs as the calendar has them now.
update timer t
   set due_at = n.due_at, late_at = n.late_at, second_at = n.second_at, final_at = n.final_at,
       reckoned_at = lk.now()
  from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[])
       n (id, due_at, late_at, second_at, final_at)
 where t.id = n.id and t.state = 'armed';

-- name: promise
-- What legs say of when an answer, or what was asked for, is due.
update leg l
   set answer_due_at = case n.clock when 'answer' then n.late_at else l.answer_due_at end,
       ask_due_at = case n.clock when 'supply' then n.late_at else l.ask_due_at end
  from unnest($1::uuid[], $2::text[], $3::timestamptz[]) n (id, clock, late_at)
 where l.id = n.id;
