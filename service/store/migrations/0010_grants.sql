-- What each role may do at all. The check role sees every row and no sealed column.
grant usage on schema lk to lk_web, lk_worker, lk_check;
grant select, insert, update on all tables in schema lk to lk_web, lk_worker;
revoke insert, update on rule, root_key, network_key, schema_migration from lk_web, lk_worker;
revoke insert on clock_offset from lk_web, lk_worker;
revoke update on event, audit, content, seal, disclosure from lk_web, lk_worker;
grant delete on patient_index, idempotency to lk_web, lk_worker;
grant delete on closure to lk_web;
grant delete on session, challenge to lk_worker;
do $grants$
declare
  t record;
begin
  for t in
    select c.table_name,
           string_agg(quote_ident(c.column_name), ', ') as open_columns
      from information_schema.columns c
     where c.table_schema = 'lk'
       and c.column_name not in ('sealed', 'login_sealed', 'totp_sealed', 'phrase_sealed',
         'wrapped', 'envelope', 'probe', 'password_hash', 'pin_hash')
     group by c.table_name
  loop
    execute format('grant select (%s) on lk.%I to lk_check', t.open_columns, t.table_name);
  end loop;
end
$grants$;
