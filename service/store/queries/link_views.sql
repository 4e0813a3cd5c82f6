-- name: card
-- What a link shows before anybody said who they are: no name, no story, no address.
select r.reference, r.priority, s.public_name as sender_name, s.phone as sender_phone,
       coalesce(h.name, r.category) as help, coalesce(h.area, '{}') as area,
       coalesce(f.language, '') as spoken, l.state, l.version, l.answer_due_at, l.expected_by,
       l.ask_open,
       (select count(*) from leg o where o.org_id = l.org_id and o.id <> l.id
           and o.state in ('sent', 'received', 'needs_info')) as open_items
  from leg l
  join referral r on r.id = l.referral_id
  join organization s on s.id = r.sender_org_id
  left join healthcare_service h on h.id = l.service_id
  left join referral_fact f on f.referral_id = r.id
 where l.id = $1;

-- name: contents
-- The sealed words that one organization's seals open on one leg, never of a protected class; and
-- those that were destroyed, which nobody's seal opens.
select c.id, c.kind, c.envelope, c.class as sensitivity, c.epoch, c.author_org_id
  from content c
  left join seal s on (s.context_id, s.class, s.epoch) = (c.context_id, c.class, c.epoch)
       and s.org_id = $3
 where c.referral_id = $1 and (s.org_id is not null or c.envelope is null) and c.class not in ('part2', 'psychotherapy')
   and (c.kind in ('package', 'identity') or c.leg_id = $2)
 order by c.created_at, c.id;

-- name: asked
-- Questions and answers of one leg, in their order, by the content that holds their words.
select step, content_id from event
 where leg_id = $1 and step in ('ask', 'supply') and content_id is not null
 order by seq;

-- name: booked
-- The appointment that stands.
select starts_at, modality from appointment
 where leg_id = $1 and state = 'booked' order by created_at desc, id desc limit 1;

-- name: inbox
-- What waits for an agency's answer, with the live link of the same mailbox that each may be answered by.
select l.id as leg_id, l.referral_id, l.version, k.id as link_id, r.reference, r.priority,
       s.public_name as sender_name, coalesce(h.name, r.category) as help,
       coalesce(h.area, '{}') as area, coalesce(f.language, '') as spoken, l.state, l.answer_due_at
  from leg l
  join referral r on r.id = l.referral_id
  join organization s on s.id = r.sender_org_id
  left join healthcare_service h on h.id = l.service_id
  left join referral_fact f on f.referral_id = r.id
  join lateral (select x.id from link x join link mine on mine.id = $2
                 where x.leg_id = l.id and x.org_id = l.org_id and x.address_id = mine.address_id
                   and x.state = 'live' and x.expires_at > lk.now()
                 order by x.created_at desc, x.id desc limit 1) k on true
 where l.org_id = $1 and l.state in ('sent', 'received', 'needs_info')
 order by array_position(array['emergent', 'urgent', 'routine'], r.priority),
          l.answer_due_at nulls last, l.id
 limit $3;

-- name: gone
-- References of those among some legs, told to the same mailbox, that wait for no answer.
select r.reference
  from leg l
  join referral r on r.id = l.referral_id
 where l.org_id = $1 and l.id = any($3::uuid[]) and l.state not in ('sent', 'received', 'needs_info')
   and exists (select 1 from link x join link mine on mine.id = $2
                where x.leg_id = l.id and x.org_id = l.org_id and x.address_id = mine.address_id)
 order by r.reference;

-- name: taken_on
-- What an agency has taken on and tells the outcome of in one word, with the live link of the same mailbox.
select l.id as leg_id, k.id as link_id
  from leg l
  join referral r on r.id = l.referral_id and r.evidence <> 'consult_note' and r.class = 'general'
  join lateral (select x.id from link x join link mine on mine.id = $2
                 where x.leg_id = l.id and x.org_id = l.org_id and x.address_id = mine.address_id
                   and x.state = 'live' and x.expires_at > lk.now()
                 order by x.created_at desc, x.id desc limit 1) k on true
 where l.org_id = $1 and l.state = any($3::text[]) and l.accepted_at > lk.now() - interval '60 days'
 order by l.accepted_at desc, l.id
 limit $4;

-- name: note
-- An agency's own note on one leg.
select id, sealed, saved_at from agency_note where org_id = $1 and leg_id = $2;

-- name: keep_note
-- The note as it stands now.
insert into agency_note (id, org_id, leg_id, sealed, saved_at) values ($1, $2, $3, $4, lk.now())
on conflict (org_id, leg_id) do update set sealed = excluded.sealed, saved_at = excluded.saved_at
returning id;

-- name: drop_note
-- A note that was emptied.
delete from agency_note where org_id = $1 and leg_id = $2;
