-- Sessions, keys for programs, and the one-time tokens that found them; only hashes are kept.
create table session (
  secret_hash bytea primary key,
  id uuid not null unique,
  person_id uuid not null references person,
  org_id uuid not null references organization,
  member_id uuid not null,
  csrf_hash bytea not null,
  totp_passed boolean not null default false,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  foreign key (org_id, member_id) references member (org_id, id)
);
-- Row security asks for a person's sessions, ended ones too.
create index session_person on session (person_id);
create index session_member on session (member_id);

create table api_key (
  org_id uuid not null references organization,
  id uuid not null unique,
  member_id uuid not null,
  name text not null,
  secret_hash bytea not null unique,
  created_by_member_id uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id)
);
create index api_key_member on api_key (member_id);

create table invitation (
  secret_hash bytea primary key,
  id uuid not null unique,
  person_id uuid not null references person,
  purpose text not null check (purpose in ('administrator', 'member', 'password')),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

create table idempotency (
  principal uuid not null,
  key text not null,
  body_mac bytea not null,
  route text not null,
  status int not null,
  resource_id uuid,
  resource_version int,
  created_at timestamptz not null,
  replayed_at timestamptz,
  org_id uuid not null,
  primary key (principal, key)
);
create index idempotency_age on idempotency (created_at);
