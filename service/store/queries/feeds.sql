-- name: lock
-- One numberer at a time; the lock ends with the transaction.
select pg_try_advisory_xact_lock(7335);

-- name: horizon
-- The oldest transaction that may still write; whatever older ones wrote is seen from here on.
select pg_snapshot_xmin(pg_current_snapshot())::text;

-- name: fresh
-- Events without a number, from where the numberer stands; with each, those before it in its history.
with page as materialized (
  select e.referral_id, e.seq
    from event e
   where (e.xact, e.id) > ((select p.xact from feed_position p), (select p.id from feed_position p))
     -- `offset 0` keeps PostgreSQL from hashing every number there is for a few events.
     and not exists (select from feed f where f.event_id = e.id offset 0)
   order by e.xact, e.id limit $1
)
select e.id, e.referral_id, e.seq, e.xact::text as xact, (e.referral_id, e.seq) in
         (select p.referral_id, p.seq from page p) as due
  from (select p.referral_id, max(p.seq) as seq from page p group by p.referral_id) last
  join event e on e.referral_id = last.referral_id and e.seq <= last.seq
 where not exists (select from feed f where f.event_id = e.id offset 0)
 order by e.xact, e.id;

-- name: add
-- Number these events for whoever had part in them then, in the order given: all of them for the
-- sender and the coordinators, of a recipient those of its own legs, of an observer the order's own.
insert into feed (org_id, number, event_id, referral_id, reference, leg_id, at, machine, step, party,
  becomes)
select p.org_id, coalesce(known.number, 0) + row_number() over (partition by p.org_id order by n.place),
       e.id, e.referral_id, r.reference, e.leg_id, e.entered_at, e.machine, e.step, e.party, e.becomes
  from unnest($1::uuid[]) with ordinality n (id, place)
  join event e on e.id = n.id
  join referral r on r.id = e.referral_id
  join party p on p.referral_id = e.referral_id and (p.capacity = 'sender' or p.started_at <= e.entered_at
       -- What ends a part is the last that is told of it.
       and (p.ended_at is null or p.ended_at >= e.entered_at))
  left join lateral (select f.number from feed f where f.org_id = p.org_id
                      order by f.number desc limit 1) known on true
 where case p.capacity
       when 'recipient' then case when e.leg_id is null then e.actor_org_id in (p.org_id, r.sender_org_id)
         else exists (select from leg l where l.id = e.leg_id and l.org_id = p.org_id) end
       when 'observer' then e.leg_id is null
       else true end;

-- name: move
-- Go on from the end of a full batch, but never past what may still be written.
update feed_position
   set (xact, id) = (select xact, id from (values
     ($1::text::xid8, $2::uuid), ($3::text::xid8, '00000000-0000-0000-0000-000000000000'::uuid))
       n (xact, id) order by xact, id limit 1);

-- name: page
-- Lines of an organization's feed after a number, the oldest first.
select f.number, f.event_id as id, f.at, f.machine, f.step, f.party, f.becomes, f.referral_id,
       f.reference, f.leg_id
  from feed f where f.org_id = $1 and f.number > $2 order by f.number limit $3;

-- name: last
-- The newest number of an organization, or nought.
select coalesce(max(f.number), 0) from feed f where f.org_id = $1;
