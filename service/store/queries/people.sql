-- name: by_login
-- The person of a sign-in address, found by its blind index; the index is the scope's proof.
select p.id, p.name, p.language, p.password_hash, p.totp_sealed, p.totp_confirmed_at,
       p.totp_last_step, p.failed_tries, p.delay_until, p.state, p.shortcuts
  from person_login l join person p on p.id = l.person_id where l.token = $1;

-- name: fetch
-- One person, seen by itself.
select id, name, language, password_hash, totp_sealed, totp_confirmed_at, totp_last_step,
       failed_tries, delay_until, state, shortcuts
  from person where id = $1;

-- name: insert
-- A person who may sign in once a password is set.
insert into person (id, login_sealed, name, language, password_hash, state, created_at)
values ($1, $2, $3, $4, $5, $6, lk.now());

-- name: writing_logins
-- Somebody is writing a sign-in address: until they end, no key of the index is refused.
select pg_advisory_xact_lock_shared(hashtext('lk.logins'));

-- name: insert_logins
-- Their address under every index key that opens; nothing for who does not know the key in use yet,
-- because whoever knows only that one would not meet them.
insert into person_login (token, person_id, key_version)
select l.token, $1, l.version from unnest($2::bytea[], $3::int[]) as l(token, version)
 where exists (select from network_key k where k.purpose = 'nbik' and k.state = 'active'
   and k.version = any($3::int[]));

-- name: set_password
-- A new password; tries are forgiven with it.
update person set password_hash = $2, state = 'active', failed_tries = 0, delay_until = null
 where id = $1 and state <> 'disabled' returning id;

-- name: spend_try
-- Count a try before it is checked; of racing ones each waits for the other, so none is free.
update person
   set failed_tries = failed_tries + 1,
       delay_until = $2::timestamptz + make_interval(secs => case when failed_tries < 4 then 0
         else least(900, 15 * power(2, failed_tries - 4)) end)
 where id = $1 and (delay_until is null or delay_until <= $2)
returning failed_tries;

-- name: forgive_tries
-- A right password and code end the delays.
update person set failed_tries = 0, delay_until = null where id = $1;

-- name: offer_totp
-- A seed that works only once it is confirmed.
update person set totp_sealed = $2, totp_confirmed_at = null, totp_last_step = 0
 where id = $1 and totp_confirmed_at is null returning id;

-- name: spend_totp_step
-- Use up a 30-second step; the same or an earlier one never works again.
update person set totp_last_step = $2,
       totp_confirmed_at = coalesce(totp_confirmed_at, $3::timestamptz)
 where id = $1 and totp_last_step < $2 returning id;

-- name: end_sessions
-- End every session of a person, but for one.
update session set ended_at = $2
 where person_id = $1 and ended_at is null and ($3::uuid is null or id <> $3);

-- name: end_session
-- End one session of the person of the scope.
update session set ended_at = $3 where id = $1 and person_id = $2 and ended_at is null
returning id;

-- name: proven_at
-- When the person behind a living session last proved who they are.
select coalesce(proven_at, created_at) from session where id = $1 and ended_at is null;

-- name: login
-- A person's sealed sign-in address, seen by itself.
select login_sealed from person where id = $1;

-- name: disable
-- Nobody signs in as this person any more.
update person set state = 'disabled' where id = $1 and state <> 'disabled' returning id;

-- name: clear_factors
-- Everything a person proves themselves with is gone; a mailed link begins anew.
update person set password_hash = null, totp_sealed = null, totp_confirmed_at = null,
       totp_last_step = 0, failed_tries = 0, delay_until = null, state = 'invited'
 where id = $1 returning id;

-- name: set_shortcuts
-- Whether single keys do something for this person.
update person set shortcuts = $2 where id = $1;
