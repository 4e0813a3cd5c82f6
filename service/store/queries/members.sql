-- name: insert
-- A person in an organization, with roles.
insert into member (org_id, id, person_id, name, roles, npi, created_at)
values ($1, $2, $3, $4, $5, $6, lk.now());

-- name: of_organization
-- The members of an organization, inactive ones too.
select org_id, id, person_id, name, roles, npi, state, away_until, cover_member_id, version
  from member where org_id = $1 order by lower(name), id;

-- name: fetch
-- One member of an organization.
select org_id, id, person_id, name, roles, npi, state, away_until, cover_member_id, version
  from member where org_id = $1 and id = $2;

-- name: choices
-- What a person may act as: active memberships of active organizations.
select m.id as member_id, m.org_id, m.name, m.roles, o.public_name, o.is_cco,
       o.time_zone
  from member m join organization o on o.id = m.org_id
 where m.person_id = $1 and m.state = 'active' and o.state = 'active'
 order by lower(o.public_name), m.id;

-- name: elsewhere
-- Whether a person belongs to any other organization than this.
select exists (select 1 from member where person_id = $1 and org_id <> $2);

-- name: edit
-- What an administrator may change of a member.
update member set name = $4, roles = $5, npi = $6, away_until = $7, cover_member_id = $8,
       version = version + 1
 where org_id = $1 and id = $2 and version = $3
returning version;

-- name: other_administrator
-- Whether anybody else administers this organization.
select exists (select 1 from member where org_id = $1 and id <> $2 and state = 'active'
  and 'org_admin' = any(roles));

-- name: active_elsewhere
-- Whether a person still acts for any other organization than this.
select exists (select 1 from member where person_id = $1 and org_id <> $2 and state = 'active');

-- name: stand_in
-- Who owns what is left without a successor: somebody who coordinates, else who administers.
select id from member
 where org_id = $1 and id <> $2 and state = 'active' and roles && '{coordinator,org_admin}'
 order by ('coordinator' = any(roles)) desc, created_at, id limit 1;

-- name: second_persons
-- Who may be the second person for a reset in an organization, and is neither of the two.
select id, org_id, person_id from member
 where org_id = $1 and state = 'active' and roles && $2::text[]
   and person_id <> all($3::uuid[])
 order by created_at, id;

-- name: deactivate
-- One act: the member ends, and all they own is the successor's; without one, legs and tasks wait
-- for anybody, and referrals for whoever stands in. A referral's version moves, so that a step
-- decided on the owner before is decided again.
with gone as (
  update member set state = 'inactive', version = version + 1
   where org_id = $1 and id = $2 and state = 'active' returning id
), referrals as (
  update referral r set owner_member_id = $3, version = r.version + 1
    from gone where r.owner_org_id = $1 and r.owner_member_id = gone.id returning r.id
), legs as (
  update leg l set owner_member_id = $5, version = l.version + 1
    from gone where l.org_id = $1 and l.owner_member_id = gone.id returning l.id
), tasks as (
  update human_task t set member_id = $5
    from gone where t.org_id = $1 and t.member_id = gone.id and t.state = 'open' returning t.id
), covers as (
  update member m set cover_member_id = $5
    from gone where m.org_id = $1 and m.cover_member_id = gone.id and m.id is distinct from $5
  returning m.id
), uncovered as (
  update member m set cover_member_id = null
    from gone where m.org_id = $1 and m.cover_member_id = gone.id and m.id = $5 returning m.id
), revoked as (
  update api_key k set revoked_at = $4::timestamptz
    from gone where k.org_id = $1 and k.member_id = gone.id and k.revoked_at is null
  returning k.id
), ended as (
  update session s set ended_at = $4::timestamptz
    from gone where s.member_id = gone.id and s.ended_at is null returning s.id
)
select (select count(*) from gone)::int as members, (select count(*) from referrals)::int as
  referrals, (select count(*) from legs)::int as legs, (select count(*) from tasks)::int as tasks,
  (select count(*) from revoked)::int as api_keys, (select count(*) from ended)::int as sessions;

-- name: end_sessions
-- A member's sessions end, but for the one that does it.
update session set ended_at = $2
 where member_id = $1 and ended_at is null and ($3::uuid is null or id <> $3);
