-- name: about
-- What a patient's text may speak of, and how that stands; nobody's words are here.
select e.contact_id, o.public_name, o.phone, r.class as sensitivity, r.state as referral_state,
       r.patient_id, coalesce(p.time_zone, o.time_zone) as time_zone, p.safe_contact,
       p.do_not_contact or p.deceased_on is not null or p.sealed is null as silent,
       l.id as leg_id, l.state as leg_state, l.outcome, l.appointment_at,
       w.public_name as other_name, w.phone as other_phone,
       w.channel as other_channel, r.evidence,
       (select a.time_zone from appointment a where a.leg_id = l.id
         order by a.created_at desc, a.id desc limit 1) as appointment_zone,
       not exists (select from event s where s.leg_id = e.leg_id and s.step = 'schedule'
         and s.seq > e.seq) as same_booking,
       exists (select from leg x where x.referral_id = r.id and x.accepted_at is not null) as taken,
       lk.now() as now
  from outbox e
  join organization o on o.id = e.org_id
  join referral r on r.id = e.referral_id
  join patient p on p.org_id = e.org_id and p.id = r.patient_id
  left join leg l on l.id = e.leg_id
  left join organization w on w.id = l.org_id
 where e.id = $1;

-- name: contacts
-- Whom of a patient's people a text may go to, the patient first: one of them is texted.
select c.id, c.relation, c.language, c.classes, c.may_text, c.sealed, c.version, c.number_id
  from contact c
 where c.org_id = $1 and c.patient_id = $2 and c.state = 'active' and c.may_text
   and c.sealed is not null and c.number_id is not null
 order by array_position(array['self', 'parent', 'guardian', 'caregiver', 'other'], c.relation), c.id;

-- name: hold
-- One text to a number at a time. Whoever had to wait reads how it stands after this, in a statement of
-- its own: one that waits sees what was there when it began.
select from text_number where id = $1 for no key update;

-- name: number
-- How a number stands for an organization and a purpose; it is held already.
select n.id, n.sealed, n.state,
       coalesce((select c.given from text_consent c
                  where c.number_id = n.id and c.org_id = $2 and c.purpose = $3
                    and c.at >= coalesce(n.reopened_at, c.at)
                  order by c.at desc, c.id desc limit 1), false) as allowed,
       array(select d.created_at from delivery d
              where d.number_id = n.id and d.contact_id is not null and d.effect_id <> $4
                and d.state not in ('dead', 'refused')
                and d.created_at > lk.now() - interval '8 days') as before,
       (select min(q.expires_at) from text_question q
         where q.number_id = n.id and q.ended_at is null and q.expires_at > lk.now()
           and q.effect_id <> $4) as asked_until
  from text_number n where n.id = $1;

-- name: attempt
-- The one delivery of a text; a second try finds the first one's words again.
insert into delivery as d (id, effect_id, org_id, referral_id, contact_id, number_id, channel, state,
  message_id, said, attempts, created_at, attempted_at)
values ($1, $2, $3, $4, $5, $6, 'sms', 'attempted', $7, $8, 1, lk.now(), lk.now())
on conflict (effect_id) do update
   set attempts = d.attempts + 1, attempted_at = excluded.attempted_at
returning d.id, d.message_id, d.said, d.created_at;

-- name: put_off
-- Not at this hour, or not so soon: the text waits for its time, and no try is counted.
update outbox set next_at = $2, due_at = $2, rings = 0, claimed_until = null, state = 'pending'
 where id = $1 and state in ('pending', 'parked');

-- name: listens
-- Not while something that this phone said is unheard, which may be a stop: the text waits a second
-- more. What nobody can tell the number of may be this phone's.
update outbox set next_at = lk.now() + interval '1 second', rings = 0, claimed_until = null,
       state = 'pending'
 where id = $1 and state in ('pending', 'parked')
   and exists (select from inbound_text t
        where t.handed_at is null
          and (t.tokens = '{}'
               or exists (select from text_number n where n.id = $2 and n.token = any(t.tokens))))
returning true;

-- name: addressed
-- Whom this text goes to, however often it is tried.
update outbox set contact_id = $2, number_id = $3 where id = $1;

-- name: ask
-- The question that a text asks: one of them is open for a number.
with over as (
  update text_question set ended_at = lk.now(), answer = 'none'
   where number_id = $2 and ended_at is null and expires_at <= lk.now() returning id
)
insert into text_question (id, number_id, org_id, referral_id, leg_id, contact_id, kind, effect_id,
  asked_at, expires_at)
select $1, $2, e.org_id, e.referral_id, e.leg_id, $3, $4, e.id, lk.now(), lk.now() + interval '3 days'
  from outbox e, (select count(*) from over) ended where e.id = $5
on conflict (effect_id) do nothing;

-- name: by_call
-- No phone may be texted: somebody tells it by telephone or letter, one piece of work a referral.
insert into human_task (id, kind, org_id, member_id, referral_id, leg_id, reason, due_at, opened_at)
select $2, 'tell_patient', r.owner_org_id, r.owner_member_id, r.id, null, $3,
       lk.now() + interval '1 day', lk.now()
  from outbox e join referral r on r.id = e.referral_id
 where e.id = $1
on conflict do nothing;

-- name: unanswered
-- The provider took a text and never said so: nobody sends it again, its receipt will tell.
with effect as (
  update outbox set state = 'done', done_at = lk.now(), tries = tries + 1, last_error = $2,
         claimed_until = null
   where id = $1 and state in ('pending', 'parked')
)
update delivery set state = case when state = 'attempted' then 'unknown' else state end,
       detail = $2, finished_at = lk.now()
 where effect_id = $1;

-- name: in_doubt
-- Texts that no provider answered for, and that no receipt spoke of since: they may not have arrived.
select d.effect_id, d.org_id, d.referral_id, o.code
  from delivery d join outbox o on o.id = d.effect_id
 where d.channel = 'sms' and d.state = 'unknown' and d.contact_id is not null
   and d.detail is distinct from 'by_call' and o.last_error is not null
   and d.finished_at between lk.now() - interval '3 days' and lk.now() - $1::interval
   and not exists (select from receipt r where r.message_id = d.message_id)
 order by d.finished_at limit 100;

-- name: doubt_told
-- Somebody was asked to tell it: this doubt is over. True for who says it first.
update delivery set detail = 'by_call'
 where effect_id = $1 and state = 'unknown' and detail is distinct from 'by_call' returning true;

-- name: replying
-- What an answer to a phone may speak of: who writes to it, in whose language, how it stands.
select n.id, n.sealed, n.state, o.public_name, o.phone, coalesce(c.language, o.language) as language
  from outbox e
  join text_number n on n.id = e.number_id
  join organization o on o.id = e.org_id
  left join lateral (select c.language from contact c
     where c.org_id = e.org_id and c.number_id = n.id and c.state = 'active'
     order by c.created_at desc limit 1) c on true
 where e.id = $1;
