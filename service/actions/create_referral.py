"""Make a referral: as a draft, or made and sent in one act."""

from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec

from service import faults
from service.actions import admission, gate, identities, order_form, sealing, turn_thread
from service.actions.office import Office
from service.actions.order_form import ExternalId as ExternalId
from service.actions.order_form import NewReferral
from service.actions.take_step import Taken
from service.domain import decide as rules
from service.domain import ids, policy
from service.domain.details import Details
from service.domain.facts import ReferralFacts
from service.domain.patient import Identity, strata
from service.domain.people import Actor, Capacity
from service.domain.plan import Act, Plan
from service.domain.referral import ReferralState
from service.domain.rules import Machine, Party, Step
from service.store import patients, referrals, rows
from service.store.pool import Connection, Scope


class _Undone(Exception):
    """Nothing of a rehearsal is kept."""


async def rehearse(office: Office, actor: Actor, wish: NewReferral) -> None:
    """Do all of `create_referral` and undo it; raises what that would raise, and keeps nothing."""
    _allow(actor, send=wish.send)
    referral_id = ids.new_id()
    with suppress(_Undone):
        async with office.db.transaction(_scope(actor, referral_id)) as connection:
            await _written(office, connection, actor, wish, referral_id=referral_id)
            raise _Undone


async def create_referral(office: Office, actor: Actor, wish: NewReferral) -> Taken:
    """Write the order with its draft legs; with `send`, its package leaves in the same act.

    Raises Invalid (with `errors`), Missing (no such patient), Refused, Busy.
    """
    _allow(actor, send=wish.send)
    referral_id = ids.new_id()
    async with office.db.transaction(_scope(actor, referral_id)) as connection:
        plan = await _written(office, connection, actor, wish, referral_id=referral_id)
    return Taken(referral_id=referral_id, version=plan.referral.version, plan=plan)


def _scope(actor: Actor, referral_id: UUID) -> Scope:
    return Scope(org_id=actor.org_id, opening=referral_id)


async def _written(
    office: Office, connection: Connection, actor: Actor, wish: NewReferral, *, referral_id: UUID
) -> Plan:
    if actor.org_id is None or actor.member_id is None:
        raise faults.Refused
    sender = await referrals.sender(connection, actor.org_id)
    fresh = await admission.newcomers(connection, wish.service_ids)
    errors = order_form.check(wish, fresh)
    if errors:
        raise faults.Invalid(errors=errors)
    row = await patients.fetch(connection, actor.org_id, patient_id=wish.patient_id)
    patient = await identities.opened(office.keys, actor.org_id, row=row)
    facts = _facts(wish, actor, sender, referral_id=referral_id, fresh=fresh)
    if wish.send:
        facts = gate.grounded(facts, override=bool(wish.override_reason))
    plan = _dated(rules.decide(facts, *_acts(wish, actor, sender, fresh)), wish)
    picture = await _picture(connection, wish, plan, sender)
    if wish.send:
        override = _override(office, actor, wish)
        told = [newcomer.row for newcomer in fresh]
        overrides = await admission.check(
            connection, picture, plan, sender=sender, told=told, override=override
        )
        picture = msgspec.structs.replace(picture, overrides=overrides)
    order = order_form.columns(
        wish, facts, typed_by=actor.member_id, category=fresh[0].row.category
    )
    step = await _rows(office, actor, wish, plan, picture=picture, patient=patient, order=order)
    if not await referrals.write_step(connection, plan, step):
        raise faults.Busy(retry_after=1)
    await turn_thread.turned(connection, actor, wish, referral_id=referral_id)
    return plan


def _dated(plan: Plan, wish: NewReferral) -> Plan:
    """Keep the day on which it had been sent before; what is promised from now on is not moved."""
    if wish.sent_at is None or not wish.send:
        return plan
    legs = tuple(msgspec.structs.replace(leg, sent_at=wish.sent_at) for leg in plan.referral.legs)
    referral = msgspec.structs.replace(plan.referral, sent_at=wish.sent_at, legs=legs)
    return msgspec.structs.replace(plan, referral=referral)


def _allow(actor: Actor, *, send: bool) -> None:
    actions = (policy.Action.REFERRAL_CREATE, policy.Action.REFERRAL_SEND)
    for action in actions if send else actions[:1]:
        resource = policy.Resource(org_id=actor.org_id, capacity=Capacity.SENDER)
        if isinstance(policy.decide(actor, action, resource=resource), policy.Deny):
            raise faults.Refused


def _facts(
    wish: NewReferral,
    actor: Actor,
    sender: referrals.SenderRow,
    *,
    referral_id: UUID,
    fresh: tuple[admission.Newcomer, ...],
) -> ReferralFacts:
    first = fresh[0].row
    calendars = {newcomer.leg.org_id: newcomer.row.calendar for newcomer in fresh}
    if actor.org_id is None or actor.member_id is None:
        raise faults.Refused
    return ReferralFacts(
        id=referral_id,
        reference=ids.new_reference(),
        sender_org_id=actor.org_id,
        cco_org_id=sender.cco_org_id,
        state=ReferralState.NONE,
        version=0,
        last_seq=0,
        mode=wish.mode,
        priority=wish.priority,
        sensitivity=wish.sensitivity,
        pattern=first.pattern,
        reviewer=first.reviewer,
        evidence=first.evidence,
        consent_basis=wish.consent_basis,
        owner_org_id=actor.org_id,
        owner_member_id=actor.member_id,
        calendars={**calendars, actor.org_id: sender.calendar},
        terms=first.terms_of(wish.priority),
    )


def _acts(
    wish: NewReferral,
    actor: Actor,
    sender: referrals.SenderRow,
    fresh: tuple[admission.Newcomer, ...],
) -> tuple[Act, ...]:
    steps = (Step.CREATE, Step.SEND) if wish.send else (Step.CREATE,)
    return tuple(
        Act(
            machine=Machine.REFERRAL,
            step=step,
            parties=(Party.REFERRER,),
            now=sender.now,
            details=Details(recipients=len(fresh)),
            recipients=tuple(newcomer.leg for newcomer in fresh) if step is Step.CREATE else (),
            actor_member_id=actor.member_id,
        )
        for step in steps
    )


def _override(office: Office, actor: Actor, wish: NewReferral) -> gate.Override | None:
    return gate.override_of(office, actor, reason=wish.override_reason, request_id=wish.request_id)


async def _picture(
    connection: Connection, wish: NewReferral, plan: Plan, sender: referrals.SenderRow
) -> referrals.Picture:
    named = False
    if wish.consent_id is not None and sender.cco_org_id is not None:
        record = await referrals.consent(connection, sender.id, consent_id=wish.consent_id)
        named = record is not None and gate.names(
            record, sender.cco_org_id, sensitivity=wish.sensitivity, now=sender.now
        )
    return referrals.Picture(
        facts=plan.referral,
        now=sender.now,
        patient_id=wish.patient_id,
        consent_id=wish.consent_id,
        handed_off=wish.phone_handoff_at is not None,
        capacity=Capacity.SENDER,
        cco_named=named,
    )


async def _rows(
    office: Office,
    actor: Actor,
    wish: NewReferral,
    plan: Plan,
    *,
    picture: referrals.Picture,
    patient: Identity,
    order: dict[str, Any],
) -> rows.StepRows:
    if actor.org_id is None:
        raise faults.Refused
    circle = sealing.circle_of(
        plan.referral,
        patient_id=wish.patient_id,
        consent_id=wish.consent_id,
        cco_named=picture.cco_named,
        overrides=picture.overrides,
    )
    sealer = sealing.Sealer(office, circle, org_id=actor.org_id, held=[], now=picture.now)
    await sealer.put("package", order_form.package(wish))
    await sealer.put("identity", patient)
    return rows.StepRows(
        actor=actor,
        source=wish.source,
        now=picture.now,
        happened_at=wish.sent_at,
        request_id=wish.request_id,
        order=order,
        joins=_parties(actor.org_id, wish) | admission.joins(plan, circle),
        overrides=picture.overrides,
        contents=tuple(sealer.contents),
        epochs=tuple(sealer.epochs),
        seals=tuple(sealer.seals),
        disclosures=tuple(sealer.disclosures),
        external_ids=await _external_ids(office, actor, wish, referral_id=plan.referral.id),
        facts=strata(patient, day=picture.now.date()),
        audits=_audits(actor, plan),
        once=_spent(wish.once, plan),
    )


def _parties(org_id: UUID, wish: NewReferral) -> dict[UUID, tuple[str, tuple[str, ...]]]:
    classes = tuple(sorted({sealing.GENERAL, wish.sensitivity.value}))
    return {org_id: (Capacity.SENDER.value, classes)}


async def _external_ids(
    office: Office, actor: Actor, wish: NewReferral, *, referral_id: UUID
) -> tuple[rows.ExternalIdRow, ...]:
    if actor.org_id is None:
        raise faults.Refused
    return tuple(
        [
            await identities.external_id(
                office.keys,
                actor.org_id,
                kind="referral",
                subject_id=referral_id,
                system=each.system,
                value=each.value,
            )
            for each in wish.external_ids
        ]
    )


def _audits(actor: Actor, plan: Plan) -> tuple[rows.AuditRow, ...]:
    return tuple(
        rows.AuditRow(
            org_id=actor.org_id,
            action=f"step.{event.rule.step}",
            resource_kind="referral",
            resource_id=plan.referral.id,
            sensitivity=plan.referral.sensitivity,
            detail={"rule": event.rule.id, "party": event.rule.party, "seq": event.seq},
        )
        for event in plan.acted
    )


def _spent(once: rows.OnceRow | None, plan: Plan) -> rows.OnceRow | None:
    if once is None:
        return None
    return msgspec.structs.replace(
        once, resource_id=plan.referral.id, resource_version=plan.referral.version
    )
