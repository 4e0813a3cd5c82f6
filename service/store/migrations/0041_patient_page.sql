-- The page behind the link in a text, with the tables that 0031 made for it: `patient_link` is one
-- text's link, `patient_code` what its button asked for, `patient_visit` a browser that pressed it.
-- A visit that entered its code carries a second secret; both must come from the same browser.
alter table patient_visit add column session_hash bytea unique;

-- What the button of a link counts is counted for the number: a new text is no new allowance.
create index patient_code_asked on patient_code (patient_link_id, asked_at);

do $fences$
declare
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
  lookup constant text := $x$decode(coalesce(current_setting('app.lookup', true), ''), 'hex')$x$;
begin
  drop policy patient_visit_known on patient_visit;
  execute format('create policy patient_visit_known on patient_visit to lk_web
    using (secret_hash = %s or session_hash = %s or org_id = %s)
    with check (secret_hash = %s or session_hash = %s or org_id = %s)',
    lookup, lookup, org, lookup, lookup, org);
  -- Who is in may say stop for the number of the link, to all of the network, and nothing else.
  execute format('create policy text_consent_page on text_consent for insert to lk_web
    with check (org_id is null and purpose is null and not given and how = ''page''
      and exists (select from patient_visit v join patient_link k on k.id = v.patient_link_id
        where v.session_hash = %s and v.ended_at is null and k.number_id = text_consent.number_id))',
    lookup);
end
$fences$;

grant select (session_hash) on patient_visit to lk_check;
