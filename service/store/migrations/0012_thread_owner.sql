-- On whose account a thread is: of the referral it hangs on, or of whoever began it. Its patient and
-- its consent are that organization's, also where the other side speaks first.
alter table thread add column owner_org_id uuid not null references organization;
alter table thread drop constraint thread_created_org_id_patient_id_fkey,
  drop constraint thread_created_org_id_consent_id_fkey,
  add foreign key (owner_org_id, patient_id) references patient (org_id, id),
  add foreign key (owner_org_id, consent_id) references consent (org_id, id);
grant select (owner_org_id) on thread to lk_check;

-- Whoever names people in a thread that this very step begins sees them there already: without
-- that, adding somebody who may be there already is refused.
do $fences$
declare
  seen constant text := $x$exists (select 1 from thread_party p
    where p.org_id = nullif(current_setting('app.org', true), '')::uuid
      and p.thread_id = thread_member.thread_id and p.ended_at is null offset 0)$x$;
begin
  execute 'drop policy thread_member_seen on thread_member';
  execute format('create policy thread_member_seen on thread_member for select to lk_web
    using (%s or thread_id = nullif(current_setting(''app.opening'', true), '''')::uuid)', seen);
end
$fences$;
