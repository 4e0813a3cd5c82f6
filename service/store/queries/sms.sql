-- name: texts_waiting
-- Texts nobody has heard yet, the oldest first, each out of the others' reach for a while: for longer
-- after each try. Whoever fell with it in hand keeps what goes to that phone waiting so long.
with due as (
  select id from inbound_text where handed_at is null and next_at <= lk.now()
   order by received_at, id limit $1 for update skip locked
)
update inbound_text t set next_at = lk.now() + interval '5 seconds' * least(t.tries + 1, 6), tries = t.tries + 1
  from due where t.id = due.id
returning t.id, t.provider, t.event_id, t.sealed, t.received_at, t.tries;

-- name: text_handed
-- A text was heard, or given up; false where somebody else was first.
update inbound_text set handed_at = lk.now(), outcome = $2, tokens = '{}'
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
-- Texts that nobody told us of in three days, and those that a provider took without saying so:
-- whether they arrived is not known.
update delivery d set state = 'unknown', detail = 'no_receipt'
  from outbox e
 where d.channel = 'sms' and d.finished_at <= lk.now() - $1::interval and e.id = d.effect_id
   and (d.state = 'sent' or d.state = 'unknown' and d.detail is distinct from 'no_receipt')
returning d.effect_id, d.org_id, d.referral_id, e.code;

-- name: tell_again
-- Whether they heard of it is not known, and the day is still to come: somebody tells them.
insert into human_task (id, kind, org_id, member_id, referral_id, leg_id, patient_id, reason, due_at,
  opened_at)
select $2, 'tell_patient', r.owner_org_id, r.owner_member_id, r.id, null,
       case when r.owner_org_id = r.sender_org_id then r.patient_id end, $3,
       least(lk.now() + interval '1 day', l.appointment_at), lk.now()
  from outbox e
  join referral r on r.id = e.referral_id
  join leg l on l.id = e.leg_id
 where e.id = $1 and l.state = 'scheduled' and l.appointment_at > lk.now()
   and not exists (select from event s where s.leg_id = l.id and s.step = 'schedule' and s.seq > e.seq)
on conflict do nothing;

-- name: perhaps_dead
-- Two failures for good in a row, since one last arrived: no phone answers to it. A person may say that
-- it does after all.
update text_number n set state = 'dead', state_at = lk.now()
  from delivery d
 where d.id = $1 and n.id = d.number_id and n.state = 'open'
   and (select count(*) from delivery x
         where x.number_id = n.id and x.state = 'bounced'
           and x.created_at > coalesce(n.reopened_at, '-infinity')
           and x.created_at > coalesce((select max(y.created_at) from delivery y
                 where y.number_id = n.id and y.state = 'delivered'), '-infinity')) >= 2;

-- name: strange
-- What proved that it is a provider's, and nobody understands: one task a reason for the coordinators,
-- or for whoever is there.
insert into human_task (id, kind, org_id, reason, due_at, opened_at)
select $1, 'callback_strange', o.id, $2, lk.now() + interval '1 day', lk.now()
  from organization o
 where not exists (select from human_task h
    where h.kind = 'callback_strange' and h.reason = $2 and h.state = 'open')
 order by o.is_cco desc, o.created_at limit 1;

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
