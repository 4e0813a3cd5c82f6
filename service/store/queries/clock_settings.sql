-- name: in_force
-- Terms that people set and that are in force, with who said so.
select s.id, s.category, s.priority, s.clock, s.unit, s.amount, s.grace, s.set_at, m.name as set_by
  from clock_setting s left join member m on m.id = s.set_by_member_id
 where s.ended_at is null
 order by s.category nulls first, s.clock, s.priority;

-- name: end
-- A term is in force no more; nothing where somebody was first.
update clock_setting set ended_at = lk.now(), ended_by_member_id = $2
 where id = $1 and ended_at is null returning true;

-- name: add
-- A term from now on.
insert into clock_setting (id, category, priority, clock, unit, amount, grace, set_by_member_id, set_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, lk.now());

-- name: kinds
-- The kinds of service there are.
select distinct category from healthcare_service order by category;

-- name: waits
-- Waits of one clock that began in the last thirty days and this term would be about, newest first.
select t.referral_id, t.turn_org_id, t.started_at as start, coalesce(t.ended_at, lk.now()) as until,
       t.reckoning
  from timer t join referral r on r.id = t.referral_id
 where t.clock = $1 and t.started_at > lk.now() - interval '30 days'
   and t.reckoning->>'priority' = $2
   and case when $3::text is null
            -- What is said for everybody is not about kinds that have a word of their own.
            then not exists (select from clock_setting s where s.category = r.category
                                and s.clock = $1 and s.priority = $2 and s.ended_at is null)
            else r.category = $3 end
 order by t.started_at desc limit $4;

-- name: calendars
-- When these organizations are open.
select o.id, o.time_zone as zone, o.hours,
       coalesce((select jsonb_agg(c.closed_on) from closure c where c.org_id = o.id), '[]') as closures
  from organization o where o.id = any($1::uuid[]);
