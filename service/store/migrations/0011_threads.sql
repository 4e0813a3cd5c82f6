-- Conversations: a thread has its own keys, its own parties and its own dense numbers. What one
-- organization says to itself (notes, drafts, how far it has read) is its own and nobody else's.
create table thread (
  id uuid primary key,
  reference text not null unique,
  referral_id uuid references referral,
  class text not null check (class in
    ('general', 'behavioral', 'part2', 'psychotherapy', 'social_sensitive')),
  created_org_id uuid not null references organization,
  created_member_id uuid not null,
  patient_id uuid,
  consent_basis text,
  consent_id uuid,
  -- Who takes part now, for lists; the truth is thread_party and an invariant compares them.
  org_ids uuid[] not null,
  version int not null default 1,
  -- Moves when somebody joins, leaves or opens an epoch: who writes has read it first.
  circle int not null default 1,
  last_seq int not null default 0,
  created_at timestamptz not null,
  foreign key (created_org_id, created_member_id) references member (org_id, id),
  foreign key (created_org_id, patient_id) references patient (org_id, id),
  foreign key (created_org_id, consent_id) references consent (org_id, id)
);
create index thread_referral on thread (referral_id) where referral_id is not null;

-- An organization's part: from which message on it sees, who let it in and on which basis.
create table thread_party (
  org_id uuid not null references organization,
  thread_id uuid not null references thread,
  referral_id uuid references referral,
  leg_id uuid references leg,
  from_seq int not null default 1 check (from_seq > 0),
  admitted_by_org_id uuid references organization,
  admitted_by_member_id uuid,
  basis text,
  consent_id uuid,
  started_at timestamptz not null,
  touched_at timestamptz not null,
  ended_at timestamptz,
  end_reason text,
  primary key (org_id, thread_id)
);
create index thread_party_thread on thread_party (thread_id);
create index thread_party_inbox on thread_party (org_id, touched_at desc, thread_id desc);
create index thread_party_referral on thread_party (referral_id) where referral_id is not null;

-- People whom a message is told to by name.
create table thread_member (
  thread_id uuid not null references thread,
  org_id uuid not null references organization,
  member_id uuid not null,
  added_at timestamptz not null,
  ended_at timestamptz,
  primary key (thread_id, member_id),
  foreign key (org_id, member_id) references member (org_id, id)
);

-- What a thread is called, sealed once for each epoch in which somebody had to be told.
create table thread_title (
  id uuid primary key,
  thread_id uuid not null references thread,
  seq int not null,
  class text not null,
  epoch int not null,
  envelope bytea,
  author_org_id uuid not null references organization,
  created_at timestamptz not null,
  foreign key (thread_id, class, epoch) references epoch (context_id, class, epoch)
);
create index thread_title_thread on thread_title (thread_id, seq);

create table message (
  id uuid primary key,
  thread_id uuid not null references thread,
  seq int not null check (seq > 0),
  author_org_id uuid not null references organization,
  author_member_id uuid,
  link_id uuid,
  worker_id uuid,
  reply_to uuid,
  class text not null,
  epoch int not null,
  -- Withdrawn means this is null: the message's own key was in it, and is nowhere else.
  envelope bytea,
  created_at timestamptz not null,
  retracted_at timestamptz,
  retracted_by_org_id uuid,
  retracted_by_member_id uuid,
  retract_reason text,
  retract_sealed bytea,
  unique (thread_id, seq),
  check (envelope is not null or retracted_at is not null),
  foreign key (thread_id, class, epoch) references epoch (context_id, class, epoch)
);

-- Which messages somebody has had opened for them, a row a look that brought something new.
create table message_opened (
  id uuid primary key,
  thread_id uuid not null references thread,
  org_id uuid not null references organization,
  member_id uuid,
  worker_id uuid,
  link_id uuid,
  first_seq int not null,
  last_seq int not null,
  opened_at timestamptz not null
);
create index message_opened_thread on message_opened (thread_id, opened_at);

-- How far a person has read; moved back by "mark unread".
create table message_read (
  org_id uuid not null references organization,
  member_id uuid not null,
  thread_id uuid not null references thread,
  read_seq int not null,
  read_at timestamptz not null,
  primary key (member_id, thread_id),
  foreign key (org_id, member_id) references member (org_id, id)
);

create table thread_note (
  id uuid primary key,
  org_id uuid not null references organization,
  thread_id uuid not null references thread,
  member_id uuid not null,
  sealed bytea,
  created_at timestamptz not null,
  retracted_at timestamptz,
  foreign key (org_id, member_id) references member (org_id, id)
);
create index thread_note_thread on thread_note (org_id, thread_id);

create table message_draft (
  org_id uuid not null references organization,
  member_id uuid not null,
  thread_id uuid not null references thread,
  sealed bytea not null,
  saved_at timestamptz not null,
  primary key (member_id, thread_id),
  foreign key (org_id, member_id) references member (org_id, id)
);

-- A key belongs to a referral or to a thread, and so does what it told.
alter table epoch alter column referral_id drop not null, add column thread_id uuid references thread,
  add check (num_nonnulls(referral_id, thread_id) = 1);
alter table seal alter column referral_id drop not null, add column thread_id uuid references thread,
  add check (num_nonnulls(referral_id, thread_id) = 1);
alter table disclosure alter column referral_id drop not null, alter column patient_id drop not null,
  add column thread_id uuid references thread, add check (num_nonnulls(referral_id, thread_id) = 1);
create index disclosure_thread on disclosure (thread_id) where thread_id is not null;
alter table outbox add column thread_id uuid, add column about_org_id uuid;
alter table human_task add column thread_id uuid references thread;

do $fences$
declare
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
  opening constant text := $x$nullif(current_setting('app.opening', true), '')::uuid$x$;
  -- As in 0009: `offset 0` keeps this a look-up by primary key for each row seen.
  referral constant text := $x$exists (select 1 from party p where p.org_id = %1$s
    and p.referral_id = %2$I.referral_id and (p.ended_at is null or p.ended_at > lk.now()) offset 0)$x$;
  thread constant text := $x$exists (select 1 from thread_party p where p.org_id = %1$s
    and p.thread_id = %2$I.%3$I and p.ended_at is null%4$s offset 0)$x$;
  seen text;
  t text;
begin
  foreach t in array array['thread', 'thread_party', 'thread_member', 'thread_title', 'message',
                           'message_opened', 'message_read', 'thread_note', 'message_draft'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to lk_check using (true)', t || '_check', t);
  end loop;

  -- Who takes part: its own row, everybody's in the thread a step opens, and whom it let in itself.
  execute format('create policy thread_party_seen on thread_party for select to lk_web
    using (org_id = %s or thread_id = %s or referral_id = %s or admitted_by_org_id = %s)',
    org, opening, opening, org);
  execute format('create policy thread_party_add on thread_party for insert to lk_web
    with check (thread_id = %s)', opening);
  -- Not its own row by right: who has left does not let itself in again.
  execute format('create policy thread_party_edit on thread_party for update to lk_web
    using (thread_id = %s or referral_id = %s or admitted_by_org_id = %s)', opening, opening, org);
  execute format('create policy thread_party_work on thread_party for select to lk_worker
    using (thread_id = %s)', opening);

  seen := format(thread, org, 'thread', 'id', '');
  execute format('create policy thread_seen on thread for select to lk_web
    using (%s or id = %s)', seen, opening);
  execute format('create policy thread_work on thread for select to lk_worker
    using (id = %s)', opening);
  execute format('create policy thread_edit on thread for update to lk_web using (%s)', seen);
  execute format('create policy thread_add on thread for insert to lk_web
    with check (id = %s and created_org_id = %s)', opening, org);

  -- Messages and titles are seen from the number on from which an organization was let in.
  foreach t in array array['message', 'thread_title'] loop
    seen := format(thread, org, t, 'thread_id', format(' and p.from_seq <= %I.seq', t));
    execute format('create policy %I on %I for select to lk_web using (%s)', t || '_seen', t, seen);
    execute format('create policy %I on %I for insert to lk_web
      with check (author_org_id = %s and (thread_id = %s or %s))', t || '_add', t, org, opening, seen);
    -- Only its author's side takes something back.
    execute format('create policy %I on %I for update to lk_web
      using (author_org_id = %s and %s)', t || '_edit', t, org, seen);
  end loop;
  foreach t in array array['thread_member', 'message_opened'] loop
    seen := format(thread, org, t, 'thread_id', '');
    execute format('create policy %I on %I for select to lk_web using (%s)', t || '_seen', t, seen);
    execute format('create policy %I on %I for insert to lk_web
      with check (thread_id = %s or %s)', t || '_add', t, opening, seen);
  end loop;
  execute format('create policy thread_member_edit on thread_member for update to lk_web
    using (org_id = %s or thread_id = %s)', org, opening);

  foreach t in array array['message_read', 'thread_note', 'message_draft'] loop
    execute format('create policy %I on %I to lk_web using (org_id = %s) with check (org_id = %s)',
      t || '_own', t, org, org);
  end loop;

  -- Keys: the parties of their referral as before, or those of their thread.
  foreach t in array array['epoch', 'seal'] loop
    execute format('drop policy %I on %I', t || '_party', t);
    execute format('drop policy %I on %I', t || '_add', t);
    execute format('drop policy %I on %I', t || '_edit', t);
    seen := format(referral, org, t) || ' or ' || format(thread, org, t, 'thread_id', '');
    execute format('create policy %I on %I for select to lk_web, lk_worker using (%s)',
      t || '_party', t, seen);
    execute format('create policy %I on %I for insert to lk_web, lk_worker
      with check (referral_id = %s or thread_id = %s or %s)', t || '_add', t, opening, opening, seen);
    execute format('create policy %I on %I for update to lk_web, lk_worker using (%s)',
      t || '_edit', t, seen);
  end loop;
  execute 'drop policy disclosure_add on disclosure';
  execute format('create policy disclosure_add on disclosure for insert to lk_web, lk_worker
    with check (referral_id = %s or thread_id = %s)', opening, opening);
end
$fences$;

grant select on thread_party, thread to lk_worker;
grant select, insert on thread, thread_party, thread_member, message_read, message_draft to lk_web;
-- Never a key column: a row of one thread does not become a row of another.
grant update (referral_id, org_ids, version, circle, last_seq) on thread to lk_web;
grant update (referral_id, leg_id, from_seq, admitted_by_org_id, admitted_by_member_id, basis,
  consent_id, started_at, touched_at, ended_at, end_reason) on thread_party to lk_web;
grant update (added_at, ended_at) on thread_member to lk_web;
grant update (read_seq, read_at) on message_read to lk_web;
grant update (sealed, saved_at) on message_draft to lk_web;
grant select, insert on message, thread_title, thread_note, message_opened to lk_web;
grant update (envelope, retracted_at, retracted_by_org_id, retracted_by_member_id, retract_reason,
  retract_sealed) on message to lk_web;
grant update (envelope) on thread_title to lk_web;
grant update (sealed, retracted_at) on thread_note to lk_web;
grant delete on message_draft to lk_web;
do $grants$
declare
  t record;
begin
  for t in
    select c.table_name,
           string_agg(quote_ident(c.column_name), ', ') as open_columns
      from information_schema.columns c
     where c.table_schema = 'lk'
       and c.table_name in ('thread', 'thread_party', 'thread_member', 'thread_title', 'message',
         'message_opened', 'message_read', 'thread_note', 'message_draft')
       and c.column_name not in ('sealed', 'envelope', 'retract_sealed')
     group by c.table_name
  loop
    execute format('grant select (%s) on lk.%I to lk_check', t.open_columns, t.table_name);
  end loop;
end
$grants$;
-- A column added later is not in a grant of columns that was given before.
grant select (thread_id) on epoch, seal, disclosure, outbox, human_task to lk_check;
grant select (about_org_id) on outbox to lk_check;
