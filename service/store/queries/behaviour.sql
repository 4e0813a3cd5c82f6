-- name: forget
-- What was reckoned before; it is reckoned anew as a whole.
delete from service_behaviour;

-- name: reckon
-- Referrals sent to each service in half a year and a day or more ago: how many were answered, how
-- many accepted, and in how many hours, half of them. Too few of them say nothing.
insert into service_behaviour (service_id, sent, answered, accepted, answer_hours, made_at)
select a.service_id, a.sent, a.answered, a.accepted, a.answer_hours, lk.now()
  from (select l.service_id, count(*)::int as sent, count(f.answered_at)::int as answered,
               count(f.accepted_at)::int as accepted,
               (percentile_cont(0.5) within group
                 (order by extract(epoch from f.answered_at - l.created_at) / 3600))::real as answer_hours
          from leg l
          cross join lateral (
            select min(e.happened_at) filter (where e.step in ('accept', 'decline', 'ask')) as answered_at,
                   min(e.happened_at) filter (where e.step = 'accept') as accepted_at,
                   coalesce(bool_or(e.step in ('withdraw', 'filled', 'void')), false) as withdrawn
              from event e where e.leg_id = l.id) f
         where l.created_at between lk.now() - interval '180 days' and lk.now() - interval '1 day'
           and l.service_id is not null and l.state <> 'draft'
           and not (f.withdrawn and f.answered_at is null)
         group by l.service_id having count(*) >= 5) a;
