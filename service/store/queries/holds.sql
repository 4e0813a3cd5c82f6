-- name: standing
-- Which holds keep a unit from being destroyed: on itself, on what it lies in, on what lies in it.
-- From each hold and from the unit the way leads upward only; a class narrows what lies in a referral.
with recursive up (hold_id, kind, id, class) as (
  (select null::uuid, $1::text, $2::uuid, null::text
   union all
   select h.id, h.kind, h.subject_id, null from legal_hold h where h.released_at is null)
  union
  select u.hold_id, above.kind, above.id, coalesce(u.class, above.class)
    from up u cross join lateral (
      select 'referral' as kind, c.referral_id as id, c.class from content c
       where u.kind = 'message' and c.id = u.id
      union all select 'thread', m.thread_id, m.class from message m
       where u.kind = 'message' and m.id = u.id
      union all select 'referral', t.referral_id, t.class from thread t
       where u.kind = 'thread' and t.id = u.id
      union all select 'patient', t.patient_id, t.class from thread t
       where u.kind = 'thread' and t.id = u.id
      union all select 'organization', p.org_id, null from thread_party p
       where u.kind = 'thread' and p.thread_id = u.id
      union all select 'patient', r.patient_id, null from referral r
       where u.kind = 'referral' and r.id = u.id
      union all select 'organization', p.org_id, null from party p
       where u.kind = 'referral' and p.referral_id = u.id
      union all select 'organization', a.org_id, null from patient a
       where u.kind = 'patient' and a.id = u.id) above
   where above.id is not null
)
select h.id, h.kind, h.subject_id
  from legal_hold h
 where h.released_at is null
   and (exists (select from up u where u.hold_id is null
                   and (u.kind, u.id) = (h.kind, h.subject_id))
     or exists (select from up u where u.hold_id = h.id and (u.kind, u.id) = ($1, $2)
                   and ($3::text is null or u.class is null or u.class = $3)))
 order by h.id;

-- name: lock
-- Placing a hold and destroying a key wait for each other; whoever is first has happened first.
select pg_advisory_xact_lock(hashtext('lk.legal_hold'));

-- name: place
-- A hold on one unit; a second one on the same is the first.
insert into legal_hold (id, kind, subject_id, reason, placed_at)
values ($1, $2, $3, $4, lk.now())
on conflict (kind, subject_id) where released_at is null do nothing
returning id;

-- name: release
-- A hold is over; its row stays.
update legal_hold set released_at = lk.now(), release_reason = $2
 where id = $1 and released_at is null returning kind, subject_id;

-- name: every
-- All holds, the newest first, those that are over last.
select id, kind, subject_id, reason, placed_at, released_at, release_reason
  from legal_hold order by released_at is not null, placed_at desc, id;

-- name: exists
-- Whether there is such a unit at all.
select case $1::text
  when 'message' then exists (select from content where id = $2)
                   or exists (select from message where id = $2)
  when 'thread' then exists (select from thread where id = $2)
  when 'referral' then exists (select from referral where id = $2)
  when 'patient' then exists (select from patient where id = $2)
  when 'organization' then exists (select from organization where id = $2)
  else false end;

-- name: owner
-- Whose record tells of a unit: its author's, its sender's, its organization's own.
select case $1::text
  when 'message' then coalesce((select author_org_id from content where id = $2),
                               (select author_org_id from message where id = $2))
  when 'thread' then (select created_org_id from thread where id = $2)
  when 'referral' then (select sender_org_id from referral where id = $2)
  when 'patient' then (select org_id from patient where id = $2)
  else $2::uuid end;
