-- name: one_at_a_time
-- The pace of one recipient is looked at by one courier at a time; the lock ends with the transaction.
select pg_advisory_xact_lock(7102, hashtext($1::uuid::text));

-- name: calendar
-- When the recipient's organization is open, and the moment.
select json_build_object('zone', o.time_zone, 'hours', o.hours, 'closures', coalesce(
         (select json_agg(x.closed_on) from closure x where x.org_id = o.id), '[]')) as calendar,
       lk.now() as now
  from organization o where o.id = $1;

-- name: begun
-- An effect that was tried goes on as it began; one that was in a digest before goes by itself.
select o.digest_id is not null or exists (select from delivery d where d.effect_id = o.id)
  from outbox o where o.id = $1;

-- name: sent_since
-- How many routine reminders reached one recipient by themselves; what is urgent does not count.
select count(*) from delivery d join outbox o on o.id = d.effect_id
 where coalesce(d.address_id, d.member_id) = $1 and d.created_at >= $2 and d.channel = 'mail'
   and o.kind = 'nudge' and o.digest_id is null
   and not coalesce((d.said->'fields'->>'urgent')::boolean, false);

-- name: open_items
-- How many open items wait for one recipient: for a member what only the referral's owner can do,
-- for a mailbox what its organization is to answer. Before an appointment is over, nobody is awaited.
select count(distinct (t.referral_id, t.leg_id)) from timer t join referral r on r.id = t.referral_id
 where t.state = 'armed' and t.turn_org_id = $1 and (t.clock <> 'attend' or t.rung > 0)
   and case when $2::uuid is null then t.clock <> all($3::text[])
            else t.clock = any($3::text[]) and r.owner_member_id = $2 end;

-- name: gather
-- Into the recipient's digest of one morning, or nothing where that one was composed already.
with digest as (
  insert into outbox as o (id, kind, org_id, member_id, rank, digest_at, due_at, next_at, created_at)
  values ($2, $3, $4, $5, 6, $6, $6, $6, lk.now())
  on conflict (kind, org_id, coalesce(member_id, org_id), digest_at) where digest_at is not null
  do update set digest_at = excluded.digest_at
   where o.state = 'pending' and o.gathered_at is null
  returning o.id
)
update outbox o set state = 'gathered', digest_id = digest.id, claimed_until = null
  from digest where o.id = $1 returning true;

-- name: items
-- What a digest holds, the oldest first.
select o.id, o.kind, o.channel, o.org_id, o.referral_id, o.thread_id, o.leg_id, o.link_id,
       o.member_id, o.invitation_id, o.contact_id, o.number_id, o.patient_link_id, o.code, o.tries,
       false as expired, false as closed_way, 0::float8 as waited, false as reported
  from outbox o where o.digest_id = $1 and o.state = 'gathered' order by o.created_at, o.id;

-- name: close
-- From here on nothing joins this digest.
update outbox set gathered_at = lk.now() where id = $1;

-- name: item_delivery
-- The delivery of an item: it travels inside another's mail, and is begun when that one was taken.
insert into delivery (id, effect_id, org_id, referral_id, address_id, member_id, channel, state,
  message_id, said, attempts, created_at)
values ($1, $2, $3, $4, $5, $6, 'mail', 'attempted', $7, $8, 1, lk.now())
on conflict (effect_id) do nothing;

-- name: let_go
-- A digest says nothing any more: what it held ends with it.
with ended as (
  update outbox set state = $2, done_at = lk.now(), last_error = $3
   where digest_id = $1 and state = 'gathered' returning id
)
update delivery d set state = 'dead', finished_at = lk.now(), detail = $3
  from ended where d.effect_id = ended.id and d.state = 'attempted';

-- name: awaited
-- Of whom something late is waited for, by the name that everybody may know.
select o.public_name
  from referral r left join leg l on l.id = $2 and l.referral_id = r.id
  join organization o on o.id = coalesce(l.org_id, r.sender_org_id)
 where r.id = $1;
