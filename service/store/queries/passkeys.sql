-- name: insert
-- A passkey: a public key, and what its authenticator knows it by.
insert into passkey (id, person_id, credential_hash, credential_id, public_key, sign_count,
  backed_up, name, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: by_credential
-- A passkey that works, found by the hash of its id; the hash is the scope's proof.
select id, person_id, credential_id, public_key from passkey
 where credential_hash = $1 and ended_at is null;

-- name: of_person
-- A person's passkeys that work.
select id, name, backed_up, created_at, last_used_at from passkey
 where person_id = $1 and ended_at is null order by created_at, id;

-- name: credential_ids
-- What a person's authenticators know their passkeys by.
select credential_id from passkey where person_id = $1 and ended_at is null order by created_at;

-- name: used
-- A counter only goes up; authenticators without one say nought for ever.
update passkey set sign_count = $2, last_used_at = $3
 where id = $1 and ended_at is null and (sign_count < $2 or (sign_count = 0 and $2 = 0))
returning id;

-- name: end
-- One passkey works no more.
update passkey set ended_at = $4, ended_why = $3
 where id = $1 and person_id = $2 and ended_at is null
returning id;

-- name: end_all
-- None of a person's passkeys works any more.
update passkey set ended_at = $3, ended_why = $2
 where person_id = $1 and ended_at is null
returning id;

-- name: challenge
-- What an authenticator is to sign, once, and soon.
insert into webauthn_challenge (challenge_hash, purpose, person_id, created_at, expires_at)
values ($1, $2, $3, $4, $5);

-- name: claim
-- Use a challenge up; of two at once one gets it.
update webauthn_challenge set used_at = $3
 where challenge_hash = $1 and purpose = $2 and used_at is null and expires_at > $3
returning challenge_hash;
