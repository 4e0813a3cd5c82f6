-- Texts to a patient's contact: the numbers, who may text them and how that is known, what is asked
-- of them, what they said, and the page behind the link in a text.
create table text_number (
  id uuid primary key,
  token bytea not null unique,
  sealed bytea not null,
  key_version int not null default 1,
  -- stopped: they said so; wrong: it is somebody else's; dead: no phone answers to it.
  state text not null default 'open' check (state in ('open', 'stopped', 'wrong', 'dead')),
  state_at timestamptz,
  helped_at timestamptz,
  created_at timestamptz not null
);

-- Evidence, append-only: the newest line of a number, purpose and organization counts. A line without
-- an organization is for all of the network, one without a purpose for all purposes.
create table text_consent (
  id uuid primary key,
  number_id uuid not null references text_number,
  org_id uuid references organization,
  purpose text check (purpose in ('news', 'reminders', 'questions')),
  given boolean not null,
  how text not null check (how in ('in_person', 'phone', 'form', 'text', 'page', 'carrier')),
  contact_id uuid,
  member_id uuid,
  provider text,
  provider_event_id text,
  at timestamptz not null
);
create index text_consent_number on text_consent (number_id, at);

create table text_question (
  id uuid primary key,
  number_id uuid not null references text_number,
  org_id uuid not null references organization,
  referral_id uuid not null references referral,
  leg_id uuid references leg,
  contact_id uuid not null,
  kind text not null,
  effect_id uuid not null unique,
  asked_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  answer text
);
create unique index text_question_open on text_question (number_id) where ended_at is null;

-- What a phone said, once each: what it meant, and its words where a person has to read them.
create table text_heard (
  provider text not null,
  provider_event_id text not null,
  id uuid not null unique,
  number_id uuid not null references text_number,
  org_id uuid references organization,
  referral_id uuid references referral,
  meaning text not null,
  sealed bytea,
  at timestamptz not null,
  heard_at timestamptz not null,
  primary key (provider, provider_event_id)
);
create index text_heard_number on text_heard (number_id, heard_at);
create index text_heard_referral on text_heard (referral_id) where referral_id is not null;

alter table contact add column number_id uuid references text_number;
create index contact_number on contact (number_id) where number_id is not null;

alter table outbox add column channel text not null default 'mail'
    check (channel in ('mail', 'sms')),
  add column contact_id uuid,
  add column number_id uuid references text_number,
  add column patient_link_id uuid;
alter table delivery add column contact_id uuid, add column number_id uuid references text_number;
create index delivery_number on delivery (number_id, created_at) where number_id is not null;

alter table claim add column leg_id uuid references leg, add column contact_id uuid,
  add column contradicts boolean not null default false;
create index claim_referral on claim (referral_id, claimed_at);

-- The page behind the link in a text: the same rules as the e-mail link, for one contact.
create table patient_link (
  id uuid primary key,
  org_id uuid not null references organization,
  referral_id uuid not null references referral,
  contact_id uuid not null,
  number_id uuid not null references text_number,
  delivery_id uuid not null unique,
  secret_hash bytea not null unique,
  state text not null default 'live' check (state in ('live', 'revoked', 'frozen')),
  expires_at timestamptz not null,
  fail_count int not null default 0,
  delay_until timestamptz,
  created_at timestamptz not null
);
create index patient_link_number on patient_link (number_id);

create table patient_code (
  patient_link_id uuid not null references patient_link,
  org_id uuid not null references organization,
  window_start timestamptz not null,
  asked_at timestamptz not null,
  effect_id uuid not null unique,
  used_at timestamptz,
  primary key (patient_link_id, window_start)
);

-- A browser that pressed the button: a decoy where there is no link behind it.
create table patient_visit (
  secret_hash bytea primary key,
  id uuid not null unique,
  patient_link_id uuid references patient_link,
  org_id uuid references organization,
  tries int not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  entered_at timestamptz,
  seen_at timestamptz,
  ended_at timestamptz
);

do $fences$
declare
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
  lookup constant text := $x$decode(coalesce(current_setting('app.lookup', true), ''), 'hex')$x$;
  t text;
begin
  foreach t in array array['text_number', 'text_consent', 'text_question', 'text_heard',
                           'patient_link', 'patient_code', 'patient_visit'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to lk_check using (true)', t || '_check', t);
    execute format('create policy %I on %I to lk_worker using (true) with check (true)',
      t || '_work', t);
  end loop;
  -- A number belongs to nobody: the web knows its standing and never what it is.
  execute format('create policy text_number_known on text_number for select to lk_web
    using (token = %s or %s is not null)', lookup, org);
  execute format('create policy text_number_add on text_number for insert to lk_web
    with check (token = %s)', lookup);
  execute format('create policy text_number_stop on text_number for update to lk_web
    using (%s is not null)', org);
  execute format('create policy text_consent_own on text_consent to lk_web
    using (org_id = %s) with check (org_id = %s)', org, org);
  foreach t in array array['text_question', 'text_heard', 'patient_code'] loop
    execute format('create policy %I on %I to lk_web using (org_id = %s) with check (org_id = %s)',
      t || '_own', t, org, org);
  end loop;
  execute format('create policy patient_link_known on patient_link for select to lk_web
    using (secret_hash = %s or org_id = %s)', lookup, org);
  execute format('create policy patient_link_edit on patient_link for update to lk_web
    using (org_id = %s)', org);
  execute format('create policy patient_visit_known on patient_visit to lk_web
    using (secret_hash = %s or org_id = %s) with check (secret_hash = %s or org_id = %s)',
    lookup, org, lookup, org);
end
$fences$;

grant select, insert, update on text_number to lk_worker;
grant select (id, token, key_version, state, state_at), insert, update (state, state_at)
  on text_number to lk_web;
grant select, insert on text_consent to lk_web, lk_worker;
grant select, insert, update on text_question to lk_worker;
grant select, update on text_question to lk_web;
grant select, insert on text_heard to lk_worker;
grant select on text_heard to lk_web;
grant select, insert on patient_link to lk_worker;
grant select, update on patient_link to lk_web;
grant update (state) on patient_link to lk_worker;
grant select, insert, update on patient_code to lk_web;
grant select on patient_code to lk_worker;
grant select, insert, update on patient_visit to lk_web;
grant select, delete on patient_visit to lk_worker;

do $grants$
declare
  t record;
begin
  for t in
    select c.table_name, string_agg(quote_ident(c.column_name), ', ') as open_columns
      from information_schema.columns c
     where c.table_schema = 'lk' and c.column_name <> 'sealed' and c.table_name in
       ('text_number', 'text_consent', 'text_question', 'text_heard', 'patient_link',
        'patient_code', 'patient_visit')
     group by c.table_name
  loop
    execute format('grant select (%s) on lk.%I to lk_check', t.open_columns, t.table_name);
  end loop;
end
$grants$;
grant select (number_id) on contact to lk_check;
grant select (channel, contact_id, number_id, patient_link_id) on outbox to lk_check;
grant select (contact_id, number_id) on delivery to lk_check;
grant select (leg_id, contact_id, contradicts) on claim to lk_check;
