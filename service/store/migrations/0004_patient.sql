-- Patients belong to one organization; there is no patient id of the network.
create table patient (
  org_id uuid not null references organization,
  id uuid not null unique,
  reference text not null unique,
  sealed bytea not null,
  revision int not null default 1,
  language text not null default 'en',
  time_zone text,
  safe_contact jsonb not null default '{}',
  deceased_on date,
  do_not_contact boolean not null default false,
  created_at timestamptz not null,
  version int not null default 1,
  primary key (org_id, id)
);

create table patient_index (
  org_id uuid not null,
  field text not null check (field in
    ('phone', 'email', 'mrn', 'birth_initial', 'name_initial')),
  token bytea not null,
  patient_id uuid not null,
  key_version int not null default 1,
  primary key (org_id, field, token, patient_id),
  foreign key (org_id, patient_id) references patient (org_id, id)
);

create table contact (
  org_id uuid not null,
  id uuid not null unique,
  patient_id uuid not null,
  relation text not null check (relation in ('self', 'parent', 'guardian', 'caregiver', 'other')),
  language text not null default 'en',
  classes text[] not null default '{general}',
  may_text boolean not null default false,
  sealed bytea not null,
  state text not null default 'active' check (state in ('active', 'removed')),
  created_at timestamptz not null,
  version int not null default 1,
  primary key (org_id, id),
  foreign key (org_id, patient_id) references patient (org_id, id)
);

create table consent (
  org_id uuid not null,
  id uuid not null unique,
  patient_id uuid not null,
  basis text not null check (basis in
    ('treatment', 'signed_form', 'verbal_witnessed', 'part2_consent', 'emergency')),
  classes text[] not null,
  to_org_ids uuid[] not null default '{}',
  purpose text not null,
  signed_on date not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  document_hash bytea,
  sealed bytea,
  recorded_by_member_id uuid,
  created_at timestamptz not null,
  primary key (org_id, id),
  foreign key (org_id, patient_id) references patient (org_id, id)
);

create table external_id (
  org_id uuid not null references organization,
  kind text not null check (kind in
    ('referral', 'leg', 'patient', 'document', 'appointment')),
  system text not null,
  token bytea not null,
  subject_id uuid not null,
  sealed bytea not null,
  created_at timestamptz not null,
  primary key (org_id, kind, system, token)
);
create index external_id_subject on external_id (org_id, subject_id);
