-- name: cards
-- What a list and the head of a page say of referrals; words and names of patients are not here.
-- A recipient reads of its own legs alone: who else was asked, and what they said, is not its affair.
select r.id, r.reference, r.state, r.version, r.priority, r.class as sensitivity, r.category,
       r.sender_org_id, s.public_name as sender, r.owner_org_id, r.owner_member_id,
       m.name as owner, r.patient_id, r.created_at, r.sent_at, r.closed_at, r.disposition,
       r.need_met, r.close_reason, p.capacity, p.classes, me.time_zone as zone,
       coalesce((select max(e.entered_at) from event e
                  where e.referral_id = r.id and e.machine = 'referral'
                    and e.from_state <> e.becomes), r.created_at) as since,
       coalesce((select jsonb_agg(jsonb_build_object(
                   'id', l.id, 'number', l.number, 'org_id', l.org_id, 'recipient', o.public_name,
                   'service_id', l.service_id, 'service', v.name, 'channel', l.channel,
                   'state', l.state, 'version', l.version, 'owner_member_id', l.owner_member_id,
                   'owner', w.name, 'appointment_at', l.appointment_at,
                   'expected_by', l.expected_by, 'answer_due_at', l.answer_due_at,
                   'ask_open', l.ask_open, 'attempts', l.attempts, 'reason', l.reason,
                   'outcome', l.outcome, 'need_met', l.need_met, 'service_on', l.service_on,
                   'next_check_on', l.next_check_on, 'next_report_on', l.next_report_on,
                   'waitlist_position', l.waitlist_position,
                   'since', coalesce((select max(e.entered_at) from event e
                                       where e.leg_id = l.id and e.becomes = l.state
                                         and e.from_state <> e.becomes), l.created_at))
                   order by l.number)
                   from leg l
                   join organization o on o.id = l.org_id
                   left join healthcare_service v on v.id = l.service_id
                   left join member w on w.id = l.owner_member_id
                  where l.referral_id = r.id
                    and (p.capacity <> 'recipient' or l.org_id = $2)), '[]') as legs,
       coalesce((select jsonb_agg(jsonb_build_object('leg_id', t.leg_id, 'clock', t.clock,
                   'due_at', t.due_at, 'final_at', t.final_at, 'rung', t.rung,
                   'moves_to', c.name) order by t.due_at)
                   from timer t left join member c on c.id = t.moves_to_member_id
                  where t.referral_id = r.id and t.state = 'armed'
                    and (p.capacity <> 'recipient' or t.leg_id is null
                         or exists (select 1 from leg l where l.id = t.leg_id and l.org_id = $2))),
                '[]') as timers,
       lk.now() as now
  from referral r
  join organization s on s.id = r.sender_org_id
  join member m on m.id = r.owner_member_id
  join organization me on me.id = $2
  join party p on p.org_id = $2 and p.referral_id = r.id
       and (p.ended_at is null or p.ended_at > lk.now())
 where r.id = any($1::uuid[])
 order by r.id desc;

-- name: order_row
-- What the order says in the clear, its appointments and what was disclosed.
select r.code_system, r.code, r.request, r.mode, r.pattern, r.reviewer, r.evidence, r.ordering_npi,
       r.ordering_name, r.typed_by_member_id, r.consent_basis, r.consent_id, r.phone_handoff_at,
       r.authorization_state, r.authorization_expires_on, r.requested_by, r.hold_until,
       coalesce((select jsonb_agg(jsonb_build_object('id', a.id, 'leg_id', a.leg_id,
                   'starts_at', a.starts_at, 'ends_at', a.ends_at, 'time_zone', a.time_zone,
                   'site_id', a.site_id, 'modality', a.modality,
                   'language_help', a.language_help, 'state', a.state) order by a.starts_at, a.id)
                   from appointment a where a.referral_id = r.id), '[]') as appointments,
       (select count(*) from disclosure d where d.referral_id = r.id)::int as disclosures,
       -- What the patient allowed, as whoever was told on it may know: never their words.
       (select jsonb_build_object('basis', c.basis, 'classes', c.classes, 'purpose', c.purpose,
                   'signed_on', c.signed_on, 'expires_at', c.expires_at,
                   'ends_with_event', c.ends_with_event, 'ended', c.revoked_at is not null)
          from consent c where c.id = r.consent_id) as scope
  from referral r where r.id = $1;

-- name: history
-- Every line of a referral's history, with who acted under names that this reader may see.
select e.seq, e.leg_id, e.machine, e.from_state, e.step, e.party, e.becomes, e.rule_id,
       e.actor_kind, e.actor_org_id, o.public_name as actor_org, e.actor_member_id,
       m.name as actor, e.api_key_id, e.source, e.on_behalf, e.happened_at, e.entered_at,
       e.reason, e.detail, e.content_id, e.undoes_seq
  from event e
  left join organization o on o.id = e.actor_org_id
  left join member m on m.id = e.actor_member_id
 where e.referral_id = $1
 order by e.seq;

-- name: documents
-- The documents of a referral without their words.
select d.id, d.leg_id, d.content_id, d.type_code, d.type_system, d.class as sensitivity,
       d.written_on, d.received_at, d.entered_at, d.source, d.evidence, d.author_org_id,
       o.public_name as author_org, d.retracted_at, d.retract_reason
  from document d join organization o on o.id = d.author_org_id
 where d.referral_id = $1
 order by d.entered_at, d.id;

-- name: document_place
-- Which referral a document belongs to.
select referral_id from document where id = $1;

-- name: contents
-- Sealed contents of referrals, of these kinds, the newest last.
select c.id, c.referral_id, c.leg_id, c.kind, c.class as sensitivity, c.epoch, c.envelope,
       c.author_org_id, c.created_at
  from content c
 where c.referral_id = any($1::uuid[]) and c.kind = any($2::text[])
 order by c.created_at, c.id;

-- name: seals
-- The seals one organization holds on these referrals.
select s.context_id, s.class as sensitivity, s.epoch, s.org_id, s.key_id, s.sealed, s.referral_id
  from seal s where s.referral_id = any($1::uuid[]) and s.org_id = $2;

-- name: by_reference
-- The referral of a public reference, if the asking organization is party of it.
select id from referral where reference = $1;

-- name: by_external_id
-- What another system's id stands for in the asking organization.
select subject_id from external_id
 where org_id = $1 and kind = $2 and system = $3 and token = any($4::bytea[]) limit 1;

-- name: open_of_patient
-- What an organization has open for one of its patients already: of the kind that services are of, or
-- of every kind where none is named.
select r.id
  from referral r
 where r.sender_org_id = $1 and r.patient_id = $2
   and r.state in ('draft', 'with_recipient', 'needs_routing', 'awaiting_review')
   and (cardinality($3::uuid[]) = 0
        or r.category in (select v.category from healthcare_service v where v.id = any($3::uuid[])))
 order by r.id desc limit $4;

-- name: set_owner
-- Another member answers for the loop from now on.
update referral set owner_org_id = $2, owner_member_id = $3, version = version + 1
 where id = $1 and version = $4
returning version;

-- name: active_member
-- Whether somebody works there now.
select exists (select 1 from member where org_id = $1 and id = $2 and state = 'active');
