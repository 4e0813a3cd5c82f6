-- name: own
-- Every key row of one purpose of an organization, in any state.
select org_id, purpose, version, key_id, state, suite, public, wrapped
  from org_key where org_id = $1 and purpose = $2;

-- name: network
-- Every key row of one purpose of the network.
select null::uuid as org_id, purpose, version, key_id, state, suite, null::bytea as public, wrapped
  from network_key where purpose = $1;

-- name: public
-- The active public halves of these organizations, for sealing to them.
select org_id, purpose, version, key_id, state, suite, public, ''::bytea as wrapped
  from public_key where org_id = any($1::uuid[]) and purpose = 'osk' and state = 'active';

-- name: insert_own
-- One new key of an organization.
insert into org_key (org_id, purpose, version, key_id, suite, state, public, wrapped, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, lk.now());

-- name: insert_public
-- Its public half, for everybody.
insert into public_key (org_id, purpose, version, key_id, suite, state, public)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: seals
-- The seals one organization holds on a referral, with the epoch's state, who else holds it, and
-- how far the epochs of its class have come.
select s.context_id, s.class as sensitivity, s.epoch, s.org_id, s.key_id, s.sealed, e.state,
       (select max(n.epoch) from epoch n where n.context_id = s.context_id and n.class = s.class)
         as newest,
       array(select o.org_id from seal o where o.context_id = s.context_id and o.class = s.class
              and o.epoch = s.epoch order by o.org_id) as holders
  from seal s join epoch e on (e.context_id, e.class, e.epoch) = (s.context_id, s.class, s.epoch)
 where s.referral_id = $1 and s.org_id = $2
 order by s.class, s.epoch;

-- name: probe
-- What only the right root key opens.
select probe from root_key;
