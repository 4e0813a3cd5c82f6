-- Consents that can be shown: which elements are on record, how they end, who is asked when they do.
alter table consent
  add column elements text[] not null default '{}',
  add column ends_with_event boolean not null default false,
  add column ended_why text check (ended_why in ('withdrawn', 'event'));

-- Whoever was let in by an override of the gate stands on that one's own consent, not on the order's.
alter table party add column override_consent_id uuid;

-- Work about a patient or a consent, and clocks that hang on them instead of on a referral.
alter table human_task add column patient_id uuid, add column consent_id uuid;
create index human_task_consent on human_task (consent_id) where consent_id is not null;
alter table timer alter column referral_id drop not null,
  add column patient_id uuid, add column consent_id uuid,
  add constraint timer_hangs_on_one check (num_nonnulls(referral_id, patient_id, consent_id) = 1);
create unique index timer_one_watch on timer (coalesce(patient_id, consent_id), clock)
  where state = 'armed' and referral_id is null;

-- The least a recipient of protected care may answer, so that the loop closes and the note stays.
alter table leg drop constraint leg_outcome_check;
alter table leg add constraint leg_outcome_check check (outcome in
  ('served', 'partly_served', 'seen_no_service', 'referred_onward',
   'attended', 'not_attended', 'declined_to_share'));

do $fences$
declare
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
  opening constant text := $x$nullif(current_setting('app.opening', true), '')::uuid$x$;
begin
  execute format('create policy timer_own on timer for select to lk_web
    using (referral_id is null and turn_org_id = %s)', org);
  execute format('create policy timer_own_edit on timer for update to lk_web
    using (referral_id is null and turn_org_id = %s)', org);
  -- A step reads the consents that let anybody into the one referral it opens.
  execute 'drop policy consent_opened on consent';
  execute format('create policy consent_opened on consent for select to lk_web
    using (exists (select 1 from referral r where r.id = %s and r.consent_id = consent.id)
      or exists (select 1 from party p where p.referral_id = %s
                  and p.override_consent_id = consent.id))', opening, opening);
end
$fences$;

grant select (elements, ends_with_event, ended_why) on consent to lk_check;
grant select (override_consent_id) on party to lk_check;
grant select (patient_id, consent_id) on human_task, timer to lk_check;
