-- Keys that are rotated and destroyed, what is held back from that, and what is gone for good.

-- Moves with everything that ends a key: whoever remembers keys forgets them when it has moved.
create table key_generation (
  only_row boolean primary key default true check (only_row),
  generation bigint not null default 1
);
insert into key_generation default values;

-- `openable` is false below the purpose's least version that may still open: refused, not yet gone.
alter table org_key add column openable boolean not null default true,
  add column changed_at timestamptz;
alter table network_key add column openable boolean not null default true,
  add column changed_at timestamptz;
alter table root_key add column changed_at timestamptz;

-- Which version of its index key made a token, so that two can be read while one is replaced.
alter table external_id add column key_version int not null default 1;
alter table address add column key_version int not null default 1;
alter table person add column key_version int not null default 1;
create index patient_index_version on patient_index (org_id, field, key_version, patient_id);

-- Nothing that a hold touches is destroyed, whoever asks.
create table legal_hold (
  id uuid primary key,
  kind text not null check (kind in
    ('message', 'referral', 'thread', 'patient', 'organization')),
  subject_id uuid not null,
  reason text not null check (length(reason) between 1 and 500),
  placed_at timestamptz not null,
  released_at timestamptz,
  release_reason text
);
create unique index legal_hold_one on legal_hold (kind, subject_id) where released_at is null;

-- An envelope that is null held its own key: nothing is left that opens it, here or for anybody.
alter table content alter column envelope drop not null, add column shredded_at timestamptz,
  add check (envelope is not null or shredded_at is not null);
alter table patient alter column sealed drop not null, add column shredded_at timestamptz,
  add check (sealed is not null or shredded_at is not null);
alter table contact alter column sealed drop not null;
alter table epoch drop constraint epoch_state_check,
  add constraint epoch_state_check check (state in ('active', 'closed', 'destroyed')),
  -- The version of its referral or thread at which it opened: writes since then are at most the
  -- difference, so nobody has to count what was wrapped under one key.
  add column since_version int not null default 0;

alter table key_generation enable row level security;
alter table key_generation force row level security;
alter table legal_hold enable row level security;
alter table legal_hold force row level security;
create policy key_generation_check on key_generation for select to lk_check using (true);
create policy legal_hold_check on legal_hold for select to lk_check using (true);
create policy key_generation_read on key_generation for select to lk_web, lk_worker using (true);
-- Who takes something back in the application has to know that it is held, and no more than that.
create policy legal_hold_read on legal_hold for select to lk_web using (released_at is null);

-- Rotation and shredding are the operator's: a role that nobody can log in as, taken on by the
-- owner's connection. Web and workers cannot change a key or a seal.
do $keys$
declare
  t text;
begin
  foreach t in array array[
    'root_key', 'network_key', 'org_key', 'public_key', 'key_generation', 'legal_hold', 'epoch',
    'seal', 'content', 'referral', 'party', 'leg', 'patient', 'patient_index', 'external_id',
    'contact', 'consent', 'address', 'agency_worker', 'person', 'organization', 'clock_offset',
    'audit', 'thread', 'thread_party', 'thread_title', 'message', 'thread_note'] loop
    if to_regclass('lk.' || t) is not null then
      execute format('create policy %I on %I to lk_keys using (true) with check (true)',
        t || '_keys', t);
    end if;
  end loop;
  foreach t in array array['thread', 'thread_party', 'thread_title', 'message', 'thread_note'] loop
    if to_regclass('lk.' || t) is not null then
      execute format('grant select on %I to lk_keys', t);
    end if;
  end loop;
  if to_regclass('lk.message') is not null then
    execute 'grant update (envelope, retracted_at, retract_reason, retract_sealed) on message
      to lk_keys';
    execute 'grant update (envelope) on thread_title to lk_keys';
    execute 'grant update (version, circle) on thread to lk_keys';
  end if;
end
$keys$;

grant usage on schema lk to lk_keys;
grant select on root_key, network_key, org_key, public_key, key_generation, legal_hold, epoch, seal,
  content, party, leg, patient, patient_index, external_id, contact, consent, address,
  agency_worker, person, organization, clock_offset to lk_keys;
grant select (id, reference, sender_org_id, patient_id, class, version) on referral to lk_keys;
grant update (version) on referral to lk_keys;
grant update (key_id, probe, changed_at) on root_key to lk_keys;
grant insert on network_key, org_key, public_key, legal_hold, audit to lk_keys;
grant update (state, openable, wrapped, changed_at) on network_key to lk_keys;
grant update (state, openable, wrapped, public, changed_at) on org_key to lk_keys;
grant update (state, public) on public_key to lk_keys;
grant update (generation) on key_generation to lk_keys;
grant update (released_at, release_reason) on legal_hold to lk_keys;
grant update (state, closed_at) on epoch to lk_keys;
grant update (key_id, sealed), delete on seal to lk_keys;
grant update (envelope, shredded_at) on content to lk_keys;
grant update (sealed, shredded_at, version) on patient to lk_keys;
grant update (sealed, version) on contact to lk_keys;
grant update (sealed) on consent to lk_keys;
grant insert, delete on patient_index to lk_keys;
grant update (token, key_version, sealed), delete on external_id to lk_keys;
grant update (token, key_version, sealed, phrase_sealed) on address to lk_keys;
grant update (sealed) on agency_worker to lk_keys;
grant update (login_token, key_version, login_sealed, totp_sealed) on person to lk_keys;

-- A key row is written once by the web; only the operator changes one.
revoke update on org_key, public_key from lk_web, lk_worker;
revoke insert on org_key, public_key from lk_worker;
grant select on key_generation to lk_web, lk_worker;
grant select (id, kind, subject_id, released_at) on legal_hold to lk_web;
grant select (only_row, generation) on key_generation to lk_check;
grant select (id, kind, subject_id, placed_at, released_at) on legal_hold to lk_check;
grant select (openable, changed_at) on org_key, network_key to lk_check;
grant select (changed_at) on root_key to lk_check;
grant select (key_version) on external_id, address, person to lk_check;
grant select (shredded_at) on content, patient to lk_check;
grant select (since_version) on epoch to lk_check;
