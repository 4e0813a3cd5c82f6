-- The feed of each organization: the events it may know of, numbered without a gap after they were
-- committed, so that whoever read as far as a number has read everything below it.

-- Which transaction wrote an event. What is below the oldest transaction still under way is all
-- there, so the numberer need not look at it again, and one that commits late is not skipped.
alter table event add column xact xid8 not null default pg_current_xact_id();
create index event_by_transaction on event (xact, id);

-- A line says what was known then and stays: whose part ended later reads the same again.
create table feed (
  org_id uuid not null references organization,
  number bigint not null check (number > 0),
  event_id uuid not null,
  referral_id uuid not null,
  reference text not null,
  leg_id uuid,
  at timestamptz not null,
  machine text not null,
  step text not null,
  party text not null,
  becomes text not null,
  primary key (org_id, number),
  unique (event_id, org_id)
);

-- Where the numberer goes on looking.
create table feed_position (
  only_row boolean primary key default true check (only_row),
  xact xid8 not null,
  id uuid not null
);
create policy feed_position_begin on feed_position for insert to lk_owner with check (true);
insert into feed_position (xact, id) values ('0', '00000000-0000-0000-0000-000000000000');
drop policy feed_position_begin on feed_position;

do $fences$
declare
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
  numbering constant text := $x$current_setting('app.numbering', true) = 'on'$x$;
  t text;
begin
  foreach t in array array['feed', 'feed_position'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to lk_check using (true)', t || '_check', t);
    execute format('create policy %I on %I for select to lk_worker using (true)', t || '_work', t);
    execute format('grant select on %I to lk_worker, lk_check', t);
  end loop;
  -- A number that was given stays: lines are added, and no role of ours changes one.
  execute 'create policy feed_add on feed for insert to lk_worker with check (true)';
  execute format('create policy feed_own on feed for select to lk_web using (org_id = %s)', org);
  execute 'grant insert on feed to lk_worker';
  execute 'grant select on feed to lk_web';
  execute 'create policy feed_position_move on feed_position for update to lk_worker using (true)';
  execute 'grant update on feed_position to lk_worker';
  -- Who numbers looks at every event and at whose it is, and at nothing that was sealed.
  foreach t in array array['event', 'party', 'referral', 'leg'] loop
    execute format('create policy %I on %I for select to lk_worker using (%s)',
      t || '_number', t, numbering);
  end loop;
  execute 'grant select (xact) on event to lk_check';
end
$fences$;
