-- name: visible
-- Files by id, as far as the asking organization sees them, with its seal of their epoch.
select a.id, a.org_id, o.public_name as organization, a.referral_id, a.thread_id, a.leg_id,
       a.document_id, a.message_id, a.class as sensitivity, coalesce(c.epoch, a.epoch) as epoch,
       a.context_id, coalesce(c.label, a.label) as label, coalesce(c.head, a.head) as head,
       c.author_org_id as shared_by_org_id, a.blob_id, a.stored_bytes, a.state, a.scanner,
       a.created_at, a.retract_reason, coalesce(s.key_id, c.key_id) as key_id,
       coalesce(s.sealed, c.sealed) as sealed
  from attachment a
  join organization o on o.id = a.org_id
  left join seal s on s.context_id = a.context_id and s.class = a.class and s.epoch = a.epoch
    and s.org_id = $1
  left join lateral (
    -- Its own epoch is closed to whoever came later; then what was shared with them opens it.
    select c.epoch, c.label, c.head, c.author_org_id, k.key_id, k.sealed
      from attachment_copy c
      join seal k on k.context_id = c.thread_id and k.class = c.class and k.epoch = c.epoch
       and k.org_id = $1
     where c.attachment_id = a.id and c.head is not null
     order by c.epoch desc limit 1) c on a.thread_id is not null and s.org_id is null
 where a.id = any($2::uuid[])
 order by a.id;

-- name: in_context
-- Every file of a referral or thread that the asking organization sees, its own loose ones too.
select a.id from attachment a where a.context_id = $1 order by a.id;

-- name: said_since
-- The files of messages from a number on, the oldest first.
select a.id from message m join attachment a on a.message_id = m.id
 where m.thread_id = $1 and m.seq >= $2 and a.head is not null order by a.id limit $3;

-- name: loose
-- Files of an organization that nothing has taken along yet, held until this transaction ends.
select a.id from attachment a
 where a.id = any($1::uuid[]) and a.org_id = $2 and a.context_id = $3 and a.bound_at is null
   and a.state in ('pending', 'clean') and a.head is not null
   for update;

-- name: due
-- Files that wait to be looked at, each leased for a while; a lease that runs out is given again.
with due as (
  select id from attachment
   where state = 'pending' and next_at <= lk.now() and head is not null
   order by next_at limit $1 for update skip locked
)
update attachment a
   set tries = a.tries + 1,
       next_at = lk.now() + least(interval '5 seconds' * power(2, least(a.tries, 10)), interval '5 minutes')
  from due where a.id = due.id
returning a.id, a.org_id, a.referral_id, a.thread_id, a.leg_id, a.member_id, a.link_id, a.context_id,
  a.class as sensitivity, a.epoch, a.head, a.blob_id, a.tries;

-- name: held
-- The seal of an organization that opens an epoch, if it holds one.
select context_id, class as sensitivity, epoch, org_id, key_id, sealed from seal
 where context_id = $1 and class = $2 and epoch = $3 and org_id = $4;

-- name: scanned
-- What came of the look; nothing where another look was first.
update attachment set state = $2, scanner = $3, scanned_at = lk.now()
 where id = $1 and state = 'pending';

-- name: tell
-- Work for a person: of the uploader's organization, or where it has no accounts of the sender's,
-- in a conversation of whose it is.
insert into human_task (id, kind, org_id, member_id, referral_id, thread_id, leg_id, about_org_id,
  attachment_id, reason, opened_at)
select $2, 'attachment', case when a.link_id is null then a.org_id
         else coalesce(r.sender_org_id, t.owner_org_id) end,
       a.member_id, null, a.thread_id, a.leg_id, a.org_id, a.id, $3, lk.now()
  from attachment a left join referral r on r.id = a.referral_id left join thread t on t.id = a.thread_id
 where a.id = $1 and (a.link_id is null or r.id is not null or t.id is not null);

-- name: stale
-- Files that nothing took along within a day, held while they are removed.
select id, blob_id from attachment
 where bound_at is null and created_at < lk.now() - interval '24 hours'
 order by created_at limit $1 for update skip locked;

-- name: remove
-- The row of a file whose bytes are gone already.
delete from attachment where id = $1 and bound_at is null;

-- name: blobs
-- Which bytes there should be, and how many.
select blob_id, id, stored_bytes from attachment;
