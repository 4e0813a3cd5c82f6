-- A document or a file that is taken back keeps its row as a tombstone: who, when, why. Its words and
-- its files open for nobody: each one's own key was in what is emptied here, and is nowhere else.
alter table document add column retracted_at timestamptz, add column retracted_by_org_id uuid,
  add column retracted_by_member_id uuid, add column retract_reason text,
  add check (retracted_at is null or num_nonnulls(retracted_by_org_id, retract_reason) = 2);
alter table attachment add column retracted_at timestamptz, add column retracted_by_org_id uuid,
  add column retracted_by_member_id uuid, add column retract_reason text,
  add check (retracted_at is null or num_nonnulls(retracted_by_org_id, retract_reason) = 2),
  add check (retracted_at is null or num_nonnulls(head, label) = 0);
alter table human_task add column document_id uuid references document;

-- Who has had a document or a file opened, each person once; told to whoever filed it.
create table document_opened (
  id uuid primary key,
  document_id uuid references document,
  attachment_id uuid references attachment,
  org_id uuid not null references organization,
  member_id uuid,
  worker_id uuid,
  link_id uuid,
  opened_at timestamptz not null,
  check (num_nonnulls(document_id, attachment_id) = 1),
  check (num_nonnulls(member_id, worker_id) = 1)
);
create unique index document_opened_once on document_opened
  (coalesce(document_id, attachment_id), coalesce(member_id, worker_id));

-- What somebody let into a conversation from a message on is given of older files: the file's own key,
-- wrapped anew in the newer epoch. Bytes, header and the author's signature stay as they are.
create table attachment_copy (
  id uuid primary key,
  attachment_id uuid not null references attachment,
  thread_id uuid not null references thread,
  class text not null,
  epoch int not null,
  label bytea,
  head bytea,
  author_org_id uuid not null references organization,
  created_at timestamptz not null,
  unique (attachment_id, epoch),
  foreign key (thread_id, class, epoch) references epoch (context_id, class, epoch)
);
create index attachment_copy_thread on attachment_copy (thread_id);

do $fences$
declare
  org constant text := $x$nullif(current_setting('app.org', true), '')::uuid$x$;
  opening constant text := $x$nullif(current_setting('app.opening', true), '')::uuid$x$;
  party constant text := $x$exists (select 1 from party p where p.org_id = %s
    and p.referral_id = %I.referral_id and (p.ended_at is null or p.ended_at > lk.now()) offset 0)$x$;
  t text;
begin
  foreach t in array array['document_opened', 'attachment_copy'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy %I on %I for select to lk_check using (true)', t || '_check', t);
  end loop;

  -- Only whoever filed something takes it back, and while it still has a part in the referral.
  execute 'drop policy document_edit on document';
  foreach t in array array['document', 'content'] loop
    execute format('create policy %I on %I for update to lk_web using (author_org_id = %s and %s)',
      t || '_edit', t, org, format(party, org, t));
  end loop;

  -- A file that was taken back is seen as that by whoever saw its document or its message.
  execute 'drop policy attachment_seen on attachment';
  execute format($x$create policy attachment_seen on attachment for select to lk_web
    using (org_id = %s
      or document_id is not null
         and exists (select 1 from document d where d.id = attachment.document_id offset 0)
      or message_id is not null
         and exists (select 1 from message m where m.id = attachment.message_id offset 0))$x$, org);

  execute format($x$create policy document_opened_seen on document_opened for select to lk_web
    using (exists (select 1 from document d where d.id = document_opened.document_id
                      and d.author_org_id = %s offset 0)
      or exists (select 1 from attachment a where a.id = document_opened.attachment_id
                    and a.org_id = %s offset 0))$x$, org, org);
  execute format('create policy document_opened_add on document_opened for insert to lk_web
    with check (org_id = %s)', org);

  execute 'create policy attachment_copy_seen on attachment_copy for select to lk_web
    using (exists (select 1 from attachment a where a.id = attachment_copy.attachment_id offset 0))';
  execute format('create policy attachment_copy_add on attachment_copy for insert to lk_web
    with check (author_org_id = %s and thread_id = %s)', org, opening);
  execute format('create policy attachment_copy_edit on attachment_copy for update to lk_web
    using (exists (select 1 from attachment a where a.id = attachment_copy.attachment_id
                      and a.org_id = %s offset 0))', org);
  execute 'create policy attachment_copy_keys on attachment_copy to lk_keys
    using (true) with check (true)';
end
$fences$;

revoke update on document from lk_web, lk_worker;
grant update (retracted_at, retracted_by_org_id, retracted_by_member_id, retract_reason)
  on document, attachment to lk_web;
grant update (envelope, shredded_at) on content to lk_web;
grant select, insert on document_opened, attachment_copy to lk_web;
grant update (label, head) on attachment_copy to lk_web;
grant select (id, attachment_id, thread_id, class, head), update (label, head)
  on attachment_copy to lk_keys;

grant select (retracted_at, retracted_by_org_id, retracted_by_member_id, retract_reason)
  on document, attachment to lk_check;
grant select (document_id) on human_task to lk_check;
grant select (id, document_id, attachment_id, org_id, member_id, worker_id, link_id, opened_at)
  on document_opened to lk_check;
grant select (id, attachment_id, thread_id, class, epoch, author_org_id, created_at)
  on attachment_copy to lk_check;
