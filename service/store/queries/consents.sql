-- name: insert
-- What a patient allowed, on which basis; its words stay sealed.
insert into consent (org_id, id, patient_id, basis, classes, to_org_ids, purpose, signed_on,
  expires_at, document_hash, sealed, recorded_by_member_id, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, lk.now());

-- name: of_patient
-- A patient's consents, the newest first.
select id, patient_id, basis, classes, to_org_ids, purpose, signed_on, expires_at, revoked_at,
       document_hash, sealed, recorded_by_member_id, created_at
  from consent where org_id = $1 and patient_id = $2 order by id desc;

-- name: withdraw
-- A consent ends now; who owns an open referral that stands on it is asked to decide.
with gone as (
  update consent set revoked_at = lk.now()
   where org_id = $1 and patient_id = $2 and id = $3 and revoked_at is null
  returning id, revoked_at
)
select g.revoked_at, r.id as referral_id, r.owner_org_id, r.owner_member_id
  from gone g
  left join referral r on r.consent_id = g.id and r.sender_org_id = $1
       and r.state in ('draft', 'with_recipient', 'needs_routing', 'awaiting_review');

-- name: insert_task
-- Work for the owner of a referral that lost its consent; one at a time.
insert into human_task (id, kind, org_id, member_id, referral_id, reason, opened_at)
values ($1, 'consent_withdrawn', $2, $3, $4, 'consent_withdrawn', lk.now())
on conflict do nothing;
