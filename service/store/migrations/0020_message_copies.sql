-- Part of an epoch cannot be given away by its key. What somebody who is let in from a message on is
-- given of the epoch it lies in is sealed again, in the new one; withdrawn with the message itself.
create table message_copy (
  id uuid primary key,
  message_id uuid not null references message,
  thread_id uuid not null references thread,
  seq int not null,
  class text not null,
  epoch int not null,
  envelope bytea,
  author_org_id uuid not null references organization,
  created_at timestamptz not null,
  unique (message_id, epoch),
  foreign key (thread_id, class, epoch) references epoch (context_id, class, epoch)
);
create index message_copy_thread on message_copy (thread_id);

do $fences$
declare
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
  opening constant text := $x$nullif(current_setting('app.opening', true), '')::uuid$x$;
  seen constant text := format($x$exists (select 1 from thread_party p where p.org_id = %s
    and p.thread_id = message_copy.thread_id and p.ended_at is null
    and p.from_seq <= message_copy.seq offset 0)$x$, org);
begin
  execute 'alter table message_copy enable row level security';
  execute 'alter table message_copy force row level security';
  execute 'create policy message_copy_check on message_copy for select to lk_check using (true)';
  execute 'create policy message_copy_keys on message_copy to lk_keys using (true) with check (true)';
  execute format('create policy message_copy_seen on message_copy for select to lk_web
    using (%s)', seen);
  execute format('create policy message_copy_add on message_copy for insert to lk_web
    with check (author_org_id = %s and thread_id = %s)', org, opening);
  -- Whoever may take back the message takes back every copy: whose it is, the message says.
  execute format('create policy message_copy_edit on message_copy for update to lk_web
    using (%s and exists (select 1 from message m where m.id = message_copy.message_id
      and m.author_org_id = %s))', seen, org);
end
$fences$;

grant select, insert on message_copy to lk_web;
grant update (envelope) on message_copy to lk_web;
grant select (id, message_id, thread_id, class), update (envelope) on message_copy to lk_keys;
grant select (id, message_id, thread_id, seq, class, epoch, author_org_id, created_at)
  on message_copy to lk_check;
