-- name: insert
-- A service that an organization offers.
insert into healthcare_service (org_id, id, site_id, name, category, code_system, code, pattern,
  reviewer, evidence, required, eligibility, languages, area, capacity, capacity_at,
  no_capacity_until, active, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
  case when $15 <> 'unknown' then lk.now() end, $16, $17, lk.now());

-- name: fetch
-- One service of an organization.
select org_id, id, site_id, name, category, code_system, code, pattern, reviewer, evidence,
       required, eligibility, languages, area, capacity, no_capacity_until, active, capacity_at,
       version
  from healthcare_service where org_id = $1 and id = $2;

-- name: of_organization
-- The services of an organization, those no longer offered too.
select org_id, id, site_id, name, category, code_system, code, pattern, reviewer, evidence,
       required, eligibility, languages, area, capacity, no_capacity_until, active, capacity_at,
       version
  from healthcare_service where org_id = $1 order by lower(name), id;

-- name: edit
-- What an organization says of a service; capacity has a statement of its own.
update healthcare_service
   set site_id = $4, name = $5, category = $6, code_system = $7, code = $8, pattern = $9,
       reviewer = $10, evidence = $11, required = $12, eligibility = $13, languages = $14,
       area = $15, active = $16, version = version + 1
 where org_id = $1 and id = $2 and version = $3
returning version;

-- name: state_capacity
-- Whether there is room, as of now; no version is asked for, the latest word counts.
update healthcare_service
   set capacity = $3, no_capacity_until = $4, capacity_at = lk.now()
 where org_id = $1 and id = $2 and active
returning id;

-- name: search
-- The directory: open ones first, then those whose word is freshest.
select s.id, s.org_id, o.public_name as organization, o.kind, o.channel, o.phone, s.name,
       s.category, s.code_system, s.code, s.pattern, s.reviewer, s.evidence, s.required,
       s.eligibility, s.languages, s.area, s.capacity, s.capacity_at, s.no_capacity_until,
       floor(extract(epoch from lk.now() - s.capacity_at) / 86400)::int as capacity_age_days,
       b.sent as lately_sent, b.answered as lately_answered, b.accepted as lately_accepted,
       b.answer_hours
  from healthcare_service s join organization o on o.id = s.org_id
  left join service_behaviour b on b.service_id = s.id
 where s.active and o.state = 'active'
   and ($1::text is null or s.category = $1)
   and ($2::text is null or $2 = any(s.languages))
   and ($3::text is null or s.area = '{}' or $3 = any(s.area))
   and ($4::text is null or strpos(lower(s.name || ' ' || o.public_name || ' ' || s.eligibility),
         lower($4)) > 0)
   and (not $5::boolean or (s.capacity in ('open', 'limited')
         and (s.no_capacity_until is null or s.no_capacity_until <= (lk.now())::date)))
 order by array_position(array['open', 'limited', 'unknown', 'waitlist', 'closed'], s.capacity),
       s.capacity_at desc nulls last, lower(o.public_name), s.id
 limit $6 offset $7;
