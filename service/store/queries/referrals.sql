-- name: facts
-- The whole picture of one referral, in one round trip; legs, last events and timers as json.
select r.id, r.reference, r.sender_org_id, r.cco_org_id, r.state, r.version, r.last_seq, r.mode,
       r.priority, r.class as sensitivity, r.pattern, r.reviewer, r.evidence, r.consent_basis,
       r.owner_org_id, r.owner_member_id, r.hold_until, r.sent_at, r.closed_at, r.disposition,
       r.need_met, r.close_reason,
       coalesce((select jsonb_agg(to_jsonb(l) - '{referral_id,author_org_id,created_at,mode}'::text[]
                                  order by l.number)
                   from leg l where l.referral_id = r.id), '[]') as legs,
       coalesce((select jsonb_agg(jsonb_build_object(
                   'leg_id', e.leg_id, 'seq', e.seq, 'from_state', e.from_state, 'step', e.step,
                   'party', e.party, 'entered_at', e.entered_at,
                   'actor_member_id', e.actor_member_id, 'link_id', e.link_id))
                   from (select distinct on (leg_id) * from event
                          where referral_id = r.id and leg_id is not null
                          order by leg_id, seq desc) e), '[]') as last_events,
       coalesce((select jsonb_agg(jsonb_build_object(
                   'id', t.id, 'leg_id', t.leg_id, 'clock', t.clock, 'due_at', t.due_at))
                   from timer t where t.referral_id = r.id and t.state = 'armed'), '[]') as timers,
       coalesce((select jsonb_agg(jsonb_build_object(
                   'id', h.id, 'leg_id', h.leg_id, 'kind', h.kind))
                   from human_task h where h.referral_id = r.id and h.state = 'open'), '[]') as tasks,
       (select jsonb_object_agg(o.id, jsonb_build_object(
                   'zone', o.time_zone, 'hours', o.hours,
                   'closures', coalesce((select jsonb_agg(c.closed_on) from closure c
                                          where c.org_id = o.id), '[]')))
          from organization o
         where o.id = r.sender_org_id
            or o.id in (select l.org_id from leg l where l.referral_id = r.id)) as calendars,
       r.patient_id, r.consent_id, p.capacity, p.classes,
       set_config('app.opening', r.id::text, true) as opening, lk.now() as now
  from referral r
  left join party p on p.referral_id = r.id
       and p.org_id = nullif(current_setting('app.org', true), '')::uuid
 where r.id = coalesce($1, (select l.referral_id from leg l where l.id = $2));

-- name: insert_draft
-- A referral in its first state, with its sender as the first party.
with order_row as (
  insert into referral (id, reference, sender_org_id, patient_id, cco_org_id, typed_by_member_id,
    ordering_npi, ordering_name, category, code_system, code, request, priority, mode, class,
    pattern, reviewer, evidence, consent_basis, consent_id, phone_handoff_at, authorization_state,
    authorization_expires_on, requested_by, state, version, last_seq, owner_org_id,
    owner_member_id, created_at)
  select id, reference, sender_org_id, patient_id, cco_org_id, typed_by_member_id,
    ordering_npi, ordering_name, category, code_system, code, request, priority, mode, class,
    pattern, reviewer, evidence, consent_basis, consent_id, phone_handoff_at, authorization_state,
    authorization_expires_on, requested_by, 'draft', 0, 0, owner_org_id, owner_member_id,
    $2::timestamptz
    from jsonb_populate_record(null::referral, $1::jsonb)
)
insert into party (org_id, referral_id, capacity, classes, started_at)
select (p->>'org_id')::uuid, ($1::jsonb->>'id')::uuid, p->>'capacity',
       array(select jsonb_array_elements_text(p->'classes')), $2
  from jsonb_array_elements($3::jsonb) p;

-- name: write_step
-- A step, whole: one statement, every part joined to the guard of the referral's version.
with guard as (
  update referral r
     set version = r.version + 1, last_seq = ($3::jsonb->>'last_seq')::int, state = $3::jsonb->>'state',
         sent_at = ($3::jsonb->>'sent_at')::timestamptz, hold_until = ($3::jsonb->>'hold_until')::timestamptz,
         closed_at = ($3::jsonb->>'closed_at')::timestamptz, disposition = $3::jsonb->>'disposition',
         need_met = $3::jsonb->>'need_met', close_reason = $3::jsonb->>'close_reason'
   where r.id = $1 and r.version = $2
  returning r.id, r.version
), changed_legs as (
  update leg l
     set state = n.state, version = n.version, owner_member_id = n.owner_member_id,
         received_at = n.received_at, accepted_at = n.accepted_at, asked_at = n.asked_at,
         ask_open = n.ask_open, ask_due_at = n.ask_due_at, answer_due_at = n.answer_due_at,
         expected_by = n.expected_by, next_check_on = n.next_check_on,
         next_report_on = n.next_report_on, waitlist_position = n.waitlist_position,
         appointment_at = n.appointment_at, appointment_ends_at = n.appointment_ends_at,
         attempts = n.attempts, reason = n.reason, outcome = n.outcome, need_met = n.need_met,
         service_on = n.service_on, completed_at = n.completed_at, reviewed_at = n.reviewed_at,
         ended_at = n.ended_at, sent_at = n.sent_at
    from guard, jsonb_populate_recordset(null::leg, $3::jsonb->'changed_legs') n
   where l.id = n.id and l.referral_id = guard.id
), new_legs as (
  insert into leg (id, referral_id, number, org_id, service_id, channel, central_intake, mode,
    state, version, received_at, answer_due_at, replaces_leg_id, sent_at, author_org_id, created_at)
  select n.id, guard.id, n.number, n.org_id, n.service_id, n.channel, n.central_intake,
    $3::jsonb->>'mode', n.state, n.version, n.received_at, n.answer_due_at, n.replaces_leg_id, n.sent_at,
    ($3::jsonb->>'author_org_id')::uuid, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::leg, $3::jsonb->'new_legs') n
), new_events as (
  insert into event (referral_id, seq, id, leg_id, machine, from_state, step, party, becomes,
    rule_id, actor_kind, actor_org_id, actor_member_id, api_key_id, link_id, worker_id, source,
    on_behalf, happened_at, entered_at, reason, detail, content_id, undoes_seq, author_org_id)
  select guard.id, n.seq, n.id, n.leg_id, n.machine, n.from_state, n.step, n.party, n.becomes,
    n.rule_id, n.actor_kind, n.actor_org_id, n.actor_member_id, n.api_key_id, n.link_id,
    n.worker_id, n.source, n.on_behalf, n.happened_at, ($3::jsonb->>'now')::timestamptz, n.reason,
    n.detail, n.content_id, n.undoes_seq, ($3::jsonb->>'author_org_id')::uuid
    from guard, jsonb_populate_recordset(null::event, $3::jsonb->'events') n
), new_parties as (
  insert into party (org_id, referral_id, capacity, classes, started_at)
  select n.org_id, guard.id, n.capacity, n.classes, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::party, $3::jsonb->'joins') n
  on conflict (org_id, referral_id) do update set ended_at = null
), ended_parties as (
  update party p
     set ended_at = ($3::jsonb->>'now')::timestamptz + interval '15 minutes'
    from guard
   where p.referral_id = guard.id and p.capacity = 'recipient'
     and p.org_id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'leaves'))
), closed_epochs as (
  update epoch e
     set state = 'closed', closed_at = ($3::jsonb->>'now')::timestamptz
    from guard
   where e.referral_id = guard.id and e.state = 'active' and exists (
     select 1 from seal s
      where s.context_id = e.context_id and s.class = e.class and s.epoch = e.epoch
        and s.org_id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'leaves')))
), new_epochs as (
  insert into epoch (context_id, class, epoch, referral_id, state, opened_at)
  select n.context_id, n.class, n.epoch, guard.id, 'active', ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::epoch, $3::jsonb->'epochs') n
), new_seals as (
  insert into seal (context_id, class, epoch, org_id, key_id, sealed, referral_id, created_at)
  select n.context_id, n.class, n.epoch, n.org_id, n.key_id, n.sealed, guard.id,
    ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::seal, $3::jsonb->'seals') n
), new_disclosures as (
  insert into disclosure (id, referral_id, org_id, patient_id, to_org_id, context_id, class, epoch,
    basis, consent_id, disclosed_at)
  select n.id, guard.id, n.org_id, n.patient_id, n.to_org_id, n.context_id, n.class, n.epoch,
    n.basis, n.consent_id, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::disclosure, $3::jsonb->'disclosures') n
), new_contents as (
  insert into content (id, referral_id, leg_id, kind, context_id, class, epoch, envelope,
    author_org_id, created_at)
  select n.id, guard.id, n.leg_id, n.kind, n.context_id, n.class, n.epoch, n.envelope,
    ($3::jsonb->>'author_org_id')::uuid, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::content, $3::jsonb->'contents') n
), new_documents as (
  insert into document (id, referral_id, leg_id, content_id, type_code, class, written_on,
    received_at, entered_at, source, evidence, entered_by_member_id, author_org_id)
  select n.id, guard.id, n.leg_id, n.content_id, n.type_code, n.class, n.written_on, n.received_at,
    ($3::jsonb->>'now')::timestamptz, n.source, n.evidence, n.entered_by_member_id,
    ($3::jsonb->>'author_org_id')::uuid
    from guard, jsonb_populate_recordset(null::document, $3::jsonb->'documents') n
), moved_appointments as (
  update appointment a
     set state = $3::jsonb->>'appointment_state'
    from guard
   where a.referral_id = guard.id and a.leg_id = ($3::jsonb->>'appointment_leg_id')::uuid
     and a.id = (select b.id from appointment b where b.leg_id = a.leg_id
                  order by b.created_at desc, b.id desc limit 1)
), new_appointments as (
  insert into appointment (id, referral_id, leg_id, starts_at, ends_at, time_zone, site_id,
    modality, language_help, state, author_org_id, created_at)
  select n.id, guard.id, n.leg_id, n.starts_at, n.ends_at, n.time_zone, n.site_id, n.modality,
    n.language_help, 'booked', ($3::jsonb->>'author_org_id')::uuid, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::appointment, $3::jsonb->'appointments') n
), told_capacity as (
  update healthcare_service s
     set capacity = 'closed', capacity_at = ($3::jsonb->>'now')::timestamptz,
         no_capacity_until = ($3::jsonb->'capacity'->>'until')::date, version = s.version + 1
    from guard
   where s.org_id = ($3::jsonb->'capacity'->>'org_id')::uuid
     and s.id = ($3::jsonb->'capacity'->>'service_id')::uuid
), disarmed as (
  update timer t
     set state = 'disarmed', ended_at = ($3::jsonb->>'now')::timestamptz
    from guard
   where t.referral_id = guard.id and t.state = 'armed'
     and t.id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'disarm'))
), armed as (
  insert into timer (id, referral_id, leg_id, clock, rung, turn_org_id, started_at, due_at,
    final_at)
  select n.id, guard.id, n.leg_id, n.clock, n.rung, n.turn_org_id, n.started_at, n.due_at,
    n.final_at
    from guard, jsonb_populate_recordset(null::timer, $3::jsonb->'arm') n
), cancelled_effects as (
  update outbox o
     set state = 'cancelled', done_at = ($3::jsonb->>'now')::timestamptz
    from guard
   where o.referral_id = guard.id and o.state in ('pending', 'parked')
     and o.undo_of_seq in (select value::int from jsonb_array_elements_text($3::jsonb->'cancel_effects'))
), new_effects as (
  insert into outbox (id, kind, referral_id, leg_id, org_id, member_id, seq, undo_of_seq, code,
    rank, due_at, next_at, created_at)
  select n.id, n.kind, guard.id, n.leg_id, n.org_id, n.member_id, n.seq, n.undo_of_seq, n.code,
    n.rank, n.due_at, n.due_at, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::outbox, $3::jsonb->'effects') n
), moot_tasks as (
  update human_task h
     set state = 'moot', resolved_at = ($3::jsonb->>'now')::timestamptz, resolution = 'moved on'
    from guard
   where h.referral_id = guard.id and h.state = 'open'
     and h.id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'moot'))
), new_tasks as (
  insert into human_task (id, kind, org_id, member_id, referral_id, leg_id, about_org_id, reason,
    due_at, opened_at)
  select n.id, n.kind, n.org_id, n.member_id, guard.id, n.leg_id, n.about_org_id, n.reason,
    n.due_at, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::human_task, $3::jsonb->'tasks') n
  on conflict do nothing
), ended_links as (
  update link k
     set expires_at = least(k.expires_at, ($3::jsonb->>'now')::timestamptz + interval '24 hours')
    from guard
   where k.referral_id = guard.id
     and k.leg_id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'ended_legs'))
), new_external_ids as (
  insert into external_id (org_id, kind, system, token, subject_id, sealed, created_at)
  select n.org_id, n.kind, n.system, n.token, n.subject_id, n.sealed, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::external_id, $3::jsonb->'external_ids') n
), new_facts as (
  insert into referral_fact (referral_id, age_band, language, sex, race, ethnicity, payer_kind)
  select guard.id, n.age_band, n.language, n.sex, coalesce(n.race, '{}'), n.ethnicity, n.payer_kind
    from guard, jsonb_populate_recordset(null::referral_fact, $3::jsonb->'facts') n
), new_audits as (
  insert into audit (id, org_id, at, actor_kind, actor_org_id, actor_member_id, api_key_id,
    link_id, worker_id, action, resource_kind, resource_id, referral_id, class, request_id, detail)
  select n.id, n.org_id, ($3::jsonb->>'now')::timestamptz, n.actor_kind, n.actor_org_id,
    n.actor_member_id, n.api_key_id, n.link_id, n.worker_id, n.action, n.resource_kind,
    n.resource_id, guard.id, n.class, n.request_id, coalesce(n.detail, '{}')
    from guard, jsonb_populate_recordset(null::audit, $3::jsonb->'audits') n
), new_key as (
  insert into idempotency (principal, key, body_mac, route, status, resource_id, resource_version,
    created_at, org_id)
  select n.principal, n.key, n.body_mac, n.route, n.status, n.resource_id, n.resource_version,
    ($3::jsonb->>'now')::timestamptz, n.org_id
    from guard, jsonb_populate_recordset(null::idempotency, $3::jsonb->'idempotency') n
)
select version from guard;

-- name: recipients
-- What sending to these services needs to know of them and of who offers them.
select s.id as service_id, s.org_id, s.category, s.pattern, s.reviewer, s.evidence, s.required,
       s.active and o.state = 'active' as active, o.channel, o.central_intake, o.covered_entity,
       o.kind, o.public_name, o.time_zone, o.hours,
       coalesce((select jsonb_agg(c.closed_on) from closure c where c.org_id = o.id), '[]') as closures
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
select id, patient_id, basis, classes, to_org_ids, expires_at, revoked_at, sealed is not null as told
  from consent where org_id = $1 and id = $2;

-- name: organization_left
-- Whether an organization has left the network.
select state = 'left' from organization where id = $1;
