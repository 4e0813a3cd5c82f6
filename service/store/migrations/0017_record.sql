-- The record as a log that can be proved: every line gets a dense number in its organization's log
-- and a leaf in that log's Merkle tree; signed checkpoints name the heads of the trees. Lines are
-- never touched for it, and a log of its own (the nil id) holds those of no organization.

-- Which transaction wrote a line. What is below the oldest transaction still under way is all there,
-- so the sealer need not look at it again, and one that commits late is not skipped.
alter table audit drop column seq;
alter table audit add column xact xid8 not null default pg_current_xact_id();
create index audit_by_transaction on audit (xact, id);
-- Who looked at which list lately; only lists are in it, and steps do not pay for it.
create index audit_list on audit (actor_member_id, at) where action = 'referral.list';

-- `node` is the root of the largest whole subtree that ends with this leaf; of every other leaf it
-- is the leaf itself and left out. Every proof and every frontier is made of a few of them.
-- No foreign key to the line: a line that is gone is what the verifier looks for.
create table audit_leaf (
  log_id uuid not null,
  seq bigint not null check (seq > 0),
  audit_id uuid not null unique,
  leaf_hash bytea not null,
  node bytea,
  primary key (log_id, seq)
);

create table audit_checkpoint (
  number bigint primary key check (number > 0),
  at timestamptz not null,
  previous bytea not null,
  heads int not null,
  heads_root bytea not null,
  key_id bytea not null,
  signature bytea not null
);

-- The logs that grew under a checkpoint, with their size and root then.
create table audit_head (
  log_id uuid not null,
  size bigint not null,
  number bigint not null references audit_checkpoint,
  root bytea not null,
  primary key (log_id, size),
  unique (number, log_id)
);

-- Where the sealer goes on looking. Nobody has to believe it: the verifier counts every line.
create table audit_position (
  only_row boolean primary key default true check (only_row),
  xact xid8 not null,
  id uuid not null
);
create policy audit_position_begin on audit_position for insert to lk_owner with check (true);
insert into audit_position (xact, id) values ('0', '00000000-0000-0000-0000-000000000000');
drop policy audit_position_begin on audit_position;

do $fences$
declare
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
  t text;
begin
  foreach t in array array['audit_leaf', 'audit_checkpoint', 'audit_head', 'audit_position'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to lk_check using (true)', t || '_check', t);
    execute format('create policy %I on %I for select to lk_worker using (true)', t || '_work', t);
    execute format('grant select on %I to lk_worker, lk_check', t);
  end loop;
  -- What is sealed stays: numbers, heads and checkpoints are added, and no role of ours changes one.
  foreach t in array array['audit_leaf', 'audit_checkpoint', 'audit_head'] loop
    execute format('create policy %I on %I for insert to lk_worker with check (true)', t || '_add', t);
    execute format('grant insert on %I to lk_worker', t);
    execute format('grant select on %I to lk_web', t);
  end loop;
  foreach t in array array['audit_leaf', 'audit_head'] loop
    execute format('create policy %I on %I for select to lk_web using (log_id = %s)',
      t || '_own', t, org);
  end loop;
  execute 'create policy audit_checkpoint_read on audit_checkpoint for select to lk_web using (true)';
  execute 'create policy audit_position_move on audit_position for update to lk_worker using (true)';
  execute 'grant update on audit_position to lk_worker';
  -- The sealer reads every line, of which no column is content.
  execute 'create policy audit_work on audit for select to lk_worker using (true)';
  execute 'grant select (xact) on audit to lk_check';
end
$fences$;
