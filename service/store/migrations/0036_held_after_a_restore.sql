-- A database that was brought back from a backup sends nothing until an operator releases it: what it
-- owes may have gone out already, after the backup was taken.
create table restore_hold (
  id uuid primary key,
  taken_at timestamptz not null,
  held_at timestamptz not null,
  released_at timestamptz
);
create unique index restore_hold_one on restore_hold ((true)) where released_at is null;

-- When a backup was finished, for whoever watches that there is a young one.
create table backup (
  id uuid primary key,
  taken_at timestamptz not null,
  finished_at timestamptz not null,
  files int not null,
  bytes bigint not null
);

-- Asked by everything that sends or fires, each time; plpgsql keeps its plan for a session.
create function lk.held() returns boolean language plpgsql stable
  set search_path = lk
  as $$ begin return exists (select from lk.restore_hold where released_at is null); end $$;

do $fences$
declare
  t text;
begin
  foreach t in array array['restore_hold', 'backup'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to lk_check using (true)', t || '_check', t);
    execute format('grant select on %I to lk_check', t);
  end loop;
end
$fences$;
-- The restore itself, by the owner of everything, is the one that holds; a worker only lets go.
create policy restore_hold_read on restore_hold for select to lk_web, lk_worker using (true);
create policy restore_hold_release on restore_hold for update to lk_worker using (true);
create policy backup_add on backup for insert to lk_worker with check (true);
create policy backup_read on backup for select to lk_worker using (true);
grant select on restore_hold to lk_web, lk_worker;
grant update (released_at) on restore_hold to lk_worker;
grant select, insert on backup to lk_worker;
