-- The network's own keys are replaced while people sign in, and what is sealed under a field key
-- moves to the next one.

-- An address is found, and taken, under every version of the index key that opens: whoever writes
-- one under two keys and whoever knows only the older still meet in this table's primary key.
create table person_login (
  token bytea primary key,
  person_id uuid not null references person,
  key_version int not null
);
create index person_login_person on person_login (person_id);
create index person_login_version on person_login (key_version);

-- The owner is kept from rows like everybody; to move them it is let in, for this statement.
alter table person no force row level security;
insert into person_login (token, person_id, key_version)
select login_token, id, key_version from person;
alter table person force row level security;

drop policy person_self on person;
drop policy person_asked on person;
alter table person drop column login_token, drop column key_version;

-- A question is asked under every version that opens, too; the newest one its asker knew is told,
-- so that older tokens stay until it is answered.
alter table password_ask no force row level security;
alter table password_ask add column logins bytea[], add column key_version int not null default 1;
update password_ask set logins = array[login_token];
alter table password_ask force row level security;
alter table password_ask alter column logins set not null, drop column login_token;

do $fences$
declare
  person constant text := $x$nullif(current_setting('app.person', true), '')::uuid$x$;
  lookup constant text := $x$decode(coalesce(current_setting('app.lookup', true), ''), 'hex')$x$;
  proven text;
  t text;
begin
  execute 'alter table person_login enable row level security';
  execute 'alter table person_login force row level security';
  execute 'create policy person_login_check on person_login for select to lk_check using (true)';
  execute format('create policy person_login_proof on person_login for select
    to lk_web, lk_worker using (token = %s)', lookup);
  execute format('create policy person_login_add on person_login for insert to lk_web
    with check (person_id = %s)', person);

  -- Whoever brings an address's index has found its person, as before.
  proven := format('exists (select 1 from person_login l where l.person_id = person.id
    and l.token = %s)', lookup);
  execute format('create policy person_self on person to lk_web
    using (id = %s or %s) with check (id = %s)', person, proven, person);
  execute format('create policy person_asked on person for select to lk_worker using (%s)',
    proven);

  foreach t in array array['person_login', 'password_ask', 'break_glass', 'parked_form',
                           'message_draft'] loop
    execute format('create policy %I on %I to lk_keys using (true) with check (true)',
      t || '_keys', t);
  end loop;
end
$fences$;

grant select, insert on person_login to lk_web;
grant select on person_login to lk_worker;
grant select on person_login to lk_check;
grant select (logins, key_version) on password_ask to lk_check;
grant select, insert, delete on person_login to lk_keys;
grant select (id, key_version, done_at) on password_ask to lk_keys;
grant select (org_id, id, sealed, review_sealed), update (sealed, review_sealed) on break_glass
  to lk_keys;
grant select (org_id, id, sealed), update (sealed) on parked_form to lk_keys;
grant select (org_id, member_id, thread_id, sealed), update (sealed) on message_draft to lk_keys;
grant update (sealed) on thread_note to lk_keys;
