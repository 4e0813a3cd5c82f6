-- An act on a thread is written by one statement that is put together from these parts, each joined
-- to the guard. Numbers are given by the guard's lock: two who write at once need not try again.

-- part: guard
guard as (
  update thread t
     set version = t.version + 1, circle = t.circle + ($3::jsonb->>'turns')::int,
         last_seq = t.last_seq + ($3::jsonb->>'says')::int,
         org_ids = coalesce((select array_agg(value::uuid)
                               from jsonb_array_elements_text($3::jsonb->'org_ids')), t.org_ids)
   where t.id = $1 and t.circle = $2
  returning t.id, t.version, t.last_seq
)

-- part: started
guard as (
  insert into thread (id, reference, referral_id, class, created_org_id, created_member_id,
    owner_org_id, patient_id, consent_basis, consent_id, org_ids, circle, last_seq, created_at)
  select n.id, n.reference, n.referral_id, n.class, n.created_org_id, n.created_member_id,
    n.owner_org_id, n.patient_id, n.consent_basis, n.consent_id, n.org_ids, $2::int + 1,
    ($3::jsonb->>'says')::int, ($3::jsonb->>'now')::timestamptz
    from jsonb_populate_record(null::thread, $3::jsonb->'thread') n
   where n.id = $1
  returning id, version, last_seq
)

-- part: new_parties
new_parties as (
  insert into thread_party (org_id, thread_id, referral_id, leg_id, from_seq, admitted_by_org_id,
    admitted_by_member_id, basis, consent_id, started_at, touched_at)
  select n.org_id, guard.id, n.referral_id, n.leg_id,
    -- From the words on that let them in, unless they are given more of the past.
    coalesce(n.from_seq, guard.last_seq - ($3::jsonb->>'says')::int + 1),
    n.admitted_by_org_id, n.admitted_by_member_id, n.basis, n.consent_id,
    ($3::jsonb->>'now')::timestamptz, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::thread_party, $3::jsonb->'parties') n
  on conflict (org_id, thread_id) do update
     set referral_id = excluded.referral_id, leg_id = excluded.leg_id,
         from_seq = excluded.from_seq, admitted_by_org_id = excluded.admitted_by_org_id,
         admitted_by_member_id = excluded.admitted_by_member_id, basis = excluded.basis,
         consent_id = excluded.consent_id, started_at = excluded.started_at,
         touched_at = excluded.touched_at, ended_at = null, end_reason = null
)

-- part: touched
touched as (
  update thread_party p
     set touched_at = ($3::jsonb->>'now')::timestamptz
    from guard
   where p.thread_id = guard.id and p.ended_at is null
)

-- part: ended_parties
ended_parties as (
  update thread_party p
     set ended_at = ($3::jsonb->>'now')::timestamptz, end_reason = $3::jsonb->>'end_reason'
    from guard
   where p.thread_id = guard.id and p.ended_at is null
     and p.org_id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'leaves'))
)

-- part: ended_members
ended_members as (
  update thread_member m
     set ended_at = ($3::jsonb->>'now')::timestamptz
    from guard
   where m.thread_id = guard.id and m.ended_at is null
     and (m.org_id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'leaves'))
          or m.member_id in (select value::uuid
                               from jsonb_array_elements_text($3::jsonb->'unnamed')))
)

-- part: new_members
new_members as (
  insert into thread_member (thread_id, org_id, member_id, added_at)
  select guard.id, n.org_id, n.member_id, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::thread_member, $3::jsonb->'members') n
  on conflict (thread_id, member_id) do update set ended_at = null
)

-- part: closed_epochs
closed_epochs as (
  update epoch e
     set state = 'closed', closed_at = ($3::jsonb->>'now')::timestamptz
    from guard
   where e.context_id = guard.id and e.state = 'active'
  returning e.epoch
)

-- part: new_epochs
new_epochs as (
  insert into epoch (context_id, class, epoch, thread_id, state, since_version, opened_at)
  select guard.id, n.class, n.epoch, guard.id, 'active', guard.version, ($3::jsonb->>'now')::timestamptz
    from guard,
         -- One epoch of a class is active: the one before is closed first.
         (select count(*) from closed_epochs) closed,
         jsonb_populate_recordset(null::epoch, $3::jsonb->'epochs') n
)

-- part: new_seals
new_seals as (
  insert into seal (context_id, class, epoch, org_id, key_id, sealed, thread_id, created_at)
  select guard.id, n.class, n.epoch, n.org_id, n.key_id, n.sealed, guard.id,
    ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::seal, $3::jsonb->'seals') n
)

-- part: new_disclosures
new_disclosures as (
  insert into disclosure (id, thread_id, org_id, patient_id, to_org_id, context_id, class, epoch,
    basis, consent_id, disclosed_at)
  select n.id, guard.id, n.org_id, n.patient_id, n.to_org_id, guard.id, n.class, n.epoch, n.basis,
    n.consent_id, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::disclosure, $3::jsonb->'disclosures') n
)

-- part: new_titles
new_titles as (
  insert into thread_title (id, thread_id, seq, class, epoch, envelope, author_org_id, created_at)
  select n.id, guard.id, guard.last_seq, n.class, n.epoch, n.envelope, n.author_org_id,
    ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::thread_title, $3::jsonb->'titles') n
)

-- part: new_messages
new_messages as (
  insert into message (id, thread_id, seq, author_org_id, author_member_id, link_id, worker_id,
    reply_to, class, epoch, envelope, created_at)
  select n.id, guard.id, guard.last_seq, n.author_org_id, n.author_member_id, n.link_id, n.worker_id,
    n.reply_to, n.class, n.epoch, n.envelope, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::message, $3::jsonb->'messages') n
)

-- part: own_words_read
own_words_read as (
  insert into message_read as d (org_id, member_id, thread_id, read_seq, read_at)
  -- Whoever answers without having looked has still not read what came before.
  select n.author_org_id, n.author_member_id, guard.id,
    case when guard.last_seq = 1 then 1 else 0 end, ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::message, $3::jsonb->'messages') n
   where n.author_member_id is not null
  on conflict (member_id, thread_id) do update
     set read_seq = (select guard.last_seq from guard), read_at = excluded.read_at
   where d.read_seq = (select guard.last_seq - 1 from guard)
)

-- part: spent_drafts
spent_drafts as (
  delete from message_draft d using guard
   where d.thread_id = guard.id
     and d.member_id in (select value::uuid from jsonb_array_elements_text($3::jsonb->'drafts'))
)

-- part: retracted
retracted as (
  update message m
     set envelope = null, retracted_at = ($3::jsonb->>'now')::timestamptz,
         retracted_by_org_id = n.retracted_by_org_id,
         retracted_by_member_id = n.retracted_by_member_id, retract_reason = n.retract_reason,
         retract_sealed = n.retract_sealed
    from guard, jsonb_populate_recordset(null::message, $3::jsonb->'retracts') n
   where m.id = n.id and m.thread_id = guard.id and m.retracted_at is null
)

-- part: retracted_copies
retracted_copies as (
  update message_copy c
     set envelope = null
    from guard, jsonb_populate_recordset(null::message, $3::jsonb->'retracts') n
   where c.message_id = n.id and c.thread_id = guard.id
)

-- part: new_copies
new_copies as (
  insert into message_copy (id, message_id, thread_id, seq, class, epoch, envelope, author_org_id,
    created_at)
  select n.id, n.message_id, guard.id, n.seq, n.class, n.epoch, n.envelope, n.author_org_id,
    ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::message_copy, $3::jsonb->'copies') n
)

-- part: new_file_copies
new_file_copies as (
  insert into attachment_copy (id, attachment_id, thread_id, class, epoch, label, head,
    author_org_id, created_at)
  select n.id, n.attachment_id, guard.id, n.class, n.epoch, n.label, n.head, n.author_org_id,
    ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::attachment_copy, $3::jsonb->'file_copies') n
)

-- part: new_effects
new_effects as (
  insert into outbox (id, kind, referral_id, thread_id, leg_id, org_id, about_org_id, member_id,
    rank, due_at, next_at, created_at)
  select n.id, n.kind, n.referral_id, guard.id, n.leg_id, n.org_id, n.about_org_id, n.member_id, 5,
    ($3::jsonb->>'now')::timestamptz, ($3::jsonb->>'now')::timestamptz,
    ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::outbox, $3::jsonb->'effects') n
)

-- part: new_tasks
new_tasks as (
  insert into human_task (id, kind, org_id, member_id, referral_id, thread_id, about_org_id, reason,
    opened_at)
  select n.id, n.kind, n.org_id, n.member_id, n.referral_id, guard.id, n.about_org_id, n.reason,
    ($3::jsonb->>'now')::timestamptz
    from guard, jsonb_populate_recordset(null::human_task, $3::jsonb->'tasks') n
  on conflict do nothing
)

-- part: new_audits
new_audits as (
  insert into audit (id, org_id, at, actor_kind, actor_org_id, actor_member_id, api_key_id, link_id,
    worker_id, action, resource_kind, resource_id, referral_id, class, request_id, detail)
  select n.id, n.org_id, ($3::jsonb->>'now')::timestamptz, n.actor_kind, n.actor_org_id,
    n.actor_member_id, n.api_key_id, n.link_id, n.worker_id, n.action, n.resource_kind,
    n.resource_id, n.referral_id, n.class, n.request_id, coalesce(n.detail, '{}')
    from guard, jsonb_populate_recordset(null::audit, $3::jsonb->'audits') n
)

-- part: new_key
new_key as (
  insert into idempotency (principal, key, body_mac, route, status, resource_id, created_at, org_id)
  select n.principal, n.key, n.body_mac, n.route, n.status, n.resource_id,
    ($3::jsonb->>'now')::timestamptz, n.org_id
    from guard, jsonb_populate_recordset(null::idempotency, $3::jsonb->'idempotency') n
)
