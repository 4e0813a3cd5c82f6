-- Numbers and what came from phones are sealed under the network's field key, and numbers are found by
-- its index: both keys are replaced, so their role sees what hangs on them and moves the values.
do $fences$
declare t text;
begin
  foreach t in array array['text_number', 'inbound_text'] loop
    execute format('create policy %I on %I to lk_keys using (true) with check (true)', t || '_keys', t);
  end loop;
end
$fences$;

grant select (id, sealed, key_version), update (sealed) on text_number to lk_keys;
grant select (id, sealed), update (sealed) on inbound_text to lk_keys;

-- Nobody ever wrote one: what a phone said is read where it was kept.
alter table text_heard drop column sealed;
