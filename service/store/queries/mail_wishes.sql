-- name: fetch
-- When routine mail comes to a member: what they said, and what their organization says.
select m.routine_mail as routine, o.routine_mail as organization
  from member m join organization o on o.id = m.org_id where m.org_id = $1 and m.id = $2;

-- name: wish
-- What a member says from now on; nothing where they said so already.
update member set routine_mail = $3
 where org_id = $1 and id = $2 and routine_mail is distinct from $3 returning id;
