-- name: find
-- A number under any version of its token.
select id from text_number where token = any($1::bytea[]);

-- name: add
-- Somebody unknown writes to us.
insert into text_number (id, token, key_version, sealed, created_at)
values ($1, $2, $3, $4, lk.now()) on conflict (token) do nothing;

-- name: context
-- What a number was last told, and what it was asked.
select n.state, d.org_id, d.referral_id, d.contact_id, q.id as question_id, q.kind as question,
       q.org_id as asked_by, q.referral_id as asked_about, q.leg_id as asked_leg,
       q.contact_id as asked_contact
  from text_number n
  left join lateral (select d.org_id, d.referral_id, d.contact_id from delivery d
     where d.number_id = n.id and d.contact_id is not null
     order by d.created_at desc, d.id desc limit 1) d on true
  left join text_question q on q.number_id = n.id and q.ended_at is null and q.expires_at > lk.now()
 where n.id = $1;

-- name: first
-- The same words once; nothing where they were heard before. The number is held meanwhile.
with held as (select id from text_number where id = $4 for no key update)
insert into text_heard (provider, provider_event_id, id, number_id, org_id, referral_id, meaning,
  at, sealed, heard_at)
select $1, $2, $3, h.id, $5, $6, $7, $8, $9, lk.now() from held h
on conflict (provider, provider_event_id) do nothing
returning id;

-- name: silence
-- This number is texted no more: it said so, or it is somebody else's. True for who says it first.
update text_number set state = $2, state_at = lk.now() where id = $1 and state <> $2 returning true;

-- name: open
-- It may be texted again: the same phone said so.
update text_number set state = 'open', state_at = lk.now()
 where id = $1 and state = 'stopped' returning true;

-- name: end_questions
-- Nothing is asked of it any more.
update text_question set ended_at = lk.now(), answer = $2 where number_id = $1 and ended_at is null;

-- name: evidence
-- A phone's own yes or no: for all of the network, whatever the purpose.
insert into text_consent (id, number_id, given, how, provider, provider_event_id, at)
values ($1, $2, $3, $6, $4, $5, lk.now());

-- name: answered
-- A question is answered once.
update text_question set ended_at = lk.now(), answer = $2 where id = $1 and ended_at is null
returning true;

-- name: leg_state
-- What the agency says of the part that was asked about.
select state from leg where id = $1;

-- name: claim
-- What a patient says, in the ledger of witnesses; it moves nothing.
insert into claim (id, referral_id, org_id, leg_id, contact_id, kind, value, source, contradicts,
  claimed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, lk.now());

-- name: task
-- Work for the referral's owner; one of a kind and referral is open.
insert into human_task (id, kind, org_id, member_id, referral_id, leg_id, patient_id, reason, due_at,
  opened_at)
select $1, $2, r.owner_org_id, r.owner_member_id, r.id, $4,
       case when r.owner_org_id = r.sender_org_id then r.patient_id end, $2,
       lk.now() + interval '1 day', lk.now()
  from referral r where r.id = $3
on conflict do nothing;

-- name: no_contact
-- Nobody writes to this patient any more, until a person has looked.
update patient p set do_not_contact = true, version = p.version + 1
  from referral r
 where r.id = $1 and p.org_id = r.sender_org_id and p.id = r.patient_id and not p.do_not_contact;

-- name: reply
-- An answer to a phone that wrote to us; a phone that keeps writing gets five an hour, and one word of
-- help a day to what nobody understands.
insert into outbox (id, kind, channel, org_id, number_id, code, rank, due_at, next_at, expires_at,
  created_at)
select $1, 'text', 'sms', coalesce($3, (select o.id from organization o order by o.is_cco desc,
         o.created_at limit 1)), n.id, $4, 2, lk.now(), lk.now(), lk.now() + interval '1 hour',
       lk.now()
  from text_number n
 where n.id = $2
   and (select count(*) from outbox o where o.number_id = n.id and o.contact_id is null
          and o.kind = 'text' and o.created_at > lk.now() - interval '1 hour') < 5
   and ($4 <> 'not_understood' or not exists (select from outbox o where o.number_id = n.id
          and o.code = 'not_understood' and o.created_at > lk.now() - interval '1 day'))
returning id;

-- name: ask_next
-- The question that follows an answer at once.
insert into text_question (id, number_id, org_id, referral_id, leg_id, contact_id, kind, effect_id,
  asked_at, expires_at)
select $1, q.number_id, q.org_id, q.referral_id, q.leg_id, q.contact_id, $3, $4, lk.now(),
       lk.now() + interval '3 days'
  from text_question q where q.id = $2;

-- name: patient_of
-- Whose referral it is, while the patient can be read.
select r.patient_id from referral r
  join patient p on p.org_id = r.sender_org_id and p.id = r.patient_id
 where r.id = $2 and r.sender_org_id = $1 and p.sealed is not null;

-- name: words
-- What phones wrote about a patient of one's own, and who of the contacts has that number now.
select h.id, h.at, h.meaning, h.sealed, r.id as referral_id, r.reference,
       (select c.id from contact c where c.org_id = $1 and c.patient_id = $2
           and c.number_id = h.number_id and c.state = 'active' order by c.id limit 1) as contact_id
  from text_heard h join referral r on r.id = h.referral_id
 where h.org_id = $1 and r.sender_org_id = $1 and r.patient_id = $2 and h.sealed is not null
 order by h.at desc, h.id desc limit 50;

-- name: opposed
-- Claims that say the opposite of what these events have made of their legs: of each kind the last.
select c.id as claim_id, c.referral_id, c.leg_id, r.sender_org_id as org_id
  from event e
  join claim c on c.referral_id = e.referral_id and c.leg_id = e.leg_id and not c.contradicts
  join unnest($2::text[], $3::text[], $4::text[]) a (kind, value, state)
    on a.kind = c.kind and a.value = c.value and a.state = e.becomes
  join referral r on r.id = e.referral_id
 where e.id = any($1::uuid[]) and e.machine = 'leg' and c.claimed_at <= e.entered_at
   and not exists (select from claim n where n.referral_id = c.referral_id and n.leg_id = c.leg_id
                      and n.kind = c.kind and (n.claimed_at, n.id) > (c.claimed_at, c.id));

-- name: oppose
-- A claim stands against what its recipient says; false where that was known.
update claim set contradicts = true where id = $1 and not contradicts returning true;
