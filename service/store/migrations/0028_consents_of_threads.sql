-- Whoever says something in a conversation sees whether the consents on which others were let in
-- still stand: of the one conversation that it opens.
do $fences$
declare
  opening constant text := $x$nullif(current_setting('app.opening', true), '')::uuid$x$;
begin
  execute format('create policy consent_talked on consent for select to lk_web
    using (exists (select 1 from thread_party p where p.thread_id = %s
                    and p.consent_id = consent.id))', opening);
end
$fences$;
