-- name: insert
-- A patient of one organization; who it is stays sealed.
insert into patient (org_id, id, reference, sealed, revision, language, time_zone, safe_contact,
  created_at)
values ($1, $2, $3, $4, 1, $5, $6, $7, lk.now());

-- name: insert_index
-- Blind-index tokens of a patient.
insert into patient_index (org_id, patient_id, field, token, key_version)
select $1, $2, f, t, v from unnest($3::text[], $4::bytea[], $5::int[]) as x(f, t, v)
on conflict do nothing;

-- name: clear_index
-- Forget what a patient was found by, to write it anew.
delete from patient_index where org_id = $1 and patient_id = $2;

-- name: sealed
-- A patient's sealed identity and its revision.
select id, reference, sealed, revision, language, deceased_on, do_not_contact, version
  from patient where org_id = $1 and id = $2;

-- name: whole
-- A patient with everything its organization keeps beside the identity.
select id, reference, sealed, revision, language, time_zone, safe_contact, deceased_on,
       do_not_contact, version
  from patient where org_id = $1 and id = $2;

-- name: several
-- The sealed identities of some patients; those that were destroyed are on no list.
select id, reference, sealed, revision, language, deceased_on, do_not_contact, version
  from patient where org_id = $1 and id = any($2::uuid[]) and sealed is not null;

-- name: edit
-- A corrected patient: sealed under the next revision, guarded by the version.
update patient
   set sealed = $4, revision = revision + 1, language = $5, time_zone = $6,
       safe_contact = $7::jsonb, deceased_on = $8, do_not_contact = $9, version = version + 1
 where org_id = $1 and id = $2 and version = $3
returning version;

-- name: matching
-- Patients that tokens of at least so many fields find; whoever fits most comes first.
select i.patient_id as id, array_agg(distinct i.field order by i.field) as fields,
       count(*)::int as tokens
  from patient_index i
  join unnest($2::text[], $3::bytea[]) as wanted(field, token)
    on wanted.field = i.field and wanted.token = i.token
 where i.org_id = $1
 group by i.patient_id
having count(distinct i.field) >= $4::int
 order by count(*) desc, i.patient_id
 limit $5;

-- name: similar
-- Patients who share two fields with these tokens, or a record number.
select i.patient_id as id, array_agg(distinct i.field order by i.field) as fields,
       count(*)::int as tokens
  from patient_index i
  join unnest($2::text[], $3::bytea[]) as wanted(field, token)
    on wanted.field = i.field and wanted.token = i.token
 where i.org_id = $1
 group by i.patient_id
having count(distinct i.field) >= 2 or 'mrn' = any(array_agg(i.field))
 order by count(*) desc, i.patient_id
 limit $4;

-- name: by_reference
-- The patient of a reference that people say aloud.
select id from patient where org_id = $1 and reference = $2;

-- name: by_external_id
-- The patient that another system's id names.
select subject_id as id from external_id
 where org_id = $1 and kind = 'patient' and system = $2 and token = any($3::bytea[]);

-- name: insert_external_id
-- Another system's id of a patient.
insert into external_id (org_id, kind, system, token, subject_id, sealed, key_version, created_at)
values ($1, $2, $3, $4, $5, $6, $7, lk.now());

-- name: insert_contact
-- Somebody to talk to about a patient; who it is stays sealed.
insert into contact (org_id, id, patient_id, relation, language, classes, may_text, sealed,
  number_id, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, lk.now());

-- name: contacts
-- The people to talk to about a patient.
select id, relation, language, classes, may_text, sealed, version, number_id
  from contact
 where org_id = $1 and patient_id = $2 and state = 'active' and sealed is not null order by id;

-- name: edit_contact
-- A corrected contact; the seal says which version it belongs to.
update contact
   set relation = $5, language = $6, classes = $7, may_text = $8, sealed = $9,
       number_id = $10, version = version + 1
 where org_id = $1 and patient_id = $2 and id = $3 and version = $4 and state = 'active'
returning version;

-- name: let_text
-- Whether a contact may be texted; the seal does not change with it.
update contact set may_text = $3 where org_id = $1 and id = $2 and state = 'active';

-- name: remove_contact
-- A contact who is none any more.
update contact set state = 'removed', version = version + 1
 where org_id = $1 and patient_id = $2 and id = $3 and state = 'active' returning id;

-- name: forget_ages
-- The ages that were waited for before a birthday was corrected.
update timer set state = 'disarmed', ended_at = lk.now()
 where patient_id = $2 and turn_org_id = $1 and state = 'armed';

-- name: watch_age
-- Somebody looks at the consents once the patient comes of an age; the month is all that is told.
insert into timer (id, patient_id, clock, rung, turn_org_id, started_at, due_at, final_at)
values ($1, $3, $4, 1, $2, lk.now(), $5, $5);
