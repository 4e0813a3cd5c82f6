-- name: lock
-- One rotation at a time.
select pg_advisory_xact_lock(hashtext('lk.rotation'));

-- name: newest
-- The newest key of a purpose, and whether it is in use yet.
select version, state from (
  select version, state from org_key where org_id = $1 and purpose = $2
  union all select version, state from network_key where $1::uuid is null and purpose = $2) k
 order by version desc limit 1;

-- name: insert_network
-- One new key of the network.
insert into network_key (purpose, version, key_id, suite, state, wrapped, created_at)
values ($1, $2, $3, $4, $5, $6, lk.now());

-- name: expire
-- The key in use opens from now on and seals no more.
with own as (
  update org_key set state = 'expired', changed_at = lk.now()
   where org_id = $1 and purpose = $2 and state = 'active' and version < $3 returning version
), shown as (
  update public_key set state = 'expired'
   where org_id = $1 and purpose = $2 and state = 'active' and version < $3 returning version
), network as (
  update network_key set state = 'expired', changed_at = lk.now()
   where $1::uuid is null and purpose = $2 and state = 'active' and version < $3 returning version
)
select count(*) from (select version from own union all select version from network) x;

-- name: activate
-- The next one seals: a statement of its own, because one of a purpose is active.
with own as (
  update org_key set state = 'active', changed_at = lk.now()
   where org_id = $1 and purpose = $2 and version = $3 and state = 'pending' returning version
), shown as (
  update public_key set state = 'active'
   where org_id = $1 and purpose = $2 and version = $3 and state = 'pending' returning version
), network as (
  update network_key set state = 'active', changed_at = lk.now()
   where $1::uuid is null and purpose = $2 and version = $3 and state = 'pending'
  returning version
)
select count(*) from (select version from own union all select version from network) x;

-- name: organizations
-- Organizations that have keys, or the one named.
select distinct org_id from org_key
 where state = 'active' and ($1::uuid is null or org_id = $1) order by org_id;

-- name: under_old_root
-- Keys that another root key than this one wraps.
select org_id, purpose, version, key_id, state, suite, public, wrapped
  from org_key
 where purpose = 'ork' and state <> 'destroyed' and substr(wrapped, 2, 8) <> $1
union all
select null, purpose, version, key_id, state, suite, null, wrapped
  from network_key where state <> 'destroyed' and substr(wrapped, 2, 8) <> $1
 limit $2;

-- name: under_old_ork
-- Keys of organizations that another root key of theirs wraps than the one in use.
select k.org_id, k.purpose, k.version, k.key_id, k.state, k.suite, k.public, k.wrapped
  from org_key k
  join org_key p on p.org_id = k.org_id and p.purpose = 'ork' and p.state = 'active'
 where k.purpose <> 'ork' and k.state <> 'destroyed' and substr(k.wrapped, 2, 8) <> p.key_id
 order by k.org_id, k.purpose, k.version limit $1;

-- name: shown
-- Public halves after this place, to be attested by the root key in use.
select org_id, purpose, version, key_id, state, suite, public, ''::bytea as wrapped
  from public_key where (org_id, purpose, version) > ($1::uuid, $2::text, $3::int)
 order by org_id, purpose, version limit $4;

-- name: store_own
-- A key re-wrapped, if it is still the one that was read.
update org_key set wrapped = $4
 where org_id = $1 and purpose = $2 and version = $3 and wrapped = $5 returning version;

-- name: store_network
-- The same of the network's.
update network_key set wrapped = $3
 where purpose = $1 and version = $2 and wrapped = $4 returning version;

-- name: attest
-- A public half attested anew, in both places it stands.
with shown as (
  update public_key set public = $4 where org_id = $1 and purpose = $2 and version = $3
)
update org_key set public = $4 where org_id = $1 and purpose = $2 and version = $3;

-- name: old_seals
-- Seals to a key of their organization that seals no more.
select s.context_id, s.class as sensitivity, s.epoch, s.org_id, s.key_id, s.sealed
  from seal s
  join org_key k on k.org_id = s.org_id and k.purpose = 'osk' and k.key_id = s.key_id
 where k.state = 'expired' and k.openable and ($1::uuid is null or s.org_id = $1)
 limit $2;

-- name: store_seal
-- A seal made anew, if it is still the one that was read.
update seal set key_id = $5, sealed = $6
 where context_id = $1 and class = $2 and epoch = $3 and org_id = $4 and sealed = $7
returning epoch;

-- name: indexed_by_old
-- Patients with a token of an index key that is in use no more; nobody corrects them meanwhile.
select p.org_id, p.id, p.reference, p.sealed, p.revision, p.language, p.deceased_on,
       p.do_not_contact, p.version
  from patient p
 where p.sealed is not null and exists (
   select from patient_index i join org_key k on k.org_id = i.org_id
      and k.purpose = 'bik:' || i.field and k.version = i.key_version
    where i.org_id = p.org_id and i.patient_id = p.id and k.state = 'expired')
 order by p.org_id, p.id limit $1 for update of p;

-- name: named_by_old
-- Other systems' ids with a token of an index key that is in use no more.
select e.org_id, e.kind, e.system, e.token, e.subject_id, e.sealed
  from external_id e
  join org_key k on k.org_id = e.org_id and k.purpose = 'bik:external_id'
   and k.version = e.key_version
 where k.state = 'expired' limit $1;

-- name: store_name
-- Such an id under its new token.
update external_id set token = $5, key_version = $6
 where org_id = $1 and kind = $2 and system = $3 and token = $4;

-- name: rooted
-- The root key of this database from now on.
update root_key set key_id = $1, probe = $2, changed_at = lk.now() where key_id <> $1
returning changed_at;

-- name: root_since
-- How long the root key in use has been.
select key_id, coalesce(extract(epoch from lk.now() - changed_at), 1e9)::float8 as seconds
  from root_key;

-- name: unmet
-- Who signs in with an address that has no token of the index key in use, and can be read.
select p.id, p.login_sealed from person p
 where p.id > $1 and not exists (
   select from person_login l join network_key k on k.purpose = 'nbik' and k.state = 'active'
      and k.version = l.key_version where l.person_id = p.id)
 order by p.id limit $2;

-- name: meet
-- Their token of that key; the older one stays until everybody knows the new one.
insert into person_login (token, person_id, key_version) values ($1, $2, $3)
on conflict (token) do nothing;

-- name: drop_logins
-- Tokens of older keys go where there is one of the key in use, once no question waits that was
-- asked by somebody who did not know that key.
delete from person_login d using person_login n, network_key k
 where k.purpose = 'nbik' and k.state = 'active'
   and n.person_id = d.person_id and n.key_version = k.version and d.key_version < k.version
   and not exists (select from password_ask a
     where a.done_at is null and a.key_version < k.version);

-- name: mailboxes_by_old
-- Mailboxes under a token of an index key that is in use no more.
select a.org_id, a.id, a.sealed from address a
  join network_key k on k.purpose = 'nbik' and k.version = a.key_version
 where k.state = 'expired' and a.id > $1 order by a.id limit $2;

-- name: store_mailbox
-- Such a mailbox under its new token.
update address set token = $3, key_version = $4 where org_id = $1 and id = $2;

-- name: numbers_by_old
-- Telephone numbers under a token of an index key that is in use no more.
select n.id, n.sealed from text_number n
  join network_key k on k.purpose = 'nbik' and k.version = n.key_version
 where k.state = 'expired' and n.id > $1 order by n.id limit $2;

-- name: store_number
-- Such a number under its new token, unless it was met anew under that one meanwhile.
update text_number n set token = $2, key_version = $3
 where n.id = $1 and not exists (select from text_number o where o.token = $2);

-- name: hold_logins
-- Whoever is writing a sign-in address ends first, and nobody begins.
select pg_advisory_xact_lock(hashtext('lk.logins'));

-- name: youngest
-- How long ago the last key came into use.
select coalesce(extract(epoch from min(lk.now() - changed_at)), 1e9)::float8 from (
  select changed_at from org_key where state = 'active' and purpose not like 'pfk:%'
  union all select changed_at from network_key where state = 'active') k;

-- name: hanging
-- Every key with what still hangs on it: seals, wrapped keys, values, tokens.
with held as (
  select substr(sealed, 2, 8) as key_id from address
  union all select substr(phrase_sealed, 2, 8) from address where phrase_sealed is not null
  union all select substr(sealed, 2, 8) from agency_worker
  union all select substr(sealed, 2, 8) from external_id
  union all select substr(sealed, 2, 8) from break_glass
  union all select substr(review_sealed, 2, 8) from break_glass where review_sealed is not null
  union all select substr(sealed, 2, 8) from parked_form
  union all select substr(sealed, 2, 8) from thread_note where sealed is not null
  union all select substr(sealed, 2, 8) from message_draft
  union all select substr(sealed, 2, 8) from agency_note
  union all select substr(sealed, 2, 8) from webhook
  union all select substr(sealed, 2, 8) from text_number
  union all select substr(sealed, 2, 8) from inbound_text
  union all select substr(login_sealed, 2, 8) from person
  union all select substr(totp_sealed, 2, 8) from person where totp_sealed is not null
), counted as (
  select key_id, count(*) as values from held group by key_id
)
select k.org_id, k.purpose, k.version, k.key_id, k.state, k.openable,
       extract(epoch from lk.now() - coalesce(k.changed_at, k.created_at))::float8 as seconds,
       case
         -- A signature is verified by the public half, which stays.
         when k.state = 'destroyed' or k.purpose = 'sig' then 0
         when k.purpose = 'ork' then (select count(*) from org_key c
           where c.org_id = k.org_id and c.purpose <> 'ork' and c.state <> 'destroyed'
             and substr(c.wrapped, 2, 8) = k.key_id)
         when k.purpose = 'osk' then (select count(*) from seal s
           where s.org_id = k.org_id and s.key_id = k.key_id)
         when k.purpose = 'bik:external_id' then (select count(*) from external_id e
           where e.org_id = k.org_id and e.key_version = k.version)
         when k.purpose like 'bik:%' then (select count(*) from patient_index i
           where i.org_id = k.org_id and i.field = substr(k.purpose, 5)
             and i.key_version = k.version)
         when k.purpose in ('field', 'netfield') then coalesce(
           (select c.values from counted c where c.key_id = k.key_id), 0)
         when k.purpose = 'nbik' then
           -- Who is found under a newer one needs no older one.
           (select count(*) from person_login l where l.key_version = k.version
              and not exists (select from person_login n where n.person_id = l.person_id
                and n.key_version > l.key_version))
           + (select count(*) from address a where a.key_version = k.version)
           + (select count(*) from text_number n where n.key_version = k.version)
           + (select count(*) from password_ask a
               where a.done_at is null and a.key_version = k.version)
       end as hanging
  from (select org_id, purpose, version, key_id, state, openable, changed_at, created_at
          from org_key where purpose not like 'pfk:%'
        union all
        select null, purpose, version, key_id, state, openable, changed_at, created_at
          from network_key) k
 where $1::uuid is null or k.org_id = $1
 order by k.org_id nulls first, k.purpose, k.version;

-- name: floor
-- The least version of a purpose that may still open; those below are refused, and can be let in
-- again until they are destroyed.
with own as (
  update org_key set openable = version >= $3, changed_at = lk.now()
   where org_id = $1 and purpose = $2 and state = 'expired' and openable <> (version >= $3)
  returning version
), network as (
  update network_key set openable = version >= $3, changed_at = lk.now()
   where $1::uuid is null and purpose = $2 and state = 'expired' and openable <> (version >= $3)
  returning version
)
select count(*) from (select version from own union all select version from network) x;

-- name: destroy
-- A key that was refused long enough, and on which nothing hangs, is gone.
with own as (
  update org_key set state = 'destroyed', wrapped = ''::bytea, changed_at = lk.now()
   where org_id = $1 and purpose = $2 and version = $3 and state = 'expired' and not openable
  returning version
), shown as (
  update public_key set state = 'destroyed'
   where org_id = $1 and purpose = $2 and version = $3 and purpose = 'osk'
), network as (
  update network_key set state = 'destroyed', wrapped = ''::bytea, changed_at = lk.now()
   where $1::uuid is null and purpose = $2 and version = $3 and state = 'expired' and not openable
  returning version
)
select count(*) from (select version from own union all select version from network) x;
