-- name: bind
-- A browser that pressed the button; a decoy has neither link nor organization.
insert into patient_visit (secret_hash, id, patient_link_id, org_id, created_at, expires_at)
values ($1, $2, $3, $4, $5::timestamptz, $5::timestamptz + interval '15 minutes');

-- name: extend
-- The same browser pressed again: its tries stay spent.
update patient_visit set expires_at = $3::timestamptz + interval '15 minutes'
 where secret_hash = $1 and patient_link_id is not distinct from $2 and entered_at is null
   and expires_at > $3
returning id;

-- name: pressed
-- Which link a browser pressed the button of, while it may still enter a code.
select id, patient_link_id, org_id from patient_visit
 where secret_hash = $1 and entered_at is null and expires_at > $2;

-- name: spend
-- One try of a browser, spent before anything is compared.
update patient_visit set tries = tries + 1
 where secret_hash = $1 and entered_at is null and tries < 5 and expires_at > $2
returning id, patient_link_id, org_id;

-- name: enter
-- The visit begins, once: an hour at most, under a second secret of the same browser.
update patient_visit
   set entered_at = $2, seen_at = $2, session_hash = $3,
       expires_at = $2::timestamptz + interval '60 minutes'
 where id = $1 and entered_at is null and expires_at > $2
returning id;

-- name: find
-- A visit by its session's hash that nobody ended and that was used in the last 15 minutes.
select id, secret_hash as browser, patient_link_id, org_id from patient_visit
 where session_hash = $1 and ended_at is null and expires_at > $2
   and seen_at > $2::timestamptz - interval '15 minutes';

-- name: touch
-- A visit that was used; written at most twice a minute.
update patient_visit set seen_at = $2
 where id = $1 and seen_at < $2::timestamptz - interval '30 seconds';

-- name: standing
-- Everything a visit hangs on, read again for every request.
select k.referral_id, k.contact_id, k.number_id, c.language, c.classes,
       coalesce(p.time_zone, o.time_zone) as time_zone, p.safe_contact, r.class as sensitivity
  from patient_visit v
  join patient_link k on k.id = v.patient_link_id and k.state = 'live' and k.expires_at > lk.now()
  join text_number n on n.id = k.number_id and n.state not in ('wrong', 'dead')
  join contact c on c.org_id = k.org_id and c.id = k.contact_id and c.state = 'active'
    and c.may_text and c.number_id = k.number_id
  join referral r on r.id = k.referral_id and r.state not in ('draft', 'void')
  join patient p on p.org_id = k.org_id and p.id = r.patient_id and not p.do_not_contact
    and p.deceased_on is null and p.sealed is not null
  join organization o on o.id = k.org_id and o.state = 'active'
 where v.id = $1 and v.ended_at is null;

-- name: end
-- A visit that its owner left.
update patient_visit set ended_at = $2 where id = $1 and ended_at is null;

-- name: end_of_link
-- Everybody who is in by a link is out, and no browser goes on with it.
update patient_visit set ended_at = $2 where patient_link_id = $1 and ended_at is null;

-- name: about
-- What the page may speak of: the order, and the part of it that matters most now.
select r.reference, r.state as referral_state, o.public_name, o.phone, l.id as leg_id,
       l.state as leg_state, w.public_name as other_name, w.phone as other_phone,
       w.channel as other_channel, r.evidence,
       l.appointment_at, a.time_zone as appointment_zone, a.modality, s.name as site_name,
       s.street, s.city, s.region, s.phone as site_phone, n.state = 'open' as textable,
       q.id as question_id, q.kind as question, lk.now() as now
  from patient_link k
  join referral r on r.id = k.referral_id
  join organization o on o.id = k.org_id
  join text_number n on n.id = k.number_id
  left join lateral (select x.id, x.state, x.org_id, x.appointment_at from leg x
     where x.referral_id = r.id and x.state not in ('draft', 'entered_in_error')
     order by x.state = any($2::text[]) desc, x.accepted_at desc nulls last, x.id desc limit 1
  ) l on true
  left join organization w on w.id = l.org_id
  left join lateral (select x.time_zone, x.modality, x.site_id from appointment x where x.leg_id = l.id
     order by x.created_at desc, x.id desc limit 1) a on true
  left join site s on s.id = a.site_id
  left join text_question q on q.number_id = k.number_id and q.referral_id = r.id
    and q.ended_at is null and q.expires_at > lk.now()
 where k.id = $1;

-- name: said
-- What this contact has said of the referral, the newest first.
select kind, value, source, claimed_at from claim
 where referral_id = $1 and contact_id = $2 order by claimed_at desc, id desc limit 5;

-- name: refuse
-- The holder's own no to texts, for all of the network; seen only under the visit's own secret.
insert into text_consent (id, number_id, given, how, contact_id, at)
values ($1, $2, false, 'page', $3, lk.now());
