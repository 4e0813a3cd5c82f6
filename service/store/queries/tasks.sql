-- name: open
-- Work for people of one organization, oldest first. Whom protected care was asked of is not told to
-- coordinators, who see no more of it than its stage.
select h.id, h.kind, h.member_id, m.name as member,
       coalesce(h.referral_id, d.referral_id) as referral_id, r.reference,
       case when s.whole then h.leg_id end as leg_id, h.patient_id, o.id as about_org_id,
       o.public_name as about, o.phone as about_phone, h.reason, h.due_at, h.opened_at
  from human_task h
  left join member m on m.id = h.member_id
  left join document d on d.id = h.document_id
  left join referral r on r.id = coalesce(h.referral_id, d.referral_id)
  left join party p on p.org_id = h.org_id and p.referral_id = r.id
  cross join lateral (select not coalesce(p.capacity = 'cco' and not r.class = any(p.classes)
    and r.class in ('part2', 'psychotherapy'), false) as whole) s
  left join organization o on s.whole and o.id = h.about_org_id
 where h.org_id = $1 and h.state = 'open' and (h.opened_at, h.id) > ($2, $3)
   and ($5::uuid is null or h.member_id = $5) and (not $6 or h.member_id is null)
   and ($7::uuid is null or s.whole and h.about_org_id = $7)
 order by h.opened_at, h.id limit $4;

-- name: board
-- The open work of one organization in sums: about whom and of which kind, the longest wait first.
select w.kind, o.id as about_org_id, o.public_name as about, o.phone as about_phone,
       count(*)::int as items, (count(*) filter (where w.member_id is null))::int as unassigned,
       min(w.opened_at) as oldest
  from (select h.kind, h.member_id, h.opened_at,
               case when not coalesce(p.capacity = 'cco' and not r.class = any(p.classes)
                 and r.class in ('part2', 'psychotherapy'), false) then h.about_org_id end as about_org_id
          from human_task h
          left join document d on d.id = h.document_id
          left join referral r on r.id = coalesce(h.referral_id, d.referral_id)
          left join party p on p.org_id = h.org_id and p.referral_id = r.id
         where h.org_id = $1 and h.state = 'open') w
  left join organization o on o.id = w.about_org_id
 group by w.kind, o.id, o.public_name, o.phone
 order by min(w.opened_at), w.kind limit $2;

-- name: unanswered
-- What an organization has sent to another and waits for its answer, the longest wait first.
select l.id as leg_id, r.id as referral_id, r.reference, o.id as about_org_id, o.public_name as about,
       o.phone as about_phone
  from leg l
  join referral r on r.id = l.referral_id and r.sender_org_id = $1
  join organization o on o.id = l.org_id
 where l.org_id = $2 and l.state = any($3::text[])
 order by l.id limit $4;

-- name: fetch
-- One task of an organization.
select id, kind, referral_id, leg_id, state from human_task where org_id = $1 and id = $2;

-- name: of_patient
-- Open work of one organization about a patient of its own.
select id, kind, referral_id, opened_at from human_task
 where org_id = $1 and patient_id = $2 and state = 'open' order by opened_at, id limit 50;

-- name: to_confirm
-- Open work of an organization to confirm the people another one named.
select id from human_task
 where org_id = $1 and about_org_id = $2 and kind = 'confirm_people' and state = 'open';

-- name: resolve
-- Somebody did it.
update human_task
   set state = 'done', resolved_at = lk.now(), resolved_by_member_id = $3, resolution = $4
 where org_id = $1 and id = $2 and state = 'open';

-- name: hold
-- The referral as it was read, locked; nothing where a step was first.
select true from referral where id = $1 and version = $2 for update;

-- name: arm
-- A clock wound up afresh; one that runs already is left alone.
insert into timer (id, referral_id, leg_id, clock, rung, turn_org_id, started_at, due_at, late_at,
  second_at, final_at, reckoning)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing;

-- name: stop
-- The clock that a task goes with runs no further: it is wound up afresh.
update timer set state = 'disarmed', ended_at = lk.now()
 where id = any($1::uuid[]) and state = 'armed';
