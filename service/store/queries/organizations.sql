-- name: insert
-- A new organization of the network.
insert into organization (id, name, public_name, kind, channel, is_cco, central_intake,
  part2_program, covered_entity, time_zone, language, phone, hours, agreement_on, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, $14, lk.now());

-- name: coordinating
-- The one organization that administers the network.
select id from organization where is_cco;

-- name: founded
-- Whether the network has its coordinating organization.
select exists (select 1 from organization where is_cco);

-- name: fetch
-- One organization with its closures.
select o.id, o.name, o.public_name, o.kind, o.channel, o.is_cco, o.central_intake,
       o.part2_program, o.covered_entity, o.time_zone, o.language, o.phone, o.hours, o.state,
       o.agreement_on, o.idle_minutes, o.routine_mail, o.version,
       array(select c.closed_on from closure c where c.org_id = o.id order by 1) as closures
  from organization o where o.id = $1;

-- name: page
-- Organizations in the order of their public names, after a place in that order.
select o.id, o.name, o.public_name, o.kind, o.channel, o.is_cco, o.central_intake,
       o.part2_program, o.covered_entity, o.time_zone, o.language, o.phone, o.hours, o.state,
       o.agreement_on, o.idle_minutes, o.routine_mail, o.version,
       array(select c.closed_on from closure c where c.org_id = o.id order by 1) as closures
  from organization o
 where o.state = 'active'
   and ($1::text is null or (lower(o.public_name), o.id) > (lower($1), $2::uuid))
 order by lower(o.public_name), o.id
 limit $3;

-- name: edit
-- What an organization says of itself; the version guards against a lost race.
update organization
   set name = $3, public_name = $4, central_intake = $5, part2_program = $6, covered_entity = $7,
       time_zone = $8, language = $9, phone = $10, hours = $11::jsonb, agreement_on = $12,
       idle_minutes = $13, routine_mail = $14, version = version + 1
 where id = $1 and version = $2
returning version;

-- name: clear_closures
-- Forget the days on which an organization is not closed any more.
delete from closure where org_id = $1 and closed_on <> all($2::date[]);

-- name: closures
-- The days on which an organization is closed, and why.
select closed_on, name from closure where org_id = $1 and closed_on >= $2 order by closed_on;

-- name: add_closures
-- Closed on these days; said again it is why that is new.
insert into closure (org_id, closed_on, name) select $1, d, $3 from unnest($2::date[]) as d
on conflict (org_id, closed_on) do update set name = excluded.name;

-- name: end_closure
-- Open on this day after all.
delete from closure where org_id = $1 and closed_on = $2 returning true;

-- name: calendar_changed
-- What waits for this organization is to be reckoned anew.
update organization set calendar_at = lk.now() where id = $1;

-- name: insert_closures
-- The days an organization is closed besides holidays.
insert into closure (org_id, closed_on, name)
select $1, d, '' from unnest($2::date[]) as d
on conflict do nothing;

-- name: insert_site
-- A place of an organization.
insert into site (org_id, id, name, street, city, region, postal_code, phone, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, lk.now());

-- name: sites
-- The places of an organization.
select id, name, street, city, region, postal_code, phone, state
  from site where org_id = $1 order by name, id;

-- name: close_site
-- Close a place; it stays in the history.
update site set state = 'closed' where org_id = $1 and id = $2 returning id;
