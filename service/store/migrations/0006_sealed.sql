-- Keys and what they seal. Nothing in these tables opens without the root key.
create table org_key (
  org_id uuid not null references organization,
  purpose text not null,
  version int not null,
  key_id bytea not null,
  suite int not null,
  state text not null check (state in ('pending', 'active', 'expired', 'destroyed')),
  public bytea,
  wrapped bytea not null,
  created_at timestamptz not null,
  primary key (org_id, purpose, version)
);
create unique index org_key_one_active on org_key (org_id, purpose) where state = 'active';

create table network_key (
  purpose text not null,
  version int not null,
  key_id bytea not null,
  suite int not null,
  state text not null check (state in ('pending', 'active', 'expired', 'destroyed')),
  wrapped bytea not null,
  created_at timestamptz not null,
  primary key (purpose, version)
);
create unique index network_key_one_active on network_key (purpose) where state = 'active';

-- The public halves, readable by every organization that seals to another.
create table public_key (
  org_id uuid not null references organization,
  purpose text not null check (purpose in ('osk', 'sig')),
  version int not null,
  key_id bytea not null,
  suite int not null,
  state text not null,
  public bytea not null,
  primary key (org_id, purpose, version)
);

create table epoch (
  context_id uuid not null,
  class text not null,
  epoch int not null,
  referral_id uuid not null references referral,
  state text not null check (state in ('active', 'closed')),
  opened_at timestamptz not null,
  closed_at timestamptz,
  primary key (context_id, class, epoch)
);
create unique index epoch_one_active on epoch (context_id, class) where state = 'active';
create index epoch_referral on epoch (referral_id) where state = 'active';

create table seal (
  context_id uuid not null,
  class text not null,
  epoch int not null,
  org_id uuid not null references organization,
  key_id bytea not null,
  sealed bytea not null,
  referral_id uuid not null references referral,
  created_at timestamptz not null,
  primary key (context_id, class, epoch, org_id),
  foreign key (context_id, class, epoch) references epoch
);
create index seal_referral on seal (referral_id);

create table content (
  id uuid primary key,
  referral_id uuid not null references referral,
  leg_id uuid,
  kind text not null check (kind in
    ('package', 'identity', 'note', 'reason', 'items', 'document', 'owner', 'onbehalf')),
  context_id uuid not null,
  class text not null,
  epoch int not null,
  envelope bytea not null,
  author_org_id uuid not null,
  created_at timestamptz not null,
  foreign key (context_id, class, epoch) references epoch
);
create index content_referral on content (referral_id, kind);

-- Written in the transaction of the seal, so that the accounting is a by-product of the keys.
create table disclosure (
  id uuid primary key,
  referral_id uuid not null references referral,
  org_id uuid not null references organization,
  patient_id uuid not null,
  to_org_id uuid not null references organization,
  context_id uuid not null,
  class text not null,
  epoch int not null,
  basis text not null,
  consent_id uuid,
  disclosed_at timestamptz not null,
  unique (context_id, class, epoch, to_org_id)
);
create index disclosure_referral on disclosure (referral_id);
create index disclosure_patient on disclosure (org_id, patient_id, disclosed_at);
