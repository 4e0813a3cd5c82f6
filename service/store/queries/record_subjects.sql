-- name: patient
-- A patient of one's own, by what people say aloud: their own reference, or that of a referral.
select p.id from patient p where p.org_id = $1 and p.reference = $2
union
select r.patient_id from referral r where r.sender_org_id = $1 and r.reference = $2;

-- name: of_patient
-- Everything a line may name that is about one patient of one's own.
with told as (
  select r.id from referral r where r.sender_org_id = $1 and r.patient_id = $2
), spoken as (
  select t.id from thread t
   where t.referral_id in (select id from told)
      or (t.created_org_id = $1 and t.patient_id = $2)
)
select id from told union select id from spoken
union select d.id from document d where d.referral_id in (select id from told)
union select a.id from attachment a
       where a.context_id in (select id from told union select id from spoken)
union select c.id from consent c where c.org_id = $1 and c.patient_id = $2
union select g.id from break_glass g where g.org_id = $1 and g.patient_id = $2;

-- name: of_referral
-- The same of one referral, the referral itself first.
with told as (
  select r.id from referral r where r.reference = $2
), spoken as (
  select t.id from thread t where t.referral_id in (select id from told)
)
select id, 0 as place from told union all select id, 1 from spoken
union all select d.id, 1 from document d where d.referral_id in (select id from told)
union all select a.id, 1 from attachment a
           where a.context_id in (select id from told union select id from spoken)
union all select g.id, 1 from break_glass g
           where g.org_id = $1 and g.referral_id in (select id from told)
order by place;
