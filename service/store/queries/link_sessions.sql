-- name: open_challenge
-- A browser that pressed the button; a decoy has neither link nor organization.
insert into challenge (secret_hash, id, link_id, org_id, created_at, expires_at)
values ($1, $2, $3, $4, $5::timestamptz, $5::timestamptz + interval '15 minutes');

-- name: extend_challenge
-- The same browser pressed again: its tries stay spent.
update challenge set expires_at = $3::timestamptz + interval '15 minutes'
 where secret_hash = $1 and link_id is not distinct from $2 and used_at is null
   and expires_at > $3
returning id;

-- name: spend
-- One try of a browser, spent before anything is compared.
update challenge set tries = tries + 1
 where secret_hash = $1 and used_at is null and tries < 5 and expires_at > $2
returning id, link_id, org_id;

-- name: pressed
-- Which link a browser pressed the button of, while it may still enter a code.
select id, link_id, org_id from challenge
 where secret_hash = $1 and used_at is null and expires_at > $2;

-- name: claim
-- A challenge is used once.
update challenge set used_at = $2, expires_at = $2::timestamptz + interval '60 minutes'
 where id = $1 and used_at is null
returning id;

-- name: open_used
-- The challenge of a remembered browser that needed no code.
insert into challenge (secret_hash, id, link_id, org_id, created_at, expires_at, used_at)
values ($1, $2, $3, $4, $5::timestamptz, $5::timestamptz + interval '60 minutes', $5);

-- name: remember
-- A browser that skips the mailed code for 30 days, for the card only.
insert into challenge (secret_hash, id, link_id, org_id, created_at, expires_at, used_at,
  remembered_until)
values ($1, $2, $3, $4, $5::timestamptz, $5, $5, $5::timestamptz + interval '30 days');

-- name: remembered
-- Where a remembered browser came in, if it still counts.
select link_id, org_id from challenge where secret_hash = $1 and remembered_until > $2;

-- name: remembered_here
-- Whether that was the mailbox this link went to, and nobody ended that link since.
select 1 from link was join link k on k.id = $2
 where was.id = $1 and was.state = 'live' and was.org_id = k.org_id
   and was.address_id = k.address_id;

-- name: open
-- A session of a link: one leg, one browser, an hour at most.
insert into link_session (secret_hash, id, link_id, challenge_id, org_id, leg_id, referral_id,
  created_at, seen_at, expires_at)
select $2, $3, k.id, $4, k.org_id, k.leg_id, k.referral_id, $5, $5,
       $5::timestamptz + interval '60 minutes'
  from link k where k.id = $1
returning org_id, leg_id;

-- name: find
-- A session by its hash that nobody ended and that was used in the last 15 minutes.
select id, link_id, challenge_id, org_id, leg_id, referral_id, worker_id,
       stepped_up_at is not null as stepped_up
  from link_session
 where secret_hash = $1 and ended_at is null and expires_at > $2
   and seen_at > $2::timestamptz - interval '15 minutes';

-- name: touch
-- A session that was used; written at most twice a minute.
update link_session set seen_at = $2 where id = $1 and seen_at < $2::timestamptz - interval '30 seconds';

-- name: standing
-- Everything a session hangs on, read again for every request.
select c.secret_hash as browser, a.enrolled_at is not null as enrolled, o.language,
       o.time_zone, o.public_name
  from link_session s
  join challenge c on c.id = s.challenge_id
  join link k on k.id = s.link_id and k.state = 'live' and k.expires_at > lk.now()
  join address a on (a.org_id, a.id) = (k.org_id, k.address_id) and a.state = 'attested'
  join organization o on o.id = k.org_id and o.state = 'active'
 where s.id = $1 and s.ended_at is null;

-- name: step_up
-- The session knows from now on who is looking.
update link_session set worker_id = $2, stepped_up_at = $3 where id = $1 and ended_at is null
returning id;

-- name: end
-- A session that its owner ended.
update link_session set ended_at = $2 where id = $1 and ended_at is null;
