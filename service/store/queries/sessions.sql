-- name: insert
-- A session of one member; only the hashes of its secrets are kept.
insert into session (secret_hash, id, person_id, org_id, member_id, csrf_hash, totp_passed,
  created_at, seen_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9);

-- name: by_session
-- Who a living session stands for, as member and organization are now.
select s.id as session_id, null::uuid as api_key_id, s.person_id, s.org_id, s.member_id,
       m.roles, o.is_cco as cco, s.totp_passed as stepped_up, s.csrf_hash, s.seen_at
  from session s
  join member m on m.id = s.member_id
  join organization o on o.id = s.org_id
 where s.secret_hash = $1 and s.ended_at is null and s.expires_at > $2::timestamptz
   and s.seen_at > $3::timestamptz
   and m.state = 'active' and o.state = 'active';

-- name: seen
-- A session that is used does not go idle; written once a minute at most.
update session set seen_at = $2 where secret_hash = $1 and seen_at < $2 and ended_at is null;

-- name: by_api_key
-- Which member a living API key acts for.
select null::uuid as session_id, k.id as api_key_id, m.person_id, k.org_id, k.member_id,
       m.roles, o.is_cco as cco, false as stepped_up, null::bytea as csrf_hash,
       k.last_used_at as seen_at
  from api_key k
  join member m on m.id = k.member_id
  join organization o on o.id = k.org_id
 where k.secret_hash = $1 and k.revoked_at is null
   and (k.expires_at is null or k.expires_at > $2::timestamptz)
   and m.state = 'active' and o.state = 'active';

-- name: key_used
-- When a key was last used; written once a minute at most.
update api_key set last_used_at = $2 where secret_hash = $1;

-- name: end
-- End one session.
update session set ended_at = $2 where secret_hash = $1 and ended_at is null;
