-- The e-mail link: a name for a task, never a proof of a person.
create table link (
  id uuid primary key,
  org_id uuid not null references organization,
  referral_id uuid not null references referral,
  leg_id uuid not null references leg,
  address_id uuid not null,
  delivery_id uuid not null unique,
  secret_hash bytea not null unique,
  state text not null default 'live' check (state in ('live', 'revoked', 'frozen')),
  state_reason text,
  expires_at timestamptz not null,
  fail_count int not null default 0,
  delay_until timestamptz,
  seen_at timestamptz,
  created_at timestamptz not null,
  foreign key (org_id, address_id) references address (org_id, id)
);
create index link_leg on link (leg_id);
create index link_referral on link (referral_id);

-- One row a mail that a button asked for; its code is derived from the window and stored nowhere.
-- Times of codes, challenges and sessions are real time; a link's own expiry follows lk.now().
create table link_code (
  link_id uuid not null references link,
  org_id uuid not null references organization,
  window_start timestamptz not null,
  asked_at timestamptz not null,
  effect_id uuid not null unique,
  used_at timestamptz,
  primary key (link_id, window_start)
);

create table challenge (
  secret_hash bytea primary key,
  id uuid not null unique,
  link_id uuid references link,
  org_id uuid references organization,
  tries int not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  remembered_until timestamptz,
  used_at timestamptz
);
create index challenge_link on challenge (link_id);

create table link_session (
  secret_hash bytea primary key,
  id uuid not null unique,
  link_id uuid not null references link,
  challenge_id uuid not null,
  org_id uuid not null references organization,
  leg_id uuid not null references leg,
  referral_id uuid not null references referral,
  worker_id uuid,
  stepped_up_at timestamptz,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index link_session_live on link_session (link_id) where ended_at is null;

create table link_hit (
  link_id uuid not null references link,
  org_id uuid not null references organization,
  at timestamptz not null,
  method text not null
);
