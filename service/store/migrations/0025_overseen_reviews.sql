-- Who reviews an emergency access ends the work that those above were given because nobody had.
do $fences$
declare
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
  t text;
begin
  foreach t in array array['select', 'update'] loop
    execute format('create policy human_task_overseen_%s on human_task for %s to lk_web
      using (kind = ''break_glass_unreviewed'' and about_org_id = %s)', t, t, org);
  end loop;
end
$fences$;
