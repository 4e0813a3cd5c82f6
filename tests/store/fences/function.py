"""The function that takes on each role in turn, tries everything, and undoes it again."""

FUNCTION = """
create function pg_temp.probe(cases jsonb) returns jsonb language plpgsql as $f$
declare
  c jsonb; s record; told jsonb; all_told jsonb := '[]'; seen jsonb; did jsonb; n int;
begin
  for c in select value from jsonb_array_elements(cases) loop
    begin
      for s in select key, value from jsonb_each_text(c->'settings') loop
        perform set_config(s.key, s.value, true);
      end loop;
      execute format('set local role %I', c->>'role');
      seen := null;
      if c->>'select' is not null then
        execute c->>'select' into seen;
      end if;
      did := '[]';
      for s in select value from jsonb_array_elements_text(c->'tries') loop
        begin
          execute s.value;
          get diagnostics n = row_count;
          raise exception using errcode = 'LK002';
        exception
          when sqlstate 'LK002' then null;
          when insufficient_privilege then n := 0;
          -- Row security speaks before any constraint does.
          when integrity_constraint_violation then n := 1;
        end;
        did := did || to_jsonb(n);
      end loop;
      raise exception using errcode = 'LK001',
        detail = jsonb_build_object('seen', coalesce(seen, '[]'), 'did', did)::text;
    exception when sqlstate 'LK001' then
      get stacked diagnostics told = pg_exception_detail;
    end;
    all_told := all_told || told;
  end loop;
  return all_told;
end $f$
"""
