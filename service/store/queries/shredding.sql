-- name: content
-- One content loses its envelope, and with it the only copy of its own key; a document its files'.
with files as (
  update attachment set head = null, label = null where document_id = $1
)
update content set envelope = null, shredded_at = lk.now()
 where id = $1 and envelope is not null returning id;

-- name: message
-- One message of a conversation, the same, and every copy of it; to its readers it was taken back.
with copies as (
  update message_copy set envelope = null where message_id = $1
), files as (
  update attachment set head = null, label = null where message_id = $1
), file_copies as (
  update attachment_copy set head = null, label = null
   where attachment_id in (select a.id from attachment a where a.message_id = $1)
)
update message
   set envelope = null, retract_sealed = null, retracted_at = coalesce(retracted_at, lk.now()),
       retract_reason = coalesce(retract_reason, 'shredded')
 where id = $1 and envelope is not null returning id;

-- name: files
-- The files that one content or message took along lose their own keys.
update attachment a set head = null, label = null
 where a.head is not null
   and (a.message_id = $1 or a.document_id in (select d.id from document d where d.content_id = $1))
returning a.id;

-- name: context_files
-- The files of these epochs, the same.
with copies as (
  update attachment_copy set head = null, label = null
   where thread_id = any($1::uuid[]) and ($2::text is null or class = $2)
)
update attachment set head = null, label = null
 where context_id = any($1::uuid[]) and ($2::text is null or class = $2) and head is not null
returning id;

-- name: contexts
-- A referral with the conversations on it, or one conversation: whatever has keys of its own.
select $1::uuid as id
union select t.id from thread t
 where t.referral_id = $1 and ($2::text is null or t.class = $2);

-- name: moved
-- A step that was decided before is decided again.
with referrals as (
  update referral set version = version + 1 where id = any($1::uuid[]) returning id
), threads as (
  update thread set version = version + 1, circle = circle + 1 where id = any($1::uuid[])
  returning id
)
select count(*) from (select id from referrals union all select id from threads) x;

-- name: seals
-- Nobody holds these epochs any more.
delete from seal where context_id = any($1::uuid[]) and ($2::text is null or class = $2)
returning org_id;

-- name: epochs
-- The epochs are over for good; their numbers are not used again.
update epoch set state = 'destroyed', closed_at = coalesce(closed_at, lk.now())
 where context_id = any($1::uuid[]) and ($2::text is null or class = $2) and state <> 'destroyed'
returning epoch;

-- name: contents
-- What was sealed in them goes, too, files among it: nothing is left to guess at.
with files as (
  update attachment set head = null, label = null
   where context_id = any($1::uuid[]) and ($2::text is null or class = $2)
)
update content set envelope = null, shredded_at = lk.now()
 where context_id = any($1::uuid[]) and ($2::text is null or class = $2)
   and envelope is not null returning id;

-- name: messages
-- The messages of conversations, the same.
with copies as (
  update message_copy set envelope = null
   where thread_id = any($1::uuid[]) and ($2::text is null or class = $2)
)
update message
   set envelope = null, retract_sealed = null, retracted_at = coalesce(retracted_at, lk.now()),
       retract_reason = coalesce(retract_reason, 'shredded')
 where thread_id = any($1::uuid[]) and ($2::text is null or class = $2)
   and envelope is not null returning id;

-- name: titles
-- What conversations were called.
update thread_title set envelope = null
 where thread_id = any($1::uuid[]) and ($2::text is null or class = $2)
   and envelope is not null returning id;

-- name: patient_keys
-- The keys of these patients of an organization, or of all.
update org_key set state = 'destroyed', wrapped = ''::bytea, changed_at = lk.now()
 where org_id = $1 and state <> 'destroyed'
   and purpose = any(select 'pfk:' || p from unnest($2::uuid[]) p) returning key_id;

-- name: patients
-- Which patients an organization has.
select id from patient where org_id = $1 and sealed is not null;

-- name: identities
-- Who these patients are is gone.
update patient set sealed = null, shredded_at = lk.now(), version = version + 1
 where org_id = $1 and id = any($2::uuid[]) and sealed is not null returning id;

-- name: contacts
-- And who may be spoken to about them.
update contact set sealed = null, version = version + 1
 where org_id = $1 and patient_id = any($2::uuid[]) and sealed is not null returning id;

-- name: consents
-- And the words of what they allowed; that they allowed it stays on record.
update consent set sealed = null
 where org_id = $1 and patient_id = any($2::uuid[]) and sealed is not null returning id;

-- name: tokens
-- Nothing finds them any more.
delete from patient_index where org_id = $1 and patient_id = any($2::uuid[]) returning patient_id;

-- name: foreign_ids
-- Nor do the names that other systems have for them.
delete from external_id
 where org_id = $1 and kind = 'patient' and subject_id = any($2::uuid[]) returning subject_id;

-- name: organization_keys
-- Every key of an organization; what it signed can still be verified.
update org_key set state = 'destroyed', wrapped = ''::bytea, changed_at = lk.now()
 where org_id = $1 and state <> 'destroyed' returning key_id;

-- name: public_keys
-- Nobody seals to it any more.
update public_key set state = 'destroyed' where org_id = $1 returning version;

-- name: has_left
-- Whether an organization left the network and nobody waits for it.
select o.state = 'left' and not exists (
         select from leg l where l.org_id = o.id and l.ended_at is null and l.completed_at is null
            and l.sent_at is not null)
  from organization o where o.id = $1;

-- name: bump
-- Whoever remembers keys forgets them within a second.
update key_generation set generation = generation + 1 returning generation;

-- name: copies
-- Referrals that still hold a copy of who a patient is, sealed for their parties.
select count(*) from referral r where r.patient_id = $1 and exists (
  select from content c where c.referral_id = r.id and c.envelope is not null);
