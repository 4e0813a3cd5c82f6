-- A step is written by one statement that is put together from these parts, each a data-modifying
-- CTE joined to the guard; only the parts a step has rows for are in it.

-- part: guard
guard as (
  update referral r
     set version = r.version + 1, last_seq = ($3::jsonb->>'last_seq')::int, state = $3::jsonb->>'state',
         sent_at = ($3::jsonb->>'sent_at')::timestamptz, hold_until = ($3::jsonb->>'hold_until')::timestamptz,
         closed_at = ($3::jsonb->>'closed_at')::timestamptz, disposition = $3::jsonb->>'disposition',
         need_met = $3::jsonb->>'need_met', close_reason = $3::jsonb->>'close_reason',
         owner_org_id = ($3::jsonb->>'owner_org_id')::uuid,
         owner_member_id = ($3::jsonb->>'owner_member_id')::uuid
   where r.id = $1 and r.version = $2
  returning r.id, r.version
)

-- part: changed_legs
changed_legs as (
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
)

-- part: new_legs
new_legs as (
  insert into leg (id, referral_id, number, org_id, service_id, channel, central_intake, mode,
    state, version, received_at, answer_due_at, replaces_leg_id, sent_at, author_org_id, created_at)
  select n.id, guard.id, n.number, n.org_id, n.service_id, n.channel, n.central_intake,
    $3::jsonb->>'mode', n.state, n.version, n.received_at, n.answer_due_at, n.replaces_leg_id, n.sent_at,
    ($3::jsonb->>'author_org_id')::uuid, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::leg, $3::jsonb->'new_legs') n
)

-- part: new_events
new_events as (
  insert into event (referral_id, seq, id, leg_id, machine, from_state, step, party, becomes,
    rule_id, actor_kind, actor_org_id, actor_member_id, api_key_id, link_id, worker_id, source,
    on_behalf, happened_at, entered_at, reason, detail, content_id, undoes_seq, author_org_id)
  select guard.id, n.seq, n.id, n.leg_id, n.machine, n.from_state, n.step, n.party, n.becomes,
    n.rule_id, n.actor_kind, n.actor_org_id, n.actor_member_id, n.api_key_id, n.link_id,
    n.worker_id, n.source, n.on_behalf, n.happened_at, ($3::jsonb->>'now')::timestamptz, n.reason,
    n.detail, n.content_id, n.undoes_seq, ($3::jsonb->>'author_org_id')::uuid
    from guard, jsonb_populate_recordset(null::event, $3::jsonb->'events') n
)

-- part: new_parties
new_parties as (
  insert into party (org_id, referral_id, capacity, classes, override_consent_id, started_at)
  select n.org_id, guard.id, n.capacity, n.classes, n.override_consent_id,
    ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::party, $3::jsonb->'joins') n
  on conflict (org_id, referral_id) do update
    set ended_at = null,
        override_consent_id = coalesce(excluded.override_consent_id, party.override_consent_id)
)

-- part: ended_parties
ended_parties as (
  -- An answer can be taken back for a while, so who gave it may look. What is a draft again, or
  -- should never have been, nobody but the sender (and of the latter the coordinators) looks at.
  update party p
     set ended_at = ($3::jsonb->>'now')::timestamptz
           + case when $3::jsonb->>'state' in ('draft', 'void') then interval '0'
                  else interval '15 minutes' end
    from guard
   where p.referral_id = guard.id
     and (p.capacity = 'recipient'
          and p.org_id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'leaves'))
          or p.capacity = 'cco' and $3::jsonb->>'state' = 'draft')
)

-- part: closed_epochs
closed_epochs as (
  update epoch e
     set state = 'closed', closed_at = ($3::jsonb->>'now')::timestamptz
    from guard
   where e.referral_id = guard.id and e.state = 'active' and (exists (
     select 1 from seal s
      where s.context_id = e.context_id and s.class = e.class and s.epoch = e.epoch
        and s.org_id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'leaves')))
     or exists (select 1 from jsonb_populate_recordset(null::epoch, $3::jsonb->'epochs') n
                 where n.context_id = e.context_id and n.class = e.class))
  returning e.epoch
)

-- part: new_epochs
new_epochs as (
  insert into epoch (context_id, class, epoch, referral_id, state, since_version, opened_at)
  select n.context_id, n.class, n.epoch, guard.id, 'active', guard.version,
    ($3::jsonb->>'now')::timestamptz
    from guard,
         -- One epoch of a class is active: the one before is closed first.
         (select count(*) from closed_epochs) closed,
         jsonb_populate_recordset(null::epoch, $3::jsonb->'epochs') n
)

-- part: new_seals
new_seals as (
  insert into seal (context_id, class, epoch, org_id, key_id, sealed, referral_id, created_at)
  select n.context_id, n.class, n.epoch, n.org_id, n.key_id, n.sealed, guard.id,
    ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::seal, $3::jsonb->'seals') n
)

-- part: new_disclosures
new_disclosures as (
  insert into disclosure (id, referral_id, org_id, patient_id, to_org_id, context_id, class, epoch,
    basis, consent_id, disclosed_at)
  select n.id, guard.id, n.org_id, n.patient_id, n.to_org_id, n.context_id, n.class, n.epoch,
    n.basis, n.consent_id, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::disclosure, $3::jsonb->'disclosures') n
)

-- part: new_contents
new_contents as (
  insert into content (id, referral_id, leg_id, kind, context_id, class, epoch, envelope,
    author_org_id, created_at)
  select n.id, guard.id, n.leg_id, n.kind, n.context_id, n.class, n.epoch, n.envelope,
    ($3::jsonb->>'author_org_id')::uuid, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::content, $3::jsonb->'contents') n
)

-- part: new_documents
new_documents as (
  insert into document (id, referral_id, leg_id, content_id, type_code, class, written_on,
    received_at, entered_at, source, evidence, entered_by_member_id, author_org_id)
  select n.id, guard.id, n.leg_id, n.content_id, n.type_code, n.class, n.written_on, n.received_at,
    ($3::jsonb->>'now')::timestamptz, n.source, n.evidence, n.entered_by_member_id,
    ($3::jsonb->>'author_org_id')::uuid
    from guard, jsonb_populate_recordset(null::document, $3::jsonb->'documents') n
)

-- part: moved_appointments
moved_appointments as (
  update appointment a
     set state = $3::jsonb->>'appointment_state'
    from guard
   where a.referral_id = guard.id and a.leg_id = ($3::jsonb->>'appointment_leg_id')::uuid
     and a.id = (select b.id from appointment b where b.leg_id = a.leg_id
                  order by b.created_at desc, b.id desc limit 1)
)

-- part: new_appointments
new_appointments as (
  insert into appointment (id, referral_id, leg_id, starts_at, ends_at, time_zone, site_id,
    modality, language_help, state, author_org_id, created_at)
  select n.id, guard.id, n.leg_id, n.starts_at, n.ends_at, n.time_zone, n.site_id, n.modality,
    n.language_help, 'booked', ($3::jsonb->>'author_org_id')::uuid, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::appointment, $3::jsonb->'appointments') n
)

-- part: told_capacity
told_capacity as (
  update healthcare_service s
     set capacity = 'closed', capacity_at = ($3::jsonb->>'now')::timestamptz,
         no_capacity_until = ($3::jsonb->'capacity'->>'until')::date, version = s.version + 1
    from guard
   where s.org_id = ($3::jsonb->'capacity'->>'org_id')::uuid
     and s.id = ($3::jsonb->'capacity'->>'service_id')::uuid
)

-- part: disarmed
disarmed as (
  update timer t
     set state = 'disarmed', ended_at = ($3::jsonb->>'now')::timestamptz
    from guard
   where t.referral_id = guard.id and t.state = 'armed'
     and t.id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'disarm'))
  returning t.id
)

-- part: armed
armed as (
  insert into timer (id, referral_id, leg_id, clock, rung, turn_org_id, started_at, due_at,
    late_at, second_at, final_at, reckoning)
  select n.id, guard.id, n.leg_id, n.clock, n.rung, n.turn_org_id, n.started_at, n.due_at,
    n.late_at, n.second_at, n.final_at, n.reckoning
    from guard,
         -- A clock that starts again is stopped first: one of a kind is armed.
         (select count(*) from disarmed) stopped,
         jsonb_populate_recordset(null::timer, $3::jsonb->'arm') n
)

-- part: cancelled_effects
cancelled_effects as (
  update outbox o
     set state = 'cancelled', done_at = ($3::jsonb->>'now')::timestamptz
    from guard
   where o.referral_id = guard.id and o.state in ('pending', 'parked')
     and o.undo_of_seq is not null
     and o.undo_of_seq in (select value::int from jsonb_array_elements_text($3::jsonb->'cancel_effects'))
)

-- part: new_effects
new_effects as (
  insert into outbox (id, kind, channel, referral_id, leg_id, org_id, member_id, seq, undo_of_seq,
    code, rank, due_at, next_at, created_at)
  select n.id, n.kind, case when n.kind = 'text' then 'sms' else 'mail' end, guard.id, n.leg_id,
    n.org_id, n.member_id, n.seq, n.undo_of_seq, n.code, n.rank, n.due_at, n.due_at, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::outbox, $3::jsonb->'effects') n
)

-- part: moot_tasks
moot_tasks as (
  update human_task h
     set state = 'moot', resolved_at = ($3::jsonb->>'now')::timestamptz, resolution = 'moved on'
    from guard
   where h.referral_id = guard.id and h.state = 'open'
     and h.id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'moot'))
)

-- part: new_tasks
new_tasks as (
  insert into human_task (id, kind, org_id, member_id, referral_id, leg_id, about_org_id, reason,
    due_at, opened_at)
  select n.id, n.kind, n.org_id, n.member_id, guard.id, n.leg_id, n.about_org_id, n.reason,
    n.due_at, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::human_task, $3::jsonb->'tasks') n
  on conflict do nothing
)

-- part: ended_links
ended_links as (
  update link k
     set expires_at = least(k.expires_at, ($3::jsonb->>'now')::timestamptz + interval '24 hours')
    from guard
   where k.referral_id = guard.id
     and k.leg_id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'ended_legs'))
)

-- part: new_external_ids
new_external_ids as (
  insert into external_id (org_id, kind, system, token, subject_id, sealed, key_version,
    created_at)
  select n.org_id, n.kind, n.system, n.token, n.subject_id, n.sealed, n.key_version, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::external_id, $3::jsonb->'external_ids') n
)

-- part: new_facts
new_facts as (
  insert into referral_fact (referral_id, age_band, language, sex, race, ethnicity, payer_kind)
  select guard.id, n.age_band, n.language, n.sex, coalesce(n.race, '{}'), n.ethnicity, n.payer_kind
    from guard, jsonb_populate_recordset(null::referral_fact, $3::jsonb->'facts') n
)

-- part: new_audits
new_audits as (
  insert into audit (id, org_id, at, actor_kind, actor_org_id, actor_member_id, api_key_id,
    link_id, worker_id, action, resource_kind, resource_id, referral_id, class, request_id, detail)
  select n.id, n.org_id, ($3::jsonb->>'now')::timestamptz, n.actor_kind, n.actor_org_id,
    n.actor_member_id, n.api_key_id, n.link_id, n.worker_id, n.action, n.resource_kind,
    n.resource_id, guard.id, n.class, n.request_id, coalesce(n.detail, '{}')
    from guard, jsonb_populate_recordset(null::audit, $3::jsonb->'audits') n
)

-- part: new_key
new_key as (
  insert into idempotency (principal, key, body_mac, route, status, resource_id, resource_version,
    created_at, org_id)
  select n.principal, n.key, n.body_mac, n.route, n.status, n.resource_id, n.resource_version,
    ($3::jsonb->>'now')::timestamptz, n.org_id
    from guard, jsonb_populate_recordset(null::idempotency, $3::jsonb->'idempotency') n
)

-- part: edited
guard as (
  update referral r
     set version = r.version + 1, priority = coalesce(n.priority, r.priority),
         consent_basis = coalesce(n.consent_basis, r.consent_basis),
         consent_id = coalesce(n.consent_id, r.consent_id),
         phone_handoff_at = coalesce(n.phone_handoff_at, r.phone_handoff_at),
         authorization_state = coalesce(n.authorization_state, r.authorization_state),
         authorization_expires_on =
           coalesce(n.authorization_expires_on, r.authorization_expires_on),
         requested_by = coalesce(n.requested_by, r.requested_by)
    from jsonb_populate_record(null::referral, $3::jsonb->'edit') n
   where r.id = $1 and r.version = $2 and r.state = 'draft'
  returning r.id, r.version
)

-- part: grounded
guard as (
  update referral r
     set version = r.version + 1, consent_id = n.consent_id, consent_basis = n.consent_basis
    from jsonb_populate_record(null::referral, $3::jsonb->'ground') n
   where r.id = $1 and r.version = $2
  returning r.id, r.version
)

-- part: created
guard as (
  insert into referral (id, reference, sender_org_id, patient_id, cco_org_id, typed_by_member_id,
    ordering_npi, ordering_name, category, code_system, code, request, priority, mode, class,
    pattern, reviewer, evidence, consent_basis, consent_id, phone_handoff_at, authorization_state,
    authorization_expires_on, requested_by, state, version, last_seq, owner_org_id,
    owner_member_id, sent_at, hold_until, created_at)
  select r.id, r.reference, r.sender_org_id, r.patient_id, r.cco_org_id, r.typed_by_member_id,
    r.ordering_npi, r.ordering_name, r.category, r.code_system, r.code, r.request, r.priority,
    r.mode, r.class, r.pattern, r.reviewer, r.evidence, r.consent_basis, r.consent_id,
    r.phone_handoff_at, r.authorization_state, r.authorization_expires_on, r.requested_by,
    $3::jsonb->>'state', $2::int + 1, ($3::jsonb->>'last_seq')::int, r.owner_org_id,
    r.owner_member_id, ($3::jsonb->>'sent_at')::timestamptz,
    ($3::jsonb->>'hold_until')::timestamptz, ($3::jsonb->>'now')::timestamptz
    from jsonb_populate_record(null::referral, $3::jsonb->'order') r
   where r.id = $1
  returning id, version
)

-- part: talks_left
talks_left as (
  update thread_party p
     set ended_at = ($3::jsonb->>'now')::timestamptz, end_reason = 'part_ended'
    from guard
   where p.referral_id = guard.id and p.ended_at is null
     and p.org_id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'falls_silent'))
  returning p.thread_id, p.org_id
), talks_without as (
  update thread t
     set version = t.version + 1, circle = t.circle + 1,
         org_ids = array(select unnest(t.org_ids) except
                         select l.org_id from talks_left l where l.thread_id = t.id)
   where t.id in (select l.thread_id from talks_left l)
)

-- part: talks_joined
talks_joined as (
  -- Who takes an answer back while that can be done is back in its conversations, too.
  update thread_party p
     set ended_at = null, end_reason = null
    from guard
   where p.referral_id = guard.id and p.end_reason = 'part_ended'
     and p.ended_at > ($3::jsonb->>'now')::timestamptz - interval '15 minutes'
     and p.org_id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'returns'))
  returning p.thread_id, p.org_id
), talks_with as (
  update thread t
     set version = t.version + 1, circle = t.circle + 1,
         org_ids = t.org_ids || array(select j.org_id from talks_joined j where j.thread_id = t.id)
   where t.id in (select j.thread_id from talks_joined j)
)
