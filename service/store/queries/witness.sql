-- name: agencies
-- What the recipients of a referral have said of their parts; what was taken back is not said.
select e.leg_id, o.public_name as organization, o.kind as organization_kind, e.step, e.source,
       e.on_behalf, e.happened_at as at,
       case when e.step = 'complete' then l.outcome end as outcome,
       case when e.step = 'complete' then l.need_met end as need_met, l.state as leg_state
  from event e
  join leg l on l.id = e.leg_id
  join organization o on o.id = l.org_id
 where e.referral_id = $1 and e.step = any($2::text[]) and e.party = any($3::text[])
   and not exists (select from event u where u.referral_id = e.referral_id and u.undoes_seq = e.seq)
 order by e.seq;

-- name: patients
-- What a patient's contacts have said of a referral.
select leg_id, kind, value, source, contradicts, claimed_at as at
  from claim where referral_id = $1 order by claimed_at, id;

-- name: tasks
-- The work that claims have opened, of the organization that asks.
select id, kind, state from human_task
 where referral_id = $1 and kind like 'patient\_%' order by opened_at, id;
