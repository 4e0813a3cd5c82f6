-- name: standing
-- How everything stands that an operator is woken for, in one row.
with at as materialized (select lk.now() as now)
select coalesce((select extract(epoch from at.now - min(o.next_at)) from outbox o
                  where o.state = 'pending' and o.next_at <= at.now), 0)::float8 as oldest_effect,
       (select count(*) from referral r
         where r.state in ('with_recipient', 'needs_routing', 'awaiting_review')
           and not exists (select from timer t where t.referral_id = r.id and t.state = 'armed')
           and not exists (select from human_task h where h.referral_id = r.id
                            and h.state = 'open')) as untimed,
       (select count(*) from timer t where t.state = 'armed'
           and t.due_at < at.now - interval '60 seconds') as overdue,
       coalesce((select extract(epoch from at.now - min(l.at)) from (
         select a.at from audit a
          where (a.xact, a.id) > ((select p.xact from audit_position p),
                                  (select p.id from audit_position p))
            and not exists (select from audit_leaf f where f.audit_id = a.id offset 0)
          order by a.xact, a.id limit 1000) l), 0)::float8 as sealer_lag,
       coalesce((select w.frozen_at is not null from clock_watch w), false) as frozen
  from at;

-- name: effects
-- Effects that are not over, by kind; of the dead ones those that nobody saw to yet.
select o.kind, case when o.state = 'pending' and o.next_at <= lk.now() then 'due'
                    when o.state = 'pending' then 'waiting' else o.state end as state,
       count(*)::int as number
  from outbox o
 where o.state = 'pending' or o.state = 'parked'
    or o.state = 'dead' and exists (select from human_task h where h.effect_id = o.id
                                     and h.state = 'open')
 group by 1, 2;

-- name: loops
-- Open referrals by how long ago they were sent.
select case when r.sent_at > lk.now() - interval '1 day' then 'day'
            when r.sent_at > lk.now() - interval '7 days' then 'week'
            when r.sent_at > lk.now() - interval '30 days' then 'month'
            when r.sent_at > lk.now() - interval '90 days' then 'quarter'
            else 'older' end as age, count(*)::int as number
  from referral r
 where r.state in ('with_recipient', 'needs_routing', 'awaiting_review')
 group by 1;

-- name: breakers
-- Since when each channel cannot be reached; 0 while it can.
select channel,
       coalesce(extract(epoch from lk.now() - opened_at), 0)::float8 as closed_seconds
  from breaker order by channel;

-- name: beats
-- How long ago each worker last said that it is alive.
select name, extract(epoch from lk.raw_now() - beat_at)::float8 as silent_seconds
  from worker_beat order by name;
