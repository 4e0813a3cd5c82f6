-- name: insert
-- A new webhook; it is told of what gets a number from now on.
insert into webhook (org_id, id, sealed, kinds, created_by_member_id, created_at, changed_at)
select $1, $2, $3, $4, $5, at.now, at.now from (select lk.now() as now) at
 where (select count(*) from webhook w where w.org_id = $1 and w.state <> 'ended') < $6
returning id;

-- name: of_organization
-- An organization's webhooks that have not ended, in the order they were made.
select w.org_id, w.id, w.sealed, w.kinds, w.state, w.reason, w.paused_until, w.created_at,
       w.changed_at,
       (select count(*) from outbox o where o.webhook_id = w.id and o.state = 'pending') as waiting
  from webhook w where w.org_id = $1 and w.state <> 'ended' order by w.created_at, w.id;

-- name: one
-- One of them, locked: whoever changes it takes turns.
select w.org_id, w.id, w.sealed, w.kinds, w.state, w.reason, w.paused_until, w.created_at,
       w.changed_at, 0::bigint as waiting
  from webhook w where w.org_id = $1 and w.id = $2 and w.state <> 'ended' for update;

-- name: seal
-- Its address and secrets, sealed anew.
update webhook set sealed = $3, changed_at = lk.now() where org_id = $1 and id = $2;

-- name: turn
-- It is at work, stopped, or over; what waits for one that is not at work is cancelled.
with turned as (
  update webhook set state = $3, reason = $4, paused_until = null, changed_at = lk.now()
   where org_id = $1 and id = $2 returning id
)
update outbox o
   set state = 'cancelled', done_at = lk.now(), last_error = 'webhook_' || $3, claimed_until = null
  from turned where o.webhook_id = turned.id and o.state = 'pending' and $3 <> 'active';

-- name: queue
-- What these events are worth to those who asked for their kind; a twin of the numbers' statement.
insert into outbox (id, kind, org_id, webhook_id, number, rank, due_at, next_at, created_at)
select gen_random_uuid(), 'webhook', f.org_id, w.id, f.number, 6, at.now,
       greatest(at.now, coalesce(w.paused_until, at.now)), at.now
  from (select lk.now() as now) at, feed f
  join webhook w on w.org_id = f.org_id and w.state = 'active'
       and (w.kinds = '{}' or f.machine || '.' || f.step = any(w.kinds))
 where f.event_id = any($1::uuid[])
on conflict do nothing;

-- name: due
-- The oldest due effect of each webhook that nobody has in hand.
select n.id
  from webhook w
  cross join lateral (
    select o.id, o.claimed_until, o.next_at from outbox o
     where o.webhook_id = w.id and o.state = 'pending' and o.next_at <= lk.now()
     order by o.number limit 1) n
 where w.state = 'active'
   and not exists (select from outbox x where x.webhook_id = w.id and x.state = 'pending'
                    and x.claimed_until > lk.now())
 order by n.next_at limit $1;

-- name: claim
-- Take one effect for a minute; nothing where another has it or it is over.
update outbox o
   set claimed_until = lk.now() + interval '60 seconds', next_at = lk.now() + interval '60 seconds'
  from webhook w, feed f
 where o.id = $1 and o.state = 'pending' and (o.claimed_until is null or o.claimed_until <= lk.now())
   and w.id = o.webhook_id and w.state = 'active' and f.org_id = o.org_id and f.number = o.number
returning o.id, o.org_id, w.id as webhook_id, w.sealed, o.tries, o.number, f.event_id, f.at,
  f.machine, f.step, f.referral_id, f.leg_id;

-- name: taken
-- The receiver has it, and whatever waited behind it may go.
with effect as (
  update outbox set state = 'done', done_at = lk.now(), tries = tries + 1, last_error = $2,
         claimed_until = null
   where id = $1 and state = 'pending' returning webhook_id
), freed as (
  update webhook w set paused_until = null from effect
   where w.id = effect.webhook_id and w.paused_until is not null returning w.id
)
update outbox o set next_at = lk.now() from freed
 where o.webhook_id = freed.id and o.state = 'pending' and o.id <> $1;

-- name: again
-- Not now: this one is tried again after its wait, and nothing else of the webhook before that.
with effect as (
  update outbox set next_at = lk.now() + $2::interval, tries = $3, last_error = $4,
         claimed_until = null
   where id = $1 and state = 'pending' returning webhook_id, next_at
), paused as (
  update webhook w set paused_until = effect.next_at from effect where w.id = effect.webhook_id
  returning w.id, w.paused_until
)
update outbox o set next_at = greatest(o.next_at, paused.paused_until) from paused
 where o.webhook_id = paused.id and o.state = 'pending' and o.id <> $1;

-- name: dead
-- Tried for three days, or told never to come again.
update outbox set state = 'dead', done_at = lk.now(), tries = $2, last_error = $3,
       claimed_until = null
 where id = $1 and state = 'pending' returning webhook_id;

-- name: task
-- Work for whoever runs the organization: a receiver that is told nothing any more.
insert into human_task (id, kind, org_id, effect_id, reason, opened_at)
select $2, 'webhook_disabled', o.org_id, o.id, $3, lk.now() from outbox o where o.id = $1;

-- name: administrators
-- Who is told by mail that a webhook was stopped.
select m.id from member m where m.org_id = $1 and m.state = 'active' and 'org_admin' = any(m.roles);

-- name: deliveries
-- What was or will be told to a webhook, the newest first.
select o.number, f.event_id, f.machine || '.' || f.step as type, f.at, o.state, o.tries,
       o.last_error as detail, case when o.state = 'pending' then o.next_at end as next_at,
       o.done_at
  from outbox o join feed f on f.org_id = o.org_id and f.number = o.number
 where o.org_id = $1 and o.webhook_id = $2 and o.number < $3 order by o.number desc limit $4;

-- name: resend
-- Tell it again, under the same id: one number, or all that failed since a moment.
update outbox o
   set state = 'pending', next_at = lk.now(), due_at = lk.now(), tries = 0, done_at = null
 where o.org_id = $1 and o.webhook_id = $2 and o.state <> 'pending'
   and case when $3::bigint is not null then o.number = $3
            else o.state in ('dead', 'cancelled') and o.created_at >= $4 end
returning o.number;
