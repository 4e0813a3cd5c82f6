-- name: insert
-- The link of one text; written again with the same delivery it changes nothing.
insert into patient_link (id, org_id, referral_id, contact_id, number_id, delivery_id, secret_hash,
  expires_at, created_at)
values ($1, $2, $3, $4, $5, $6, $7, lk.now() + interval '14 days', lk.now())
on conflict (delivery_id) do nothing
returning id;

-- name: code_window
-- The window that the code of one text belongs to.
select window_start from patient_code where effect_id = $1;

-- name: code_to
-- Where a code goes, and in whose language: the number as it stands now.
select n.id as number_id, n.sealed, n.state, c.language
  from outbox e
  join patient_link k on k.id = e.patient_link_id
  join text_number n on n.id = k.number_id
  join contact c on c.org_id = k.org_id and c.id = k.contact_id
 where e.id = $1;

-- name: find
-- A link by the hash of its secret; the transaction's look-up is the same hash.
select id, org_id, referral_id from patient_link where secret_hash = $1;

-- name: known
-- A link that a browser is bound to.
select id, org_id, referral_id from patient_link where id = $1;

-- name: hold
-- How a link stands, held with its number against a second button pressed at the same moment.
select k.state = 'live' and k.expires_at > lk.now() as live, n.state = 'open' as textable,
       c.state = 'active' and c.may_text and c.number_id = k.number_id
         and not (p.do_not_contact or p.deceased_on is not null or p.sealed is null)
         and o.state = 'active' and r.state not in ('draft', 'void') as standing,
       c.classes, r.class as sensitivity
  from patient_link k
  join text_number n on n.id = k.number_id
  join contact c on c.org_id = k.org_id and c.id = k.contact_id
  join referral r on r.id = k.referral_id
  join patient p on p.org_id = k.org_id and p.id = r.patient_id
  join organization o on o.id = k.org_id
 where k.id = $1
   for no key update of k, n;

-- name: asked
-- What the buttons of this number's links have asked for lately, in real time; a code lives for its
-- own link only.
select count(*) filter (where a.asked_at > $2::timestamptz - interval '15 minutes') as lately,
       count(*) filter (where a.asked_at > $2::timestamptz - interval '24 hours') as today,
       coalesce(bool_or(a.asked_at > $2::timestamptz - interval '10 minutes' and a.used_at is null)
         filter (where a.patient_link_id = $1), false) as living,
       max(a.window_start) filter (where a.patient_link_id = $1) as last_window
  from patient_link k
  join patient_link x on x.number_id = k.number_id
  join patient_code a on a.patient_link_id = x.id
 where k.id = $1;

-- name: ask
-- One code that a button asks for, and its text, before all others: both or neither.
with asked as (
  insert into patient_code (patient_link_id, org_id, window_start, asked_at, effect_id)
  select k.id, k.org_id, $2, $3, $4 from patient_link k where k.id = $1
)
insert into outbox (id, kind, channel, referral_id, org_id, number_id, patient_link_id, rank, due_at,
  next_at, expires_at, created_at)
select $4, 'patient_code', 'sms', k.referral_id, k.org_id, k.number_id, k.id, 1, lk.now(), lk.now(),
       lk.now() + interval '10 minutes', lk.now()
  from patient_link k where k.id = $1;

-- name: codes
-- The codes of a link that are still good to enter, and whether each was used.
select window_start, used_at is not null as used
  from patient_code where patient_link_id = $1 and asked_at > $2::timestamptz - interval '10 minutes';

-- name: spend
-- One guess of the link's own count, spent before anything is compared.
update patient_link
   set fail_count = fail_count + 1
 where id = $1 and state = 'live' and expires_at > lk.now() and fail_count < 20
   and (delay_until is null or delay_until <= $2)
returning fail_count;

-- name: refund
-- The right code a moment too late was no guess.
update patient_link set fail_count = greatest(fail_count - 1, 0) where id = $1;

-- name: delay
-- After ten wrong codes nobody tries for half an hour.
update patient_link set delay_until = $2 where id = $1;

-- name: claim_code
-- The one who uses a code: the first, whoever else holds it.
update patient_code set used_at = $3
 where patient_link_id = $1 and window_start = $2 and used_at is null
returning window_start;

-- name: entered
-- Somebody came in by the link: its count of wrong codes begins again.
update patient_link set fail_count = 0, delay_until = null
 where id = $1 and state = 'live' and expires_at > lk.now()
returning id;

-- name: freeze
-- After twenty wrong codes nobody comes in by this link any more; True for who finds it live.
update patient_link set state = 'frozen' where id = $1 and state = 'live' returning true;
