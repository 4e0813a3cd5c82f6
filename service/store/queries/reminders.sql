-- name: stop_mailbox
-- No reminders to this mailbox any more; nothing where they are off already.
update address set reminders_off_at = lk.now()
 where org_id = $1 and id = $2 and reminders_off_at is null returning id;

-- name: stop_member
-- No reminders to this member any more; nothing where they are off already.
update member set reminders_off_at = lk.now()
 where org_id = $1 and id = $2 and reminders_off_at is null returning id;

-- name: tell
-- Work for whoever waits for them: the referral's owner, else who attested the mailbox, else the
-- coordinators.
insert into human_task (id, kind, org_id, member_id, referral_id, about_org_id, reason, opened_at)
select $1, 'reminders_off', coalesce(r.owner_org_id, a.attested_by_org_id, c.id, $2),
       r.owner_member_id, r.id, $2, 'reminders_ended', lk.now()
  from (select $2::uuid as org_id) told
  left join referral r on r.id = $4
  left join address a on a.org_id = told.org_id and a.id = $3
  left join organization c on c.is_cco
on conflict do nothing;

-- name: off_since
-- Since when the mailbox in use gets no reminders; nothing where it does.
select reminders_off_at from address where org_id = $1 and state = 'attested';

-- name: resume_mailbox
-- Reminders go to the mailbox in use again.
update address set reminders_off_at = null
 where org_id = $1 and state = 'attested' and reminders_off_at is not null returning id;

-- name: resume_member
-- Reminders go to a member again.
update member set reminders_off_at = null
 where org_id = $1 and id = $2 and reminders_off_at is not null returning id;

-- name: member_off_since
-- Since when a member gets no reminders; nothing where they do.
select reminders_off_at from member where org_id = $1 and id = $2;
