-- Files. The row holds what opens a file (its head) and what it is called (its label), both sealed;
-- the file's chunks lie outside, under `blob_id`. A file belongs to whoever uploaded it until a
-- message or a document takes it along; what nothing takes along is swept.
create table attachment (
  id uuid primary key,
  org_id uuid not null references organization,
  referral_id uuid references referral,
  thread_id uuid references thread,
  leg_id uuid references leg,
  document_id uuid references document,
  message_id uuid references message,
  member_id uuid,
  api_key_id uuid,
  link_id uuid,
  worker_id uuid,
  context_id uuid not null,
  class text not null,
  epoch int not null,
  -- Gone means that the file's own key is nowhere any more.
  label bytea,
  head bytea,
  blob_id uuid not null unique,
  stored_bytes bigint not null check (stored_bytes > 0),
  state text not null default 'pending' check (state in ('pending', 'clean', 'threat', 'failed')),
  scanner text check (scanner in ('none', 'clamd')),
  scanned_at timestamptz,
  tries int not null default 0,
  next_at timestamptz not null,
  bound_at timestamptz,
  created_at timestamptz not null,
  check (num_nonnulls(referral_id, thread_id) = 1 and context_id in (referral_id, thread_id)),
  check (num_nonnulls(document_id, message_id) = case when bound_at is null then 0 else 1 end),
  foreign key (context_id, class, epoch) references epoch
);
create index attachment_due on attachment (next_at) where state = 'pending';
create index attachment_unbound on attachment (created_at) where bound_at is null;
create index attachment_document on attachment (document_id) where document_id is not null;
create index attachment_message on attachment (message_id) where message_id is not null;
create index attachment_context on attachment (context_id);
alter table human_task add column attachment_id uuid references attachment on delete set null;

alter table attachment enable row level security;
alter table attachment force row level security;
create policy attachment_check on attachment for select to lk_check using (true);
do $fences$
declare
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
begin
  -- Whoever sees the document or the message sees its files: the policies of those tables decide.
  execute format($x$create policy attachment_seen on attachment for select to lk_web
    using (org_id = %s
      or document_id is not null
         and exists (select 1 from document d where d.id = attachment.document_id offset 0)
      or message_id is not null
         and exists (select 1 from message m
                      where m.id = attachment.message_id and m.retracted_at is null offset 0))$x$, org);
  execute format('create policy attachment_add on attachment for insert to lk_web
    with check (org_id = %s and bound_at is null)', org);
  execute format('create policy attachment_edit on attachment for update to lk_web
    using (org_id = %s)', org);
end
$fences$;
-- A worker looks after all of them; what is in one it opens through its uploader's eyes only.
create policy attachment_work on attachment to lk_worker using (true) with check (true);

grant select, insert on attachment to lk_web;
grant update (document_id, message_id, bound_at, label, head) on attachment to lk_web;
grant select, delete on attachment to lk_worker;
grant update (state, scanner, scanned_at, tries, next_at) on attachment to lk_worker;
grant select (id, org_id, referral_id, thread_id, leg_id, document_id, message_id, member_id,
  api_key_id, link_id, worker_id, context_id, class, epoch, blob_id, stored_bytes, state, scanner,
  scanned_at, tries, next_at, bound_at, created_at) on attachment to lk_check;
grant select (attachment_id) on human_task to lk_check;
-- Shredding takes a file's own key away; the bytes outside stay, and open for nobody.
create policy attachment_keys on attachment to lk_keys using (true) with check (true);
grant select (id, context_id, class, message_id, document_id, head), update (label, head)
  on attachment to lk_keys;
