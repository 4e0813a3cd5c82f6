-- name: insert
-- What a patient allowed, on which basis; its words stay sealed.
insert into consent (org_id, id, patient_id, basis, classes, to_org_ids, purpose, signed_on,
  expires_at, document_hash, sealed, recorded_by_member_id, elements, ends_with_event, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, lk.now());

-- name: watch
-- The clock that asks for a renewal: from so long before the end on, a look a day.
insert into timer (id, consent_id, clock, turn_org_id, started_at, due_at, final_at)
select $1, c.id, 'consent', c.org_id, lk.now(), greatest(c.expires_at - $4::interval, lk.now()),
       c.expires_at
  from consent c where c.org_id = $2 and c.id = $3 and c.expires_at is not null
on conflict do nothing;

-- name: ask_to_look
-- Work for the organization's privacy officer: the gate on sending was passed in an emergency.
insert into human_task (id, kind, org_id, member_id, patient_id, consent_id, reason, due_at,
  opened_at)
select $1, 'consent_override', $2, (select m.id from member m where m.org_id = $2
         and m.state = 'active' and 'privacy_officer' = any(m.roles) order by m.created_at limit 1),
       $3, $4, 'emergency_declared', lk.now() + interval '72 hours', lk.now();

-- name: of_patient
-- A patient's consents, the newest first.
select id, patient_id, basis, classes, to_org_ids, purpose, signed_on, expires_at, revoked_at,
       document_hash, sealed, recorded_by_member_id, elements, ends_with_event, ended_why,
       created_at
  from consent where org_id = $1 and patient_id = $2 order by id desc;

-- name: withdraw
-- A consent ends now. Every referral that stands on it moves on by a version, so that a step which
-- was decided before is decided again.
with gone as (
  update consent set revoked_at = lk.now(), ended_why = $4
   where org_id = $1 and patient_id = $2 and id = $3 and revoked_at is null
  returning id, revoked_at
), moved as (
  update referral r set version = r.version + 1
    from gone g
   where r.sender_org_id = $1 and (r.consent_id = g.id or r.id in (
     select d.referral_id from disclosure d
      where d.org_id = $1 and d.patient_id = $2 and d.consent_id = g.id))
  returning r.id, r.state, r.owner_org_id, r.owner_member_id
)
select g.revoked_at, m.id as referral_id, m.owner_org_id, m.owner_member_id,
       coalesce(m.state in ('draft', 'with_recipient', 'needs_routing', 'awaiting_review'), false)
         as open
  from gone g left join moved m on true;

-- name: close_epochs
-- What was sealed on the strength of a consent is sealed no more: the next word opens a new epoch.
-- A statement of its own: it must see an epoch that a step opened while the one before waited.
update epoch set state = 'closed', closed_at = lk.now()
 where referral_id = any($1::uuid[]) and state = 'active' returning epoch;

-- name: threads
-- Conversations that stand on a consent, or that somebody was let into on it.
select t.id from thread t where t.consent_id = $1
union select p.thread_id from thread_party p where p.consent_id = $1 and p.ended_at is null;

-- name: open_thread
-- The one conversation that the next statement may widen or narrow.
select set_config('app.opening', $1::text, true);

-- name: close_thread
-- Whoever was let in on this consent is out, like who leaves; the others go on in a new epoch. It
-- was taken back, or has run out.
with gone as (
  update thread_party p set ended_at = lk.now(), end_reason = $4
   where p.thread_id = $1 and p.consent_id = $2 and p.ended_at is null and p.org_id <> $3
  returning p.org_id
), unnamed as (
  update thread_member m set ended_at = lk.now()
    from gone where m.thread_id = $1 and m.org_id = gone.org_id and m.ended_at is null
), moved as (
  update thread t
     set version = t.version + 1, circle = t.circle + 1,
         org_ids = array(select o from unnest(t.org_ids) o
                          where o not in (select org_id from gone))
   where t.id = $1 returning t.id
)
update epoch e set state = 'closed', closed_at = lk.now()
  from moved where e.thread_id = moved.id and e.state = 'active' returning e.epoch;

-- name: insert_task
-- Work for the owner of a referral that lost its consent; one at a time.
insert into human_task (id, kind, org_id, member_id, referral_id, reason, opened_at)
values ($1, 'consent_withdrawn', $2, $3, $4, 'consent_withdrawn', lk.now())
on conflict do nothing;

-- name: let_in_again
-- Who had come in by an emergency that was taken back is told on the order's own consent.
update party set override_consent_id = null
 where referral_id = $1 and org_id = any($2::uuid[]);

-- name: renewed
-- The work is done: the referral stands on another consent.
update human_task
   set state = 'done', resolved_at = lk.now(), resolved_by_member_id = $2, resolution = 'done'
 where referral_id = $1 and state = 'open'
   and kind in ('consent_withdrawn', 'consent_expiring', 'consent_expired')
returning id;
