-- What is owed: effects, timers, deliveries, work for people; and the record of it all.
create table outbox (
  id uuid primary key,
  kind text not null,
  referral_id uuid,
  leg_id uuid,
  link_id uuid,
  org_id uuid not null references organization,
  member_id uuid,
  address_id uuid,
  seq int,
  undo_of_seq int,
  code text,
  rank int not null default 5,
  due_at timestamptz not null,
  next_at timestamptz not null,
  expires_at timestamptz,
  state text not null default 'pending'
    check (state in ('pending', 'parked', 'done', 'expired', 'cancelled', 'dead')),
  tries int not null default 0,
  rings int not null default 0,
  claimed_until timestamptz,
  last_error text,
  created_at timestamptz not null,
  done_at timestamptz
);
create index outbox_due on outbox (next_at, rank) where state = 'pending';
-- Not by state: a queue looks empty when its rows are counted, and every look-up of a pending effect
-- would then be planned as a walk through all that is pending.
create index outbox_undo on outbox (referral_id) where undo_of_seq is not null;
create index outbox_parked on outbox (kind) where state = 'parked';

create table delivery (
  id uuid primary key,
  effect_id uuid not null unique references outbox,
  org_id uuid not null references organization,
  referral_id uuid references referral,
  address_id uuid,
  member_id uuid,
  channel text not null,
  state text not null check (state in
    ('attempted', 'sent', 'delivered', 'refused', 'bounced', 'unknown', 'dead')),
  message_id text not null,
  provider_ref text,
  said jsonb not null default '{}',
  detail text,
  attempts int not null default 0,
  created_at timestamptz not null,
  attempted_at timestamptz,
  finished_at timestamptz
);
create index delivery_attempted on delivery (attempted_at) where state = 'attempted';
create index delivery_message on delivery (message_id);

create table receipt (
  id uuid primary key,
  provider text not null,
  event_id text not null,
  kind text not null,
  message_id text,
  code text,
  received_at timestamptz not null,
  applied_at timestamptz,
  unique (provider, event_id)
);
create index receipt_waiting on receipt (received_at) where applied_at is null;

create table timer (
  id uuid primary key,
  referral_id uuid not null references referral,
  leg_id uuid references leg,
  clock text not null,
  rung int not null default 0,
  turn_org_id uuid not null references organization,
  started_at timestamptz not null,
  due_at timestamptz not null,
  final_at timestamptz not null,
  state text not null default 'armed' check (state in ('armed', 'fired', 'disarmed')),
  ended_at timestamptz
);
create index timer_due on timer (due_at) where state = 'armed';
create unique index timer_one on timer
  (referral_id, coalesce(leg_id, referral_id), clock) where state = 'armed';

create table human_task (
  id uuid primary key,
  kind text not null,
  org_id uuid not null references organization,
  member_id uuid,
  referral_id uuid references referral,
  leg_id uuid references leg,
  about_org_id uuid references organization,
  effect_id uuid,
  reason text not null,
  due_at timestamptz,
  state text not null default 'open' check (state in ('open', 'done', 'moot')),
  opened_at timestamptz not null,
  resolved_at timestamptz,
  resolved_by_member_id uuid,
  resolution text
);
create index human_task_open on human_task (org_id, opened_at, id) where state = 'open';
create index human_task_referral on human_task (referral_id) where state = 'open';
create unique index human_task_once on human_task
  (kind, referral_id, coalesce(leg_id, referral_id)) where state = 'open' and effect_id is null;

create table audit (
  id uuid primary key,
  org_id uuid,
  seq bigint,
  at timestamptz not null,
  actor_kind text not null,
  actor_org_id uuid,
  actor_member_id uuid,
  api_key_id uuid,
  link_id uuid,
  worker_id uuid,
  action text not null,
  outcome text not null default 'done' check (outcome in ('done', 'denied', 'failed')),
  resource_kind text,
  resource_id uuid,
  referral_id uuid,
  class text,
  request_id text,
  detail jsonb not null default '{}'
);
create index audit_org on audit (org_id, at);
create index audit_referral on audit (referral_id, at) where referral_id is not null;

create table worker_beat (
  name text primary key,
  beat_at timestamptz not null,
  detail jsonb not null default '{}'
);

create table breaker (
  channel text primary key,
  opened_at timestamptz,
  probed_at timestamptz
);

create table clock_watch (
  only_row boolean primary key default true check (only_row),
  wall timestamptz not null,
  monotonic double precision not null,
  boot_id text not null,
  frozen_at timestamptz
);
