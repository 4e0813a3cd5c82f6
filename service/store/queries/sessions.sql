-- name: insert
-- A session of one member; only the hashes of its secrets are kept.
insert into session (secret_hash, id, person_id, org_id, member_id, csrf_hash, method, totp_passed,
  device, created_at, proven_at, seen_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10, $11);

-- name: rotate
-- A living session gets a new secret; the old one is nobody's from here on.
update session
   set secret_hash = $2, csrf_hash = $3, seen_at = $4::timestamptz,
       org_id = coalesce($5, org_id), member_id = coalesce($6, member_id),
       method = coalesce($7, method), totp_passed = coalesce($8, totp_passed),
       proven_at = coalesce($9, proven_at), expires_at = coalesce($10, expires_at)
 where id = $1 and ended_at is null and expires_at > $4
returning expires_at;

-- name: of_person
-- A person's living sessions, as they are shown to that person.
select s.id, o.public_name as organization, s.method, s.device, s.created_at, s.seen_at,
       s.expires_at
  from session s join organization o on o.id = s.org_id
 where s.person_id = $1 and s.ended_at is null and s.expires_at > $2::timestamptz
   and s.seen_at > $2::timestamptz - make_interval(mins => coalesce(o.idle_minutes,
     (select c.idle_minutes from organization c where c.is_cco), 30))
 order by s.seen_at desc, s.id;

-- name: by_session
-- Who a living session stands for, as member and organization are now; how long it may rest is
-- for the organization to say, else for the network, else half an hour.
select s.id as session_id, null::uuid as api_key_id, s.person_id, s.org_id, s.member_id,
       m.roles, o.is_cco as cco, s.totp_passed as stepped_up, s.csrf_hash, s.seen_at
  from session s
  join member m on m.id = s.member_id
  join organization o on o.id = s.org_id
 where s.secret_hash = $1 and s.ended_at is null and s.expires_at > $2::timestamptz
   and s.seen_at > $2::timestamptz - make_interval(mins => coalesce(o.idle_minutes,
     (select c.idle_minutes from organization c where c.is_cco), 30))
   and m.state = 'active' and o.state = 'active';

-- name: seen
-- A session that is used does not go idle; written once a minute at most.
update session set seen_at = $2 where secret_hash = $1 and seen_at < $2 and ended_at is null;

-- name: remains
-- Whose session this was, while nobody has ended it and it may only have rested too long.
select person_id, org_id, member_id, csrf_hash from session
 where secret_hash = $1 and ended_at is null and expires_at > $2::timestamptz - interval '12 hours';

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
