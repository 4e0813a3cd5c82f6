-- name: lease
-- Due effects, the most pressing first, each out of the relays' reach until its lease ends. After a
-- restore none, here and below, until an operator releases them.
with due as (
  select id, rank, next_at from outbox
   where state = 'pending' and next_at <= lk.now() and kind <> 'webhook'
     and not (select lk.held())
   order by rank, next_at limit $1 for update skip locked
), rung as (
  update outbox o
     set next_at = lk.now() + interval '10 seconds', rings = o.rings + 1
    from due where o.id = due.id
  returning o.id, due.rank, due.next_at
)
select id from rung order by rank, next_at;

-- name: probe
-- One parked effect of each closed way to try it with, once its last probe is two seconds old.
select p.id from breaker b
 cross join lateral (select o.id from outbox o where o.state = 'parked' and o.channel = b.channel
   order by o.rank, o.due_at limit 1) p
 where b.opened_at is not null and b.probed_at <= lk.now() - interval '2 seconds'
   and not (select lk.held());

-- name: heads
-- Whose eyes each of these effects needs; those that are over are left out.
select id, channel, org_id, coalesce(referral_id, thread_id) as opening
  from outbox where id = any($1::uuid[]) and state in ('pending', 'parked');

-- name: claim
-- Take an effect for one courier; nothing where another has it or it is over.
update outbox o
   set claimed_until = lk.now() + interval '10 seconds', next_at = lk.now() + interval '10 seconds'
 where o.id = $1 and o.state in ('pending', 'parked')
   and (o.claimed_until is null or o.claimed_until <= lk.now()) and not (select lk.held())
returning o.id, o.kind, o.channel, o.org_id, o.referral_id, o.thread_id, o.leg_id, o.link_id,
  o.member_id, o.invitation_id, o.contact_id, o.number_id,
  o.patient_link_id, o.code, o.tries,
  o.expires_at is not null and o.expires_at <= lk.now() as expired,
  extract(epoch from lk.now() - o.due_at)::float8 as waited,
  exists (select 1 from breaker b where b.channel = o.channel and b.opened_at is not null)
    as closed_way,
  o.channel = 'sms' and exists (select from delivery d
    where d.effect_id = o.id and d.state in ('sent', 'delivered')) as reported;

-- name: known
-- A report came before the answer did: it was taken, and is not sent again.
update outbox set state = 'done', done_at = lk.now(), tries = tries + 1, claimed_until = null
 where id = $1 and state in ('pending', 'parked');

-- name: renew
-- Keep what is being carried out of the others' reach.
update outbox set claimed_until = lk.now() + interval '10 seconds',
       next_at = lk.now() + interval '10 seconds'
 where id = any($1::uuid[]) and state in ('pending', 'parked');

-- name: letter
-- Everything a mail may speak of, and where it goes; no content, only what the courier needs.
select o.channel, o.language, o.time_zone, a.id as address_id, a.sealed as mailbox_sealed,
       a.phrase_sealed, m.id as member_id, p.id as person_id, p.login_sealed,
       p.language as person_language, coalesce(r.reference, t.reference) as reference, r.priority, r.state as referral_state,
       r.owner_org_id, r.owner_member_id, s.id as sender_org_id, s.public_name,
       s.phone as sender_phone,
       case when p.id is null then a.reminders_off_at else m.reminders_off_at end is not null
         as reminders_off,
       case when p.id is not null then coalesce(m.routine_mail, o.routine_mail) end as routine_mail,
       v.actor_member_id as acted_member_id, l.id is not null as has_leg, l.state as leg_state, l.ask_open,
       l.reviewed_at, l.answer_due_at, k.state as link_state, k.leg_id as link_leg_id,
       exists (select from invitation i where i.id = e.invitation_id and i.used_at is null
         and i.expires_at > lk.raw_now()) as invitation_live,
       (select count(*) from leg x where x.org_id = o.id and x.state = any($3::text[])) as open_items,
       (select coalesce(t.late_at, t.final_at) from timer t where t.referral_id = r.id and t.state = 'armed'
           and t.leg_id is not distinct from e.leg_id and t.clock = e.code) as final_at,
       e.created_at, lk.now() as now
  from outbox e
  join organization o on o.id = e.org_id
  left join referral r on r.id = e.referral_id
  left join thread t on t.id = e.thread_id and e.referral_id is null
  left join organization s on s.id = coalesce(e.about_org_id, r.sender_org_id)
  left join leg l on l.id = e.leg_id
  left join link k on k.id = e.link_id
  left join event v on v.referral_id = e.referral_id and v.seq = e.seq
  left join address a on a.org_id = e.org_id and a.state = 'attested'
       and a.id = coalesce(e.address_id, k.address_id, a.id)
  left join member asked on asked.org_id = e.org_id and asked.id = coalesce(e.member_id,
       case when e.kind = 'nudge' and e.code = any($2::text[]) then r.owner_member_id end)
  left join member m on m.org_id = e.org_id
       and (m.state = 'active' or e.kind = any($4::text[])) and m.id = case
       when e.kind = any($4::text[]) then asked.id
       when asked.away_until >= lk.now()::date and asked.cover_member_id is not null
       then asked.cover_member_id else asked.id end
  left join person p on p.id = m.person_id
 where e.id = $1;

-- name: attempt
-- The one delivery of an effect; a second try finds the first one's id, words and date again.
insert into delivery as d (id, effect_id, org_id, referral_id, address_id, member_id, channel, state,
  message_id, said, attempts, created_at, attempted_at)
values ($1, $2, $3, $4, $5, $6, $7, 'attempted', $8, $9, 1, lk.now(), lk.now())
on conflict (effect_id) do update
   set attempts = d.attempts + 1, attempted_at = excluded.attempted_at
returning d.id, d.message_id, d.said, d.created_at;

-- name: again
-- Not now: wait, and count the try.
with effect as (
  update outbox set next_at = lk.now() + $2::interval, tries = $3, rings = 0, last_error = $4,
         claimed_until = null, state = 'pending'
   where id = $1 and state in ('pending', 'parked')
)
update delivery set attempted_at = null, detail = $4 where effect_id = $1;

-- name: park
-- Behind an open breaker nothing is tried and nothing counts.
with effect as (
  update outbox set state = 'parked', claimed_until = null, last_error = coalesce($2, last_error)
   where id = $1 and state in ('pending', 'parked')
)
update delivery set attempted_at = null where effect_id = $1 and state = 'attempted';

-- name: give_up
-- A dead letter, and what it held; the work for people that goes with it follows in the same
-- transaction.
with effect as (
  update outbox set state = 'dead', done_at = lk.now(), tries = $2, last_error = $3,
         claimed_until = null
   where id = $1 and state in ('pending', 'parked') or digest_id = $1 and state = 'gathered'
  returning id
)
update delivery
   set state = case when state = 'attempted' then $4 else state end, detail = $3,
       finished_at = lk.now()
 where effect_id = $1 or effect_id in (select id from effect);

-- name: let_go
-- Nothing is said any more: its time is over, or what it spoke of is.
with effect as (
  update outbox set state = $2, done_at = lk.now(), last_error = $3, claimed_until = null
   where id = $1 and state in ('pending', 'parked')
)
update delivery set state = 'dead', finished_at = lk.now(), detail = $3
 where effect_id = $1 and state = 'attempted';

-- name: open_task
-- Work for a person about an effect: for the referral's owner, else for the coordinators.
insert into human_task (id, kind, org_id, member_id, referral_id, leg_id, about_org_id, effect_id,
  reason, opened_at)
select $2, $3, coalesce(r.owner_org_id, (select c.id from organization c where c.is_cco), e.org_id),
       r.owner_member_id, e.referral_id, e.leg_id, e.org_id, e.id, $4, lk.now()
  from outbox e left join referral r on r.id = e.referral_id
 where e.id = $1 and not exists (
   select 1 from human_task h where h.effect_id = e.id and h.state = 'open');

-- name: spoke_of
-- The referrals of what went in a digest, or died in it.
select distinct referral_id, leg_id from outbox
 where digest_id = $1 and referral_id is not null and state in ('done', 'dead')
 order by referral_id, leg_id;

-- name: owner
-- Who answers for a referral.
select owner_org_id, owner_member_id from referral where id = $1;

-- name: open_shared_task
-- Work for one organization about all that a digest said to it, or was to say.
insert into human_task (id, kind, org_id, member_id, referral_id, leg_id, about_org_id, effect_id,
  reason, opened_at)
select $2, $3, $5, $6, $7, $8, e.org_id, e.id, $4, lk.now()
  from outbox e
 where e.id = $1 and not exists (select from human_task h
   where h.effect_id = e.id and h.org_id = $5 and h.state = 'open');

-- name: breaker
-- How a channel stands, locked: whoever parks and whoever frees take turns.
select opened_at, probed_at, lk.now() as now from breaker where channel = $1 for update;

-- name: breaker_opens
-- The way is closed; true only for whoever finds it first.
with at as materialized (select lk.now() as now)
insert into breaker as b (channel, opened_at, probed_at) select $1, at.now, at.now from at
on conflict (channel) do update
   set opened_at = coalesce(b.opened_at, excluded.opened_at), probed_at = excluded.probed_at
returning b.opened_at = b.probed_at as first;

-- name: breaker_probes
-- A probe is on its way; the next one waits its turn.
update breaker set probed_at = lk.now() where channel = $1;

-- name: breaker_closes
-- The way is open again; true for whoever finds it first.
update breaker set opened_at = null where channel = $1 and opened_at is not null returning true;

-- name: free
-- Everything parked behind this channel is due at once.
update outbox set state = 'pending', next_at = lk.now(), rings = 0, claimed_until = null
 where state = 'parked' and channel = $1;

-- name: channel_task
-- One task for one outage of a channel.
insert into human_task (id, kind, org_id, effect_id, reason, opened_at)
select $1, 'channel_down', coalesce((select c.id from organization c where c.is_cco), $2), $3,
       case when $4 = 'mail' then 'channel_unreachable' else $4 || '_unreachable' end, lk.now()
 where not exists (select 1 from human_task h join outbox o on o.id = h.effect_id
                    where h.kind = 'channel_down' and h.state = 'open' and o.channel = $4);

-- name: channel_task_done
-- The outage is over.
update human_task h set state = 'done', resolved_at = lk.now(), resolution = 'reachable again'
  from outbox o where o.id = h.effect_id and o.channel = $1
   and h.kind = 'channel_down' and h.state = 'open';

-- name: address_dead
-- A mailbox that does not exist: no link to it works and nobody writes to it again.
with bad as (
  update address a set state = 'bad'
   where a.id = (select d.address_id from delivery d where d.id = $1) and a.state = 'attested'
), revoked as (
  update link k set state = 'revoked', state_reason = 'address_bounced'
   where k.address_id = (select d.address_id from delivery d where d.id = $1) and k.state <> 'revoked'
  returning k.id
)
update link_session s set ended_at = lk.now()
  from revoked where s.link_id = revoked.id and s.ended_at is null;

-- name: beat
-- A worker is alive, in real time: a network whose clock is moved on has not been silent for as long.
insert into worker_beat (name, beat_at, detail) values ($1, lk.raw_now(), $2)
on conflict (name) do update set beat_at = excluded.beat_at, detail = excluded.detail;

-- name: tries
-- How often an effect was tried, while it still waits; locked, so that nothing joins what is given up.
select tries from outbox where id = $1 and state in ('pending', 'parked') for update;

-- name: done
-- The next hop took these, and what went in them. A receipt that came first keeps what it knows.
with taken as materialized (
  select * from unnest($1::uuid[], $2::text[]) as t (id, ref)
), told as materialized (
  select id, ref from taken union all
  select o.id, taken.ref from taken join outbox o on o.digest_id = taken.id and o.state = 'gathered'
), effect as (
  update outbox o
     set state = 'done', done_at = lk.now(), tries = o.tries + 1, last_error = null,
         claimed_until = null
    from told where o.id = told.id and o.state in ('pending', 'parked', 'gathered')
)
update delivery d
   set state = case when d.state = 'attempted' then 'sent' else d.state end,
       provider_ref = told.ref, detail = null, finished_at = lk.now()
  from told where d.effect_id = told.id;

-- name: see
-- Look at one more referral in this transaction.
select set_config('app.opening', $1::uuid::text, true);
