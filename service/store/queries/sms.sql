-- name: texts_waiting
-- Texts nobody has heard yet, the oldest first, each out of the others' reach for a while.
with due as (
  select id from inbound_text where handed_at is null and next_at <= lk.now()
   order by received_at, id limit $1 for update skip locked
)
update inbound_text t set next_at = lk.now() + interval '30 seconds', tries = t.tries + 1
  from due where t.id = due.id
returning t.id, t.provider, t.event_id, t.sealed, t.received_at, t.tries;

-- name: text_handed
-- A text was heard, or given up; false where somebody else was first.
update inbound_text set handed_at = lk.now(), outcome = $2
 where id = $1 and handed_at is null returning true;

-- name: meet
-- A provider of the settings that is new here.
insert into sms_provider (name, points, resting, window_at, moved_at)
values ($1, $2, $2, lk.now(), lk.now() - interval '1 hour') on conflict (name) do nothing;

-- name: weights
-- How these providers stand.
select name, points, resting, errors, window_at, error_at, moved_at
  from sms_provider where name = any($1::text[]) order by name;

-- name: weights_locked
-- How these providers stand, for whoever changes it.
select name, points, resting, errors, window_at, error_at, moved_at
  from sms_provider where name = any($1::text[]) order by name for update;

-- name: put_weight
-- How a provider stands from now on.
update sms_provider set points = $2, resting = $3, errors = $4, window_at = $5, error_at = $6,
       moved_at = $7
 where name = $1;

-- name: now
-- The one clock.
select lk.now();

-- name: no_receipt
-- Texts that nobody told us of in three days: whether they arrived is not known.
update delivery set state = 'unknown', detail = 'no_receipt'
 where channel = 'sms' and state = 'sent' and finished_at <= lk.now() - $1::interval
returning id;

-- name: opted_out
-- Whoever has the number of this delivery told the provider to let nothing through: nobody texts it
-- again, and the line of evidence says how we know.
with whose as (
  select number_id from delivery where id = $1 and number_id is not null
), stopped as (
  update text_number n set state = 'stopped', state_at = lk.now()
    from whose where n.id = whose.number_id and n.state = 'open'
  returning n.id
)
insert into text_consent (id, number_id, org_id, purpose, given, how, at)
select $2, stopped.id, null, null, false, 'carrier', lk.now() from stopped;
