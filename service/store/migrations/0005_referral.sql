-- The order, its legs, its history. One statement writes a step; every other part joins its guard.
create table referral (
  id uuid primary key,
  reference text not null unique,
  sender_org_id uuid not null references organization,
  patient_id uuid not null,
  cco_org_id uuid references organization,
  typed_by_member_id uuid not null,
  ordering_npi text,
  ordering_name text,
  category text not null,
  code_system text,
  code text,
  request text not null check (request in ('consult', 'consult_and_treat', 'service')),
  priority text not null check (priority in ('routine', 'urgent', 'emergent')),
  mode text not null check (mode in ('first_accepts', 'all_needed')),
  class text not null check (class in
    ('general', 'behavioral', 'part2', 'psychotherapy', 'social_sensitive')),
  pattern text not null check (pattern in ('visit', 'course', 'ongoing')),
  reviewer text not null check (reviewer in ('staff', 'clinician')),
  evidence text not null check (evidence in ('none', 'outcome', 'consult_note')),
  consent_basis text,
  consent_id uuid,
  phone_handoff_at timestamptz,
  authorization_state text check (authorization_state in
    ('not_needed', 'requested', 'approved', 'denied')),
  authorization_expires_on date,
  requested_by date,
  state text not null check (state in
    ('draft', 'with_recipient', 'needs_routing', 'awaiting_review', 'closed', 'void')),
  version int not null default 1,
  last_seq int not null default 0,
  owner_org_id uuid not null,
  owner_member_id uuid not null,
  hold_until timestamptz,
  sent_at timestamptz,
  closed_at timestamptz,
  disposition text check (disposition in
    ('served', 'partly_served', 'seen_no_service', 'not_served')),
  need_met text check (need_met in ('yes', 'partly', 'no', 'unknown')),
  close_reason text,
  created_at timestamptz not null,
  foreign key (sender_org_id, patient_id) references patient (org_id, id),
  foreign key (sender_org_id, typed_by_member_id) references member (org_id, id),
  foreign key (owner_org_id, owner_member_id) references member (org_id, id),
  foreign key (sender_org_id, consent_id) references consent (org_id, id)
);
create index referral_sender on referral (sender_org_id, state, id desc);
create index referral_owner on referral (owner_org_id, owner_member_id, id desc)
  where state in ('with_recipient', 'needs_routing', 'awaiting_review');
create index referral_open_patient on referral (sender_org_id, patient_id, category)
  where state in ('draft', 'with_recipient', 'needs_routing', 'awaiting_review');

create table party (
  org_id uuid not null references organization,
  referral_id uuid not null references referral,
  capacity text not null check (capacity in ('sender', 'recipient', 'cco', 'observer')),
  classes text[] not null default '{}',
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (org_id, referral_id)
);
create index party_referral on party (referral_id);

create table leg (
  id uuid primary key,
  referral_id uuid not null references referral,
  number int not null,
  org_id uuid not null references organization,
  service_id uuid,
  channel text not null check (channel in ('account', 'link', 'partner', 'offline')),
  central_intake boolean not null default false,
  mode text not null check (mode in ('first_accepts', 'all_needed')),
  state text not null,
  version int not null default 1,
  owner_member_id uuid,
  received_at timestamptz,
  accepted_at timestamptz,
  asked_at timestamptz,
  ask_open boolean not null default false,
  ask_due_at timestamptz,
  answer_due_at timestamptz,
  expected_by date,
  next_check_on date,
  next_report_on date,
  waitlist_position int,
  appointment_at timestamptz,
  appointment_ends_at timestamptz,
  attempts int not null default 0,
  reason text,
  outcome text check (outcome in
    ('served', 'partly_served', 'seen_no_service', 'referred_onward')),
  need_met text check (need_met in ('yes', 'partly', 'no', 'unknown')),
  service_on date,
  completed_at timestamptz,
  reviewed_at timestamptz,
  ended_at timestamptz,
  replaces_leg_id uuid references leg,
  sent_at timestamptz,
  author_org_id uuid not null,
  created_at timestamptz not null,
  unique (referral_id, number),
  foreign key (org_id, service_id) references healthcare_service (org_id, id),
  foreign key (org_id, owner_member_id) references member (org_id, id)
);
create index leg_recipient on leg (org_id, state, id desc);
create index leg_referral on leg (referral_id);

-- Where the first acceptance wins, PostgreSQL itself refuses a second one.
create unique index leg_one_acceptance on leg (referral_id)
  where mode = 'first_accepts' and accepted_at is not null and state in
    ('accepted', 'waitlisted', 'scheduled', 'no_show', 'appt_cancelled', 'in_service');


create table event (
  referral_id uuid not null references referral,
  seq int not null check (seq > 0),
  id uuid not null unique,
  leg_id uuid references leg,
  machine text not null,
  from_state text not null,
  step text not null,
  party text not null,
  becomes text not null,
  rule_id text not null,
  actor_kind text not null check (actor_kind in ('member', 'link', 'clock', 'system')),
  actor_org_id uuid,
  actor_member_id uuid,
  api_key_id uuid,
  link_id uuid,
  worker_id uuid,
  source text not null check (source in
    ('web', 'api', 'link', 'partner', 'sms', 'phone', 'fax', 'letter', 'system')),
  on_behalf boolean not null default false,
  happened_at timestamptz not null,
  entered_at timestamptz not null,
  reason text,
  detail jsonb not null default '{}',
  content_id uuid,
  undoes_seq int,
  author_org_id uuid,
  primary key (referral_id, seq),
  foreign key (machine, from_state, step, party, becomes) references rule
);
create index event_leg on event (leg_id, seq);

create table document (
  id uuid primary key,
  referral_id uuid not null references referral,
  leg_id uuid references leg,
  content_id uuid not null,
  type_code text not null,
  type_system text not null default 'http://loinc.org',
  class text not null,
  written_on date not null,
  received_at timestamptz not null,
  entered_at timestamptz not null,
  source text not null,
  evidence text not null check (evidence in ('typed', 'upload', 'fax', 'phone', 'link', 'api')),
  entered_by_member_id uuid,
  author_org_id uuid not null
);
create index document_referral on document (referral_id);

create table appointment (
  id uuid primary key,
  referral_id uuid not null references referral,
  leg_id uuid not null references leg,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  time_zone text not null,
  site_id uuid references site (id),
  modality text check (modality in ('in_person', 'phone', 'video', 'home')),
  language_help text,
  state text not null check (state in ('booked', 'rebooked', 'no_show', 'cancelled', 'attended')),
  author_org_id uuid not null,
  created_at timestamptz not null
);
create index appointment_leg on appointment (leg_id);
create index appointment_referral on appointment (referral_id);

create table claim (
  id uuid primary key,
  referral_id uuid not null references referral,
  org_id uuid not null references organization,
  kind text not null,
  value text not null,
  source text not null,
  content_id uuid,
  claimed_at timestamptz not null
);

-- Strata codes for measures; no name, no date of birth.
create table referral_fact (
  referral_id uuid primary key references referral,
  age_band text,
  language text,
  sex text,
  race text[] not null default '{}',
  ethnicity text,
  payer_kind text
);
