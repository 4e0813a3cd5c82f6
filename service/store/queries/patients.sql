-- name: insert
-- A patient of one organization; who it is stays sealed.
insert into patient (org_id, id, reference, sealed, revision, language, time_zone, safe_contact,
  created_at)
values ($1, $2, $3, $4, 1, $5, $6, $7, lk.now());

-- name: insert_index
-- Blind-index tokens of a patient.
insert into patient_index (org_id, patient_id, field, token)
select $1, $2, f, t from unnest($3::text[], $4::bytea[]) as x(f, t)
on conflict do nothing;

-- name: sealed
-- A patient's sealed identity and its revision.
select id, reference, sealed, revision, language, deceased_on, do_not_contact, version
  from patient where org_id = $1 and id = $2;
