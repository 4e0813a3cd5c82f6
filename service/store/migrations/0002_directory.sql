-- Who is in the network: organizations, their places, services, hours and people.
create table organization (
  id uuid primary key,
  name text not null check (length(name) between 1 and 200),
  public_name text not null check (length(public_name) between 1 and 200),
  kind text not null check (kind in
    ('primary_care', 'specialty', 'behavioral_health', 'social_service', 'coordination')),
  channel text not null check (channel in ('account', 'link', 'partner', 'offline')),
  is_cco boolean not null default false,
  central_intake boolean not null default false,
  part2_program boolean not null default false,
  covered_entity boolean not null default false,
  time_zone text not null,
  language text not null default 'en',
  phone text,
  hours jsonb not null default '[]',
  state text not null default 'active' check (state in ('active', 'left')),
  agreement_on date,
  created_at timestamptz not null,
  version int not null default 1
);
create unique index organization_one_cco on organization (is_cco) where is_cco;

create table closure (
  org_id uuid not null references organization,
  closed_on date not null,
  name text not null,
  primary key (org_id, closed_on)
);

create table site (
  org_id uuid not null references organization,
  id uuid not null unique,
  name text not null,
  street text, city text, region text, postal_code text, phone text,
  state text not null default 'active' check (state in ('active', 'closed')),
  created_at timestamptz not null,
  primary key (org_id, id)
);

create table healthcare_service (
  org_id uuid not null references organization,
  id uuid not null unique,
  site_id uuid,
  name text not null,
  category text not null,
  code_system text,
  code text,
  pattern text not null check (pattern in ('visit', 'course', 'ongoing')),
  reviewer text not null check (reviewer in ('staff', 'clinician')),
  evidence text not null check (evidence in ('none', 'outcome', 'consult_note')),
  required text[] not null default '{}',
  eligibility text not null default '',
  languages text[] not null default '{}',
  area text[] not null default '{}',
  capacity text not null default 'unknown'
    check (capacity in ('open', 'limited', 'waitlist', 'closed', 'unknown')),
  capacity_at timestamptz,
  no_capacity_until date,
  active boolean not null default true,
  created_at timestamptz not null,
  version int not null default 1,
  primary key (org_id, id),
  foreign key (org_id, site_id) references site (org_id, id)
);
create index healthcare_service_category on healthcare_service (category, org_id) where active;

create table person (
  id uuid primary key,
  login_token bytea not null unique,
  login_sealed bytea not null,
  name text not null,
  language text not null default 'en',
  password_hash text,
  totp_sealed bytea,
  totp_confirmed_at timestamptz,
  totp_last_step bigint not null default 0,
  failed_tries int not null default 0,
  delay_until timestamptz,
  state text not null default 'active' check (state in ('invited', 'active', 'disabled')),
  created_at timestamptz not null
);

create table member (
  org_id uuid not null references organization,
  id uuid not null unique,
  person_id uuid not null references person,
  name text not null,
  roles text[] not null,
  npi text,
  state text not null default 'active' check (state in ('active', 'inactive')),
  away_until date,
  cover_member_id uuid,
  created_at timestamptz not null,
  version int not null default 1,
  primary key (org_id, id),
  unique (org_id, person_id),
  foreign key (org_id, cover_member_id) references member (org_id, id)
);
create index member_person on member (person_id);

-- An organization's mailbox; a link goes to no other address.
create table address (
  org_id uuid not null references organization,
  id uuid not null unique,
  kind text not null default 'mail' check (kind in ('mail')),
  sealed bytea not null,
  token bytea not null,
  state text not null default 'attested' check (state in ('attested', 'bad', 'retired')),
  shared boolean not null default false,
  phrase_sealed bytea,
  attested_by_org_id uuid references organization,
  attested_at timestamptz,
  enrolled_at timestamptz,
  created_at timestamptz not null,
  primary key (org_id, id)
);
create unique index address_one_intake on address (org_id) where state = 'attested';

-- The named people of an organization that answers by link; no account.
create table agency_worker (
  org_id uuid not null references organization,
  id uuid not null unique,
  sealed bytea not null,
  pin_hash text,
  pin_expires_at timestamptz,
  pin_tries int not null default 0,
  confirmed_at timestamptz,
  confirmed_by_member_id uuid,
  entered_through_link_id uuid,
  state text not null default 'active' check (state in ('active', 'removed')),
  created_at timestamptz not null,
  primary key (org_id, id)
);

create table clock_setting (
  id uuid primary key,
  org_id uuid references organization,
  category text,
  priority text not null,
  clock text not null,
  amount int not null check (amount > 0),
  unit text not null check (unit in ('hours', 'business_days', 'days')),
  grace int not null default 0,
  set_by_member_id uuid,
  set_at timestamptz not null
);
create unique index clock_setting_one on clock_setting
  (coalesce(org_id, '00000000-0000-0000-0000-000000000000'), coalesce(category, ''), priority, clock);
