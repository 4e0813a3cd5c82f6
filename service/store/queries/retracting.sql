-- name: document
-- A document as taking it back needs it.
select id, referral_id, null::uuid as thread_id, leg_id, content_id as held_id, author_org_id,
       class as sensitivity, retracted_at
  from document where id = $1;

-- name: file
-- A file that a document or a message took along, the same; held with what it went along with.
select a.id, a.referral_id, a.thread_id, d.leg_id, coalesce(d.content_id, a.message_id) as held_id,
       a.org_id as author_org_id, a.class as sensitivity, a.retracted_at
  from attachment a left join document d on d.id = a.document_id
 where a.id = $1 and a.bound_at is not null;

-- name: take_document
-- Its words, its files and their keys go; what is left is that there was a document. Nothing where
-- it was taken back already.
with taken as (
  update document
     set retracted_at = lk.now(), retracted_by_org_id = $2, retracted_by_member_id = $3,
         retract_reason = $4
   where id = $1 and retracted_at is null
  returning id, content_id, retracted_at
), words as (
  update content c set envelope = null, shredded_at = taken.retracted_at
    from taken where c.id = taken.content_id
), files as (
  update attachment a
     set head = null, label = null, retracted_at = taken.retracted_at, retracted_by_org_id = $2,
         retracted_by_member_id = $3, retract_reason = $4
    from taken where a.document_id = taken.id and a.retracted_at is null
)
select id from taken;

-- name: take_file
-- One file alone, and what others were given of its key.
with taken as (
  update attachment
     set head = null, label = null, retracted_at = lk.now(), retracted_by_org_id = $2,
         retracted_by_member_id = $3, retract_reason = $4
   where id = $1 and retracted_at is null
  returning id
), copies as (
  update attachment_copy c set head = null, label = null
    from taken where c.attachment_id = taken.id
)
select id from taken;

-- name: told
-- The organizations with accounts that had it: those who see this leg, or take part in the thread.
select o.id
  from organization o
 where o.channel = 'account' and o.state = 'active' and (
   exists (select from party p where p.org_id = o.id and p.referral_id = $1
              and (p.ended_at is null or p.ended_at > lk.now())
              and (p.capacity in ('sender', 'cco') or p.capacity = 'recipient' and exists (
                select from leg l where l.id = $2 and l.org_id = o.id)))
   or exists (select from thread_party p where p.org_id = o.id and p.thread_id = $3
                 and p.ended_at is null))
 order by o.id;

-- name: task
-- Work for an organization's privacy officer: to look into who had it.
insert into human_task (id, kind, org_id, member_id, about_org_id, document_id, thread_id, reason,
  opened_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, lk.now());

-- name: opened
-- That somebody had these opened, each once; $4 member, $5 worker, $6 link.
insert into document_opened (id, document_id, attachment_id, org_id, member_id, worker_id, link_id,
  opened_at)
select i.id, case when not $7::boolean then i.record_id end, case when $7 then i.record_id end, $3, $4,
       $5, $6, lk.now()
  from unnest($1::uuid[], $2::uuid[]) i (id, record_id)
on conflict do nothing;

-- name: document_readers
-- Who has had a document or one of its files opened: when first, each once.
select b.org_id, o.public_name as org, b.member_id, n.name as member, b.worker_id is not null as by_link,
       min(b.opened_at) as opened_at
  from document_opened b join organization o on o.id = b.org_id
  left join member n on n.id = b.member_id
 where b.document_id = $1 or b.attachment_id in (select a.id from attachment a where a.document_id = $1)
 group by b.org_id, o.public_name, b.member_id, n.name, b.worker_id is not null
 order by min(b.opened_at), b.org_id;

-- name: file_readers
-- Who has fetched a file: when first, each once.
select b.org_id, o.public_name as org, b.member_id, n.name as member, b.worker_id is not null as by_link,
       min(b.opened_at) as opened_at
  from document_opened b join organization o on o.id = b.org_id
  left join member n on n.id = b.member_id
 where b.attachment_id = $1
 group by b.org_id, o.public_name, b.member_id, n.name, b.worker_id is not null
 order by min(b.opened_at), b.org_id;
