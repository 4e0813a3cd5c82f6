-- Sign-in hardened: how a session was proven, passkeys, recovery codes, resets with a second
-- person, questions for a forgotten password, forms kept over a sign-in. Hashes only.
alter table session
  add column method text not null default 'password' check (method in
    ('password', 'password_totp', 'password_recovery', 'passkey')),
  add column proven_at timestamptz,
  add column device text check (length(device) <= 60);
comment on column session.proven_at is 'When the person last proved who they are; else created_at.';

-- How long somebody may be away before they sign in again; none: as the network says, else 30.
alter table organization add column idle_minutes int check (idle_minutes between 5 and 60);

create table passkey (
  id uuid primary key,
  person_id uuid not null references person,
  credential_hash bytea not null unique,
  credential_id bytea not null,
  public_key bytea not null,
  sign_count bigint not null,
  backed_up boolean not null,
  name text not null check (length(name) between 1 and 60),
  created_at timestamptz not null,
  last_used_at timestamptz,
  ended_at timestamptz,
  ended_why text check (ended_why in ('revoked', 'cloned', 'reset', 'left'))
);
create index passkey_person on passkey (person_id);

create table webauthn_challenge (
  challenge_hash bytea primary key,
  purpose text not null check (purpose in ('enrol', 'sign_in', 'prove')),
  person_id uuid references person,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  check ((person_id is null) = (purpose = 'sign_in'))
);
create index webauthn_challenge_age on webauthn_challenge (expires_at);

create table recovery_code (
  person_id uuid not null references person,
  code_hash bytea not null,
  created_at timestamptz not null,
  used_at timestamptz,
  ended_at timestamptz,
  primary key (person_id, code_hash)
);

-- A lost factor is reset by two people; where there is no second one, by time and notices.
create table factor_reset (
  id uuid primary key,
  org_id uuid not null references organization,
  member_id uuid not null,
  person_id uuid not null references person,
  second text not null check (second in ('colleague', 'network', 'time')),
  started_by_person_id uuid not null,
  started_by_member_id uuid not null,
  started_at timestamptz not null,
  ripe_at timestamptz not null,
  expires_at timestamptz not null,
  confirmed_by_person_id uuid,
  confirmed_by_member_id uuid,
  done_at timestamptz,
  ended_at timestamptz,
  foreign key (org_id, member_id) references member (org_id, id),
  -- Nobody is their own second person, and nobody resets themselves.
  check (confirmed_by_person_id is null or confirmed_by_person_id <> started_by_person_id
    or second = 'time'),
  check (started_by_person_id <> person_id),
  check (confirmed_by_person_id is null or confirmed_by_person_id <> person_id)
);
create unique index factor_reset_one on factor_reset (member_id)
  where done_at is null and ended_at is null;

-- Somebody says that they forgot their password. One row whether there is such a person or not.
create table password_ask (
  id uuid primary key,
  login_token bytea not null,
  asked_at timestamptz not null,
  done_at timestamptz
);
create index password_ask_open on password_ask (asked_at) where done_at is null;

-- What somebody had typed, or where they were, when their session ended; theirs alone, sealed.
create table parked_form (
  id uuid primary key,
  person_id uuid not null references person,
  org_id uuid not null references organization,
  kind text not null check (kind in ('form', 'place')),
  sealed bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index parked_form_person on parked_form (person_id, created_at);

-- Mails that only the person may read name the invitation or the passkey they speak of.
alter table outbox add column invitation_id uuid;
create index invitation_person on invitation (person_id);

do $fences$
declare
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
  person constant text := $x$nullif(current_setting('app.person', true), '')::uuid$x$;
  lookup constant text := $x$decode(coalesce(current_setting('app.lookup', true), ''), 'hex')$x$;
  network constant text := $x$current_setting('app.network', true) = 'on'$x$;
  mine text;
  t text;
begin
  foreach t in array array['passkey', 'webauthn_challenge', 'recovery_code', 'factor_reset',
                           'password_ask', 'parked_form'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to lk_check using (true)', t || '_check', t);
  end loop;
  foreach t in array array['recovery_code', 'parked_form'] loop
    execute format('create policy %I on %I to lk_web using (person_id = %s)
      with check (person_id = %s)', t || '_self', t, person, person);
  end loop;
  mine := format('person_id = %s or credential_hash = %s', person, lookup);
  execute format('create policy passkey_self on passkey to lk_web using (%s) with check (%s)',
    mine, mine);
  mine := format('person_id = %s or challenge_hash = %s', person, lookup);
  execute format('create policy webauthn_challenge_self on webauthn_challenge to lk_web
    using (%s) with check (%s)', mine, mine);
  mine := format('org_id = %s or person_id = %s or %s', org, person, network);
  execute format('create policy factor_reset_own on factor_reset to lk_web
    using (%s) with check (%s)', mine, mine);
  execute 'create policy password_ask_add on password_ask for insert to lk_web with check (true)';

  -- A worker answers who forgot their password: the address's index is its proof, as at the door.
  execute 'create policy password_ask_work on password_ask to lk_worker
    using (true) with check (true)';
  execute format('create policy person_asked on person for select to lk_worker
    using (login_token = %s)', lookup);
  mine := format('person_id = %s', person);
  execute format('create policy invitation_work on invitation to lk_worker
    using (%s) with check (%s)', mine, mine);
  -- The courier looks whether the link of a mail is still good, and nothing else of it.
  execute format('create policy invitation_mail on invitation for select to lk_worker
    using (exists (select 1 from member m where m.person_id = invitation.person_id
      and m.org_id = %s))', org);

  -- Chores: what is long over may be swept away, and nothing else is seen for it.
  execute $x$create policy webauthn_challenge_sweep on webauthn_challenge to lk_worker
    using (expires_at < lk.raw_now() - interval '1 day')$x$;
  execute $x$create policy parked_form_sweep on parked_form to lk_worker
    using (expires_at < lk.raw_now())$x$;
end
$fences$;

grant select, insert, update on passkey, webauthn_challenge, recovery_code, factor_reset to lk_web;
grant select, insert, delete on parked_form to lk_web;
grant insert on password_ask to lk_web;
grant select, update, delete on password_ask to lk_worker;
grant select, delete on webauthn_challenge, parked_form to lk_worker;
grant select on passkey, webauthn_challenge, recovery_code, factor_reset, password_ask to lk_check;
grant select (id, person_id, org_id, kind, created_at, expires_at) on parked_form to lk_check;
grant select (method, proven_at, device) on session to lk_check;
grant select (idle_minutes) on organization to lk_check;
grant select (invitation_id) on outbox to lk_check;
