-- name: page_to_answer
-- Lists narrow by kind and urgency only where this organization is told them: the rest is protected.
-- Referrals whose next word is this organization's: as a recipient, or asked something as a sender.
select r.id
  from leg l join referral r on r.id = l.referral_id
 where l.org_id = $1 and l.state = any($5::text[]) and l.referral_id < $2
   and ($4::uuid is null or l.owner_member_id = $4)
   and ($6::text is null and $7::text is null
        or (r.category = coalesce($6, r.category) and r.priority = coalesce($7, r.priority)
            and exists (select from party n where n.org_id = $1 and n.referral_id = r.id
                           and r.class = any(n.classes))))
union
select r.id
  from referral r
 where r.sender_org_id = $1 and r.state = 'with_recipient' and r.id < $2
   and ($4::uuid is null or r.owner_member_id = $4)
   and ($6::text is null and $7::text is null
        or (r.category = coalesce($6, r.category) and r.priority = coalesce($7, r.priority)
            and exists (select from party n where n.org_id = $1 and n.referral_id = r.id
                           and r.class = any(n.classes))))
   and exists (select 1 from leg l where l.referral_id = r.id
                  and (l.state = 'needs_info' or l.ask_open and l.state = any($5::text[])))
 order by 1 desc limit $3;

-- name: page_sent
-- Referrals this organization sent, in one state.
select r.id
  from referral r
 where r.sender_org_id = $1 and r.state = $5::text and r.id < $2
   and ($4::uuid is null or r.owner_member_id = $4)
   and ($6::text is null and $7::text is null
        or (r.category = coalesce($6, r.category) and r.priority = coalesce($7, r.priority)
            and exists (select from party n where n.org_id = $1 and n.referral_id = r.id
                           and r.class = any(n.classes))))
 order by r.id desc limit $3;

-- name: page_network
-- Referrals this organization coordinates for the network, or sent itself, in one state.
select r.id
  from referral r
 where (r.cco_org_id = $1 or r.sender_org_id = $1) and r.state = $5::text and r.id < $2
   and ($4::uuid is null or r.owner_member_id = $4)
   and ($6::text is null and $7::text is null
        or (r.category = coalesce($6, r.category) and r.priority = coalesce($7, r.priority)
            and exists (select from party n where n.org_id = $1 and n.referral_id = r.id
                           and r.class = any(n.classes))))
 order by r.id desc limit $3;

-- name: page_overdue
-- Open referrals of this organization whose time is up: a clock past its due time, or one that ran out
-- and that nothing has followed since. Its own are looked through one by one; the coordinators' are
-- found by the clocks of the network.
with mine as materialized (
  select r.id from referral r
   where r.sender_org_id = $1 and r.id < $2
     and r.state in ('with_recipient', 'needs_routing', 'awaiting_review')
  union
  select l.referral_id from leg l
   where l.org_id = $1 and l.state = any($5::text[]) and l.referral_id < $2
  union
  select t.referral_id from timer t
   where (select o.is_cco from organization o where o.id = $1) and t.state = 'armed'
     and t.referral_id < $2 and coalesce(t.late_at, t.final_at) <= lk.now()
  union
  select t.referral_id from timer t
   where (select o.is_cco from organization o where o.id = $1) and t.state = 'fired'
     and t.referral_id < $2
)
select r.id
  from mine m join referral r on r.id = m.id
 where r.state in ('with_recipient', 'needs_routing', 'awaiting_review')
   and (exists (select 1 from timer t where t.referral_id = r.id and t.state = 'armed'
                   and coalesce(t.late_at, t.final_at) <= lk.now())
        or exists (select 1 from timer t where t.referral_id = r.id and t.state = 'fired'
                      and not exists (select 1 from event e where e.referral_id = r.id
                            and e.leg_id is not distinct from t.leg_id
                            and e.entered_at > t.ended_at)))
   and ($4::uuid is null or r.owner_member_id = $4)
   and ($6::text is null and $7::text is null
        or (r.category = coalesce($6, r.category) and r.priority = coalesce($7, r.priority)
            and exists (select from party n where n.org_id = $1 and n.referral_id = r.id
                           and r.class = any(n.classes))))
 order by r.id desc limit $3;

-- name: page_due_today
-- Open referrals of this organization whose time is up before its day is over, found alike.
with mine as materialized (
  select r.id from referral r
   where r.sender_org_id = $1 and r.id < $2
     and r.state in ('with_recipient', 'needs_routing', 'awaiting_review')
  union
  select l.referral_id from leg l
   where l.org_id = $1 and l.state = any($5::text[]) and l.referral_id < $2
  union
  select t.referral_id from timer t
   where (select o.is_cco from organization o where o.id = $1) and t.state = 'armed'
     and t.referral_id < $2 and coalesce(t.late_at, t.final_at) > lk.now()
     and coalesce(t.late_at, t.final_at) <
         (select (date_trunc('day', lk.now() at time zone o.time_zone)
                                + interval '1 day') at time zone o.time_zone
                         from organization o where o.id = $1)
)
select r.id
  from mine m join referral r on r.id = m.id
 where r.state in ('with_recipient', 'needs_routing', 'awaiting_review')
   and exists (select 1 from timer t where t.referral_id = r.id and t.state = 'armed'
                  and coalesce(t.late_at, t.final_at) > lk.now()
                  and coalesce(t.late_at, t.final_at) <
                      (select (date_trunc('day', lk.now() at time zone o.time_zone)
                                + interval '1 day') at time zone o.time_zone
                         from organization o where o.id = $1))
   and ($4::uuid is null or r.owner_member_id = $4)
   and ($6::text is null and $7::text is null
        or (r.category = coalesce($6, r.category) and r.priority = coalesce($7, r.priority)
            and exists (select from party n where n.org_id = $1 and n.referral_id = r.id
                           and r.class = any(n.classes))))
 order by r.id desc limit $3;

-- name: page_party
-- Every referral this organization is party of, or those in one state.
select r.id
  from party p join referral r on r.id = p.referral_id
 where p.org_id = $1 and p.referral_id < $2 and (p.ended_at is null or p.ended_at > lk.now())
   and ($5::text is null or r.state = $5)
   and ($4::uuid is null or r.owner_member_id = $4)
   and ($6::text is null and $7::text is null
        or (r.category = coalesce($6, r.category) and r.priority = coalesce($7, r.priority)
            and exists (select from party n where n.org_id = $1 and n.referral_id = r.id
                           and r.class = any(n.classes))))
 order by p.referral_id desc limit $3;

-- name: snooze
-- Put aside by one person, until a day or until something happens to it.
insert into snooze (org_id, member_id, referral_id, version, until, made_at)
select $1, $2, r.id, r.version, $4, lk.now() from referral r where r.id = $3
on conflict (org_id, member_id, referral_id) do update
   set version = excluded.version, until = excluded.until, made_at = excluded.made_at
returning referral_id;

-- name: wake
-- Taken up again by hand.
delete from snooze where org_id = $1 and member_id = $2 and referral_id = $3 returning referral_id;

-- name: asleep
-- What one person put aside and what neither its day nor anything new has woken.
select s.referral_id, s.until
  from snooze s join referral r on r.id = s.referral_id
  join organization o on o.id = s.org_id
 where s.org_id = $1 and s.member_id = $2 and r.version = s.version
   and (s.until is null or s.until > (lk.now() at time zone o.time_zone)::date)
 order by s.referral_id desc limit $3;

-- name: save
-- A list that one person keeps at hand, once.
insert into saved_view (org_id, id, member_id, view, mine, category, priority, made_at)
values ($1, $2, $3, $4, $5, $6, $7, lk.now())
on conflict do nothing;

-- name: saved
-- The lists one person keeps, the oldest first.
select id, view, mine, category, priority from saved_view
 where org_id = $1 and member_id = $2 order by made_at, id limit $3;

-- name: forget
-- One that is not needed any more.
delete from saved_view where org_id = $1 and member_id = $2 and id = $3 returning id;

-- name: colleagues
-- Who works in an organization, by name: whom work can be given to.
select id, name from member where org_id = $1 and state = 'active' order by lower(name), id limit $2;

-- name: categories
-- The kinds of help that the directory has.
select distinct category from healthcare_service where active order by category limit $1;

-- name: remind
-- The reminder that would come half-way comes now, where it was not given and somebody else's turn is.
update timer set due_at = lk.now()
 where referral_id = $1 and state = 'armed' and rung = 0 and due_at > lk.now() and turn_org_id <> $2
returning id;

-- name: booked
-- One's own appointments of a span that nobody has said the end of, in their order.
select l.referral_id, l.id as leg_id, l.version, l.appointment_at
  from leg l
 where l.org_id = $1 and l.state = 'scheduled' and l.appointment_at >= $2 and l.appointment_at < $3
 order by l.appointment_at, l.id limit $4;

-- name: write_here
-- One's own hand is on a referral that this organization sees.
insert into presence (org_id, referral_id, member_id, at)
select $1, r.id, $3, lk.raw_now() from referral r where r.id = $2
on conflict (org_id, referral_id, member_id) do update set at = excluded.at;

-- name: writing
-- Colleagues whose hands were on it in the last two minutes.
select m.name from presence p join member m on m.org_id = p.org_id and m.id = p.member_id
 where p.org_id = $1 and p.referral_id = $2 and p.member_id <> $3
   and p.at > lk.raw_now() - interval '2 minutes'
 order by p.at desc limit 5;

-- name: assign_leg
-- Somebody of the recipient looks after its part, before or after it is accepted; what was decided on
-- the version before is decided anew.
with moved as (
  update leg set owner_member_id = $3, version = version + 1
   where referral_id = $1 and org_id = $2 and state = any($4::text[])
  returning id)
update referral set version = version + 1
 where id = $1 and version = $5 and exists (select from moved)
returning version;
