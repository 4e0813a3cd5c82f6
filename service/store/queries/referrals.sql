-- name: facts
-- The whole picture of one referral, in one round trip; legs, last events and timers as json.
-- It is opened before anything else is read: work that others have on it is part of the picture.
with opened as materialized (
  select r.id, set_config('app.opening', r.id::text, true) as opening
    from referral r
   -- Wrapped once more: a bare coalesce is not leakproof, and would keep row security from the index.
   where r.id = (select coalesce($1, (select l.referral_id from leg l where l.id = $2)))
)
select r.id, r.reference, r.sender_org_id, r.cco_org_id, r.state, r.version, r.last_seq, r.mode,
       r.priority, r.class as sensitivity, r.pattern, r.reviewer, r.evidence, r.consent_basis,
       r.owner_org_id, r.owner_member_id,
       case when r.owner_org_id <> r.sender_org_id then (
         -- Whoever answered for it before it moved, else who wrote it, else an administrator.
         select m.id from member m
          where m.org_id = r.sender_org_id and m.state = 'active'
          order by m.id = (select (e.detail->>'from')::uuid from event e
                            where e.referral_id = r.id and e.step = 'escalate'
                            order by e.seq desc limit 1) desc nulls last,
                   m.id = r.typed_by_member_id desc, 'org_admin' = any(m.roles) desc, m.id
          limit 1) end as back_to,
       r.hold_until, r.sent_at, r.closed_at, r.disposition,
       r.need_met, r.close_reason,
       coalesce((select json_agg(l order by l.number)
                   from (select id, number, org_id, service_id, channel, central_intake, state,
                                version, owner_member_id, received_at, accepted_at, asked_at,
                                ask_open, ask_due_at, answer_due_at, expected_by, next_check_on,
                                next_report_on, waitlist_position, appointment_at,
                                appointment_ends_at, attempts, reason, outcome, need_met,
                                service_on, completed_at, reviewed_at, ended_at, replaces_leg_id,
                                sent_at
                           from leg where referral_id = r.id) l), '[]') as legs,
       coalesce((select json_agg(json_build_object(
                   'leg_id', e.leg_id, 'seq', e.seq, 'from_state', e.from_state, 'step', e.step,
                   'party', e.party, 'entered_at', e.entered_at,
                   'actor_member_id', e.actor_member_id, 'link_id', e.link_id))
                   from (select distinct on (leg_id, party = 'CLOCK') * from event
                          where referral_id = r.id
                          order by leg_id, party = 'CLOCK', seq desc) e), '[]') as last_events,
       coalesce((select json_agg(json_build_object(
                   'id', t.id, 'leg_id', t.leg_id, 'clock', t.clock, 'due_at', t.due_at))
                   from timer t where t.referral_id = r.id and t.state = 'armed'), '[]') as timers,
       coalesce((select json_agg(json_build_object(
                   'id', h.id, 'leg_id', h.leg_id, 'kind', h.kind))
                   from human_task h where h.referral_id = r.id and h.state = 'open'), '[]') as tasks,
       (select json_object_agg(o.id, json_build_object(
                   'zone', o.time_zone, 'hours', o.hours,
                   'closures', coalesce((select json_agg(c.closed_on) from closure c
                                          where c.org_id = o.id), '[]')))
          from (select r.sender_org_id as id
                 union select l.org_id from leg l where l.referral_id = r.id) x
          join organization o on o.id = x.id) as calendars,
       lk.terms(r.category) as terms,
       r.patient_id, r.consent_id, r.phone_handoff_at is not null as handed_off,
       (select c.classes from consent c where c.id = r.consent_id
           and (c.revoked_at is not null or c.expires_at <= lk.now())) as ended,
       p.capacity, p.classes, opened.opening, lk.now() as now,
       r.consent_id is not null and exists (select 1 from consent c
         where c.id = r.consent_id and r.cco_org_id = any(c.to_org_ids)
           and r.class = any(c.classes) and c.revoked_at is null
           and (c.expires_at is null or c.expires_at > lk.now())) as cco_named,
       (select json_object_agg(x.org_id, (select c.id from consent c
                 where c.id = x.override_consent_id and c.revoked_at is null))
          from party x
         where x.referral_id = r.id and x.override_consent_id is not null) as overrides
  from opened join referral r on r.id = opened.id
  left join party p on p.referral_id = r.id
       and p.org_id = nullif(current_setting('app.org', true), '')::uuid;

-- name: recipients
-- What sending to these services needs to know of them and of who offers them.
select s.id as service_id, s.org_id, s.category, s.pattern, s.reviewer, s.evidence, s.required,
       s.active and o.state = 'active' as active, o.channel, o.central_intake, o.covered_entity,
       o.kind, o.public_name, s.capacity, o.time_zone, o.hours,
       coalesce((select jsonb_agg(c.closed_on) from closure c where c.org_id = o.id), '[]') as closures,
       lk.terms(s.category) as terms
  from healthcare_service s join organization o on o.id = s.org_id
 where s.id = any($1::uuid[]);

-- name: sender
-- Who sends: the organization's own rows that a new referral needs, and the network's coordinator.
select o.id, o.public_name, o.name, o.part2_program, o.time_zone, o.hours,
       coalesce((select jsonb_agg(c.closed_on) from closure c where c.org_id = o.id), '[]') as closures,
       (select c.id from organization c where c.is_cco) as cco_org_id,
       (select jsonb_build_object('zone', c.time_zone, 'hours', c.hours, 'closures', '[]'::jsonb)
          from organization c where c.is_cco) as cco_calendar,
       lk.now() as now
  from organization o where o.id = $1;

-- name: consent
-- The consent a referral stands on.
select id, patient_id, basis, classes, to_org_ids, expires_at, revoked_at, elements,
       sealed is not null as told
  from consent where org_id = $1 and id = $2;

-- name: link_opens
-- Whether a link is about this leg; a session that came by it moves no other.
select exists (select 1 from link where id = $1 and leg_id = $2);

-- name: organization_left
-- Whether an organization has left the network.
select state = 'left' from organization where id = $1;
