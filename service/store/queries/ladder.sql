-- name: hold
-- The referral before its timer: in the order in which a step takes them.
select true from referral where id = $1 for no key update;

-- name: climbed
-- The timer stands on its next rung.
update timer set rung = $2, due_at = $3, planned = true where id = $1 and state = 'armed';

-- name: second
-- Somebody else at the organization whose turn it is: who is there, whoever works the list first.
select m.id from member m
 where m.org_id = $1 and m.state = 'active' and m.id is distinct from $2
   and (m.away_until is null or m.away_until < lk.now()::date)
   and m.roles && array['coordinator', 'front_desk', 'org_admin', 'clinician', 'bh_clinician']
 order by m.id = (select f.cover_member_id from member f where f.id = $2) desc nulls last,
       'coordinator' = any(m.roles) desc, 'front_desk' = any(m.roles) desc,
       'org_admin' = any(m.roles) desc, m.created_at, m.id
 limit 1;

-- name: tell
-- A word to one person about a clock.
insert into outbox (id, kind, referral_id, leg_id, org_id, member_id, code, due_at, next_at,
  created_at)
select $1, $2, $3, $4, $5, $6, $7, at.now, at.now, at.now from (select lk.now() as now) at;

-- name: open_task
-- Work that goes with a clock; open already is open.
insert into human_task (id, kind, org_id, member_id, referral_id, leg_id, about_org_id, reason,
  due_at, opened_at)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, lk.now()
on conflict do nothing;

-- name: above
-- Who is over an owner: the administrators there, but for the owner.
select m.id from member m
 where m.org_id = $1 and m.state = 'active' and 'org_admin' = any(m.roles) and m.id <> $2
 order by m.created_at, m.id;

-- name: pool
-- Who may take over, what each has in hand or is to get, and for what each was named.
select m.id, 'coordinator' = any(m.roles) as coordinates,
       coalesce(m.away_until >= lk.now()::date, false) as away, m.cover_member_id as cover,
       (select count(*) from referral r
         where r.owner_org_id = m.org_id and r.owner_member_id = m.id
           and r.state in ('with_recipient', 'needs_routing', 'awaiting_review'))
       + (select count(*) from timer t
           where t.moves_to_member_id = m.id and t.state = 'armed' and t.rung < 4) as load,
       coalesce((select json_agg(json_build_object('areas', a.areas, 'languages', a.languages,
                   'partners', a.partner_org_ids))
                   from assignment_rule a
                  where a.org_id = m.org_id and a.member_id = m.id and a.ended_at is null), '[]')
         as named
  from member m
 where m.org_id = $1 and m.state = 'active' and m.roles && array['coordinator', 'org_admin']
 order by m.created_at, m.id;

-- name: unplanned
-- Timers of which nobody has said yet to whom they move, with what the rules look at.
select t.id, r.id is not null and r.owner_org_id <> r.cco_org_id
         and r.class not in ('part2', 'psychotherapy') as moves,
       array_remove(array[t.turn_org_id, r.sender_org_id], null) as partners,
       coalesce(v.area, '{}') as areas, f.language
  from timer t
  left join referral r on r.id = t.referral_id and r.cco_org_id = $1
  left join leg l on l.id = t.leg_id
  left join healthcare_service v on v.org_id = l.org_id and v.id = l.service_id
  left join referral_fact f on f.referral_id = r.id
 where t.state = 'armed' and t.rung < 4 and not t.planned and t.referral_id is not null
 order by t.referral_id limit $2
   for update of t skip locked;

-- name: planned
-- To whom each of these moves once its time is up; to nobody by name where it stays.
update timer t set planned = true, moves_to_member_id = n.member_id
  from unnest($1::uuid[], $2::uuid[]) n (id, member_id)
 where t.id = n.id and t.state = 'armed';
