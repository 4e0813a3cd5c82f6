-- name: page
-- What was told of a patient, the newest first, behind a place in that order: to whom, of which
-- class, on which basis, by a referral or in a conversation; each under its public name.
select d.id, d.disclosed_at, d.to_org_id, o.public_name as told, o.phone as told_phone,
       d.class as sensitivity, d.basis, d.consent_id, coalesce(c.purpose, 'treatment') as purpose,
       coalesce(d.referral_id, t.referral_id) as referral_id, d.thread_id,
       coalesce(r.reference, t.reference) as reference, r.category
  from disclosure d
  join organization o on o.id = d.to_org_id
  left join thread t on t.id = d.thread_id
  left join referral r on r.id = d.referral_id
  left join consent c on c.org_id = d.org_id and c.id = d.consent_id
 where d.org_id = $1 and d.patient_id = $2 and d.disclosed_at >= $3
   and (d.disclosed_at, d.id) < ($4, $5)
 order by d.disclosed_at desc, d.id desc limit $6;
