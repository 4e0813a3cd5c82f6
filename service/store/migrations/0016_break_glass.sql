-- Emergency access: who looked, at whose patient, why, until when, and what a privacy officer said.
create table break_glass (
  org_id uuid not null references organization,
  id uuid not null unique,
  -- Whose patient it is, by that organization's own id: an order names both.
  subject_org_id uuid not null references organization,
  patient_id uuid not null,
  referral_id uuid references referral,
  member_id uuid not null,
  person_id uuid not null references person,
  session_id uuid not null,
  reason text not null check (reason in
    ('unconscious', 'overdose', 'suicide_risk', 'acute_illness', 'other')),
  medical_emergency boolean not null,
  classes text[] not null,
  sealed bytea not null,
  opened_at timestamptz not null,
  until_at timestamptz not null,
  ended_at timestamptz,
  reviewed_at timestamptz,
  reviewed_by_member_id uuid,
  verdict text check (verdict in ('justified', 'not_justified')),
  review_sealed bytea,
  primary key (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id),
  check (until_at <= opened_at + interval '60 minutes'),
  check (reviewed_by_member_id is distinct from member_id)
);
create index break_glass_open on break_glass (org_id, session_id, until_at);

-- The other organizations whose privacy officers were told.
create table break_glass_told (
  break_glass_id uuid not null references break_glass (id),
  org_id uuid not null references organization,
  by_org_id uuid not null references organization,
  told_at timestamptz not null,
  primary key (org_id, break_glass_id)
);

alter table disclosure add column break_glass_id uuid;
alter table human_task add column break_glass_id uuid;
create index human_task_break_glass on human_task (break_glass_id) where break_glass_id is not null;
alter table timer add column break_glass_id uuid references break_glass (id),
  drop constraint timer_hangs_on_one, add constraint timer_hangs_on_one
    check (num_nonnulls(referral_id, patient_id, consent_id, break_glass_id) = 1);
drop index timer_one_watch;
create unique index timer_one_watch on timer
  (coalesce(patient_id, consent_id, break_glass_id), clock)
  where state = 'armed' and referral_id is null;

do $fences$
declare
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
  t text;
begin
  foreach t in array array['break_glass', 'break_glass_told'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to lk_check using (true)', t || '_check', t);
  end loop;
  execute format('create policy break_glass_own on break_glass to lk_web
    using (org_id = %s) with check (org_id = %s)', org, org);
  execute format('create policy break_glass_seen on break_glass for select to lk_web
    using (exists (select 1 from break_glass_told t
                    where t.break_glass_id = break_glass.id and t.org_id = %s))', org);
  execute format('create policy break_glass_work on break_glass for select to lk_worker
    using (org_id = %s)', org);
  execute format('create policy break_glass_told_seen on break_glass_told for select to lk_web
    using (org_id = %s)', org);
  execute format('create policy break_glass_told_add on break_glass_told for insert to lk_web
    with check (by_org_id = %s)', org);
end
$fences$;

grant select, insert on break_glass, break_glass_told to lk_web;
grant update (ended_at, reviewed_at, reviewed_by_member_id, verdict, review_sealed) on break_glass
  to lk_web;
grant select on break_glass to lk_worker;
grant select (org_id, id, subject_org_id, patient_id, referral_id, member_id, person_id, session_id,
  reason, medical_emergency, classes, opened_at, until_at, ended_at, reviewed_at,
  reviewed_by_member_id, verdict) on break_glass to lk_check;
grant select on break_glass_told to lk_check;
grant select (break_glass_id) on disclosure, human_task, timer to lk_check;
