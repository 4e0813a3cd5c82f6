-- Who rings for what is new looks at which messages there are and for whom, never at a word.
do $fences$
declare
  numbering constant text := $x$current_setting('app.numbering', true) = 'on'$x$;
  t text;
begin
  foreach t in array array['message', 'thread_party'] loop
    execute format('create policy %I on %I for select to lk_worker using (%s)',
      t || '_ring', t, numbering);
  end loop;
  execute 'grant select (id, thread_id, seq, author_member_id) on message to lk_worker';
end
$fences$;
