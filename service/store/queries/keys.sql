-- name: own
-- Every key row of one purpose of an organization, in any state; what is refused is told without
-- its wrapped bytes.
select org_id, purpose, version, key_id, state, suite, public,
       case when openable then wrapped else ''::bytea end as wrapped
  from org_key where org_id = $1 and purpose = $2;

-- name: network
-- Every key row of one purpose of the network.
select null::uuid as org_id, purpose, version, key_id, state, suite, null::bytea as public,
       case when openable then wrapped else ''::bytea end as wrapped
  from network_key where purpose = $1;

-- name: own_ages
-- Every version of an organization's keys, and how old it is; nothing of a key itself.
select purpose, version, state, openable, created_at,
       extract(day from lk.now() - created_at)::int as days
  from org_key where org_id = $1 order by purpose, version desc;

-- name: network_ages
-- The same of the network's own.
select purpose, version, state, openable, created_at,
       extract(day from lk.now() - created_at)::int as days
  from network_key order by purpose, version desc;

-- name: public
-- The active public halves of these organizations, for sealing to them.
select org_id, purpose, version, key_id, state, suite, public, ''::bytea as wrapped
  from public_key where org_id = any($1::uuid[]) and purpose = 'osk' and state = 'active';

-- name: generation
-- Moves with every key that ends.
select generation from key_generation;

-- name: insert_own
-- One new key of an organization.
insert into org_key (org_id, purpose, version, key_id, suite, state, public, wrapped, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, lk.now());

-- name: insert_public
-- Its public half, for everybody.
insert into public_key (org_id, purpose, version, key_id, suite, state, public)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: seals
-- The epochs of a referral or thread with one organization's seal, empty where it holds none; the
-- epoch's state, since when it is written in, and who holds it.
select e.context_id, e.class as sensitivity, e.epoch, $2::uuid as org_id,
       coalesce(s.key_id, ''::bytea) as key_id, coalesce(s.sealed, ''::bytea) as sealed, e.state,
       e.since_version,
       array(select o.org_id from seal o where o.context_id = e.context_id and o.class = e.class
              and o.epoch = e.epoch order by o.org_id) as holders
  from epoch e
  left join seal s on (s.context_id, s.class, s.epoch) = (e.context_id, e.class, e.epoch)
       and s.org_id = $2
 where e.context_id = $1
 order by e.class, e.epoch;

-- name: probe
-- What only the right root key opens.
select probe from root_key;
