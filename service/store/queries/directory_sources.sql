-- name: known
-- Which of ours these of another directory are.
select value, id from directory_source where kind = $1 and value = any($2::text[]);

-- name: add
-- What another directory calls one of ours; said again it stays the first.
insert into directory_source (kind, value, org_id, id, taken_at)
values ($1, $2, $3, $4, lk.now()) on conflict do nothing;

-- name: named
-- Organizations of this name, whatever its case.
select id from organization where lower(name) = lower($1) and state = 'active' order by id;

-- name: every
-- The directory, with what others call its entries; names are those that everybody may see.
select o.id as org_id, own.value as org_source, o.public_name as organization, o.phone, s.id,
       its.value as source, s.name, s.category, s.eligibility, s.languages, s.area, s.active,
       s.capacity, s.capacity_at
  from healthcare_service s
  join organization o on o.id = s.org_id and o.state = 'active'
  left join directory_source own on own.id = o.id and own.kind = 'organization'
  left join directory_source its on its.id = s.id and its.kind = 'service'
 order by lower(o.public_name), o.id, lower(s.name), s.id;
