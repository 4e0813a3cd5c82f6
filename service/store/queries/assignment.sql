-- name: coordinators
-- The organization that coordinates the network.
select id from organization where is_cco;

-- name: listed
-- For what each of an organization's people was named.
select a.id, m.name as member, a.areas, a.languages,
       array(select o.public_name from organization o where o.id = any(a.partner_org_ids)
              order by o.public_name) as partners
  from assignment_rule a join member m on m.id = a.member_id
 where a.org_id = $1 and a.ended_at is null
 order by m.name, a.id;

-- name: add
-- Somebody is named for what comes in; only an active member of the organization can be.
insert into assignment_rule (org_id, id, member_id, areas, languages, partner_org_ids, created_at)
select m.org_id, $2, m.id, $4, $5, $6, lk.now()
  from member m where m.org_id = $1 and m.id = $3 and m.state = 'active'
returning id;

-- name: finish
-- Nobody is named so any more.
update assignment_rule set ended_at = lk.now()
 where org_id = $1 and id = $2 and ended_at is null;

-- name: members
-- The people of the coordinating organization who can take over.
select m.id, m.name from member m
 where m.org_id = $1 and m.state = 'active' and m.roles && array['coordinator', 'org_admin']
 order by lower(m.name), m.id;

-- name: partners
-- The organizations of the network but for this one.
select o.id, o.public_name as name from organization o
 where o.id <> $1 and o.state = 'active' order by lower(o.public_name), o.id;
