-- name: insert
-- An organization's mailbox, sealed, attested by another organization.
insert into address (org_id, id, sealed, token, shared, phrase_sealed, attested_by_org_id,
  key_version, attested_at, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, lk.now(), lk.now());

-- name: retire
-- The mailbox in use gives way to another; what was sent to it stays on record.
update address set state = 'retired' where org_id = $1 and state = 'attested';

-- name: current
-- The mailbox in use.
select id, sealed, phrase_sealed, shared, attested_by_org_id, attested_at, enrolled_at
  from address where org_id = $1 and state = 'attested';

-- name: phrase
-- Set or clear the phrase that an organization knows our mails by.
update address set phrase_sealed = $2, shared = $3
 where org_id = $1 and state = 'attested' returning id;
