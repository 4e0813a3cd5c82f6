-- name: stages
-- How far the referrals of a period came, by kind of service, and how many days each stage took.
with cohort as (
  select r.id, r.category, r.sent_at, s.*, r.closed_at, r.state,
         coalesce(r.disposition in ('served', 'partly_served'), false) as served
    from referral r
    cross join lateral (
      select min(e.happened_at) filter (where e.step in ('accept', 'decline', 'ask', 'complete'))
               as answered_at,
             min(e.happened_at) filter (where e.step = 'accept') as accepted_at,
             min(e.happened_at) filter (where e.step in ('schedule', 'start')) as scheduled_at,
             min(e.happened_at) filter (where e.step = 'complete') as reported_at,
             coalesce(bool_or(e.step = 'withdraw'), false) as withdrawn
        from event e where e.referral_id = r.id) s
   where r.sent_at > lk.now() - $2::interval and r.state <> 'void'
     and (r.sender_org_id = $1 or r.cco_org_id = $1) and ($3::text is null or r.category = $3)
     and not (r.state in ('closed', 'needs_routing') and s.withdrawn and s.answered_at is null)
)
select category, count(*)::int as sent, count(answered_at)::int as answered,
       count(accepted_at)::int as accepted, count(scheduled_at)::int as scheduled,
       count(reported_at)::int as reported, (count(*) filter (where served))::int as served,
       (count(*) filter (where state = 'closed'))::int as closed
  from cohort group by category order by count(*) desc, category;

-- name: weeks
-- The median of days from sent to each stage, by the week in which they were sent.
with cohort as (
  select date_trunc('week', r.sent_at at time zone o.time_zone)::date as week, r.sent_at, s.*
    from referral r
    join organization o on o.id = $1
    cross join lateral (
      select min(e.happened_at) filter (where e.step in ('accept', 'decline', 'ask', 'complete'))
               as answered_at,
             min(e.happened_at) filter (where e.step in ('schedule', 'start')) as scheduled_at,
             min(e.happened_at) filter (where e.step = 'complete') as reported_at,
             coalesce(bool_or(e.step = 'withdraw'), false) as withdrawn
        from event e where e.referral_id = r.id) s
   where r.sent_at > lk.now() - $2::interval and r.state <> 'void'
     and (r.sender_org_id = $1 or r.cco_org_id = $1) and ($3::text is null or r.category = $3)
     and not (r.state in ('closed', 'needs_routing') and s.withdrawn and s.answered_at is null)
)
select week, count(*)::int as sent,
       percentile_cont(0.5) within group (order by extract(epoch from answered_at - sent_at) / 86400)
         as answered,
       percentile_cont(0.5) within group (order by extract(epoch from scheduled_at - sent_at) / 86400)
         as scheduled,
       percentile_cont(0.5) within group (order by extract(epoch from reported_at - sent_at) / 86400)
         as reported
  from cohort group by week order by week;

-- name: ages
-- Open referrals by how long ago they were sent, however long that is.
select case when r.sent_at > lk.now() - interval '7 days' then 'week'
            when r.sent_at > lk.now() - interval '14 days' then 'fortnight'
            when r.sent_at > lk.now() - interval '30 days' then 'month'
            when r.sent_at > lk.now() - interval '90 days' then 'quarter'
            else 'older' end as age, count(*)::int as number
  from referral r
 where r.state in ('with_recipient', 'needs_routing', 'awaiting_review')
   and (r.sender_org_id = $1 or r.cco_org_id = $1) and ($2::text is null or r.category = $2)
 group by 1;

-- name: partners
-- How those answer who were asked in a period, and what waits for them past its time now.
select l.org_id, o.public_name as name, count(*)::int as asked, count(a.at)::int as answered,
       count(l.accepted_at)::int as accepted,
       percentile_cont(0.5) within group (order by extract(epoch from a.at - l.sent_at) / 86400)
         as days,
       (count(*) filter (where l.state in ('sent', 'received') and a.at is null
                           and l.answer_due_at < lk.now()))::int as late,
       (max(extract(epoch from lk.now() - l.answer_due_at) / 86400)
          filter (where l.state in ('sent', 'received') and a.at is null
                    and l.answer_due_at < lk.now()))::float8 as late_days
  from referral r
  join leg l on l.referral_id = r.id and l.sent_at is not null
  join organization o on o.id = l.org_id
  left join lateral (
    select min(e.happened_at) as at from event e
     where e.referral_id = r.id and e.leg_id = l.id
       and e.step in ('accept', 'decline', 'ask', 'complete')) a on true
 where r.sent_at > lk.now() - $2::interval and r.state <> 'void'
   and (r.sender_org_id = $1 or r.cco_org_id = $1) and ($3::text is null or r.category = $3)
 group by l.org_id, o.public_name
 order by 7 desc, count(*) desc, o.public_name limit 200;

-- name: kinds
-- The kinds of service that were asked for in a year.
select distinct r.category from referral r
 where r.sent_at > lk.now() - interval '365 days' and (r.sender_org_id = $1 or r.cco_org_id = $1)
 order by r.category limit 200;
