"""Who hears of a plan, what work it opens, who joins or leaves the referral by it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import msgspec

from service.domain import effects, facts, patient_texts
from service.domain import leg as legs
from service.domain.effects import Audience, Effect, EffectKind, Tell
from service.domain.facts import LegFacts
from service.domain.people import Priority
from service.domain.plan import Act, AppointmentRow, CapacityRow, EventRow, Plan, TaskRow
from service.domain.rules import Party, Step

T = TypeVar("T")

_BOOKED = legs.LegState.SCHEDULED
_APPOINTMENT_STATES = {
    (_BOOKED, Step.NO_SHOW): "no_show",
    (_BOOKED, Step.CANCEL_APPOINTMENT): "cancelled",
    (_BOOKED, Step.START): "attended",
    (_BOOKED, Step.COMPLETE): "attended",
    (_BOOKED, Step.SCHEDULE): "rebooked",
    (_BOOKED, Step.GIVE_UP): "cancelled",
    (legs.LegState.NO_SHOW, Step.UNDO): "booked",
}
"""What a step makes of the latest booking, while the leg stands there."""


def told(plan: Plan, acts: tuple[Act, ...]) -> Plan:
    """Complete a plan with its effects, tasks, bookings, parties and the directory's news."""
    joins, leaves = _parties(plan)
    act = acts[0]
    return msgspec.structs.replace(
        plan,
        effects=tuple(effect for event in plan.events for effect in _effects_of(event, plan, act)),
        texts=patient_texts.planned(plan, acts),
        tasks=_tasks(plan, act),
        joins=joins,
        leaves=leaves,
        appointment=_first(_appointment(plan, each) for each in acts),
        appointment_state=_first(_appointment_state(plan, each) for each in acts),
        capacity=_first(_capacity(plan, each) for each in acts),
    )


def _first(found: Iterable[T | None]) -> T | None:
    return next((each for each in found if each is not None), None)


def _effects_of(event: EventRow, plan: Plan, act: Act) -> list[Effect]:
    leg = plan.referral.leg(event.leg_id)
    if leg is None:
        return _of_owners(event, plan, act)
    found = [
        effect
        for tell in effects.TELLS.get(event.rule.step, ())
        if (effect := _effect(tell, event, leg, plan=plan, act=act)) is not None
    ]
    if event.rule.party is Party.LINK and event.rule.step in effects.RECEIPTED:
        found.append(_to_recipient(EffectKind.RECEIPT, event, leg, act=act))
    if event.rule.step is Step.UNDO and event.acted:
        found.extend(_corrections(event, leg, plan=plan, act=act))
    return found


def _of_owners(event: EventRow, plan: Plan, act: Act) -> list[Effect]:
    """Tell both that a loop has another owner: who answered for it, and who does from now on."""
    before = (plan.before.owner_org_id, plan.before.owner_member_id)
    now = (plan.referral.owner_org_id, plan.referral.owner_member_id)
    if before == now:
        return []
    return [
        Effect(
            kind=EffectKind.MOVED,
            org_id=org_id,
            member_id=member_id,
            due_at=act.now,
            seq=event.seq,
            code=code,
        )
        for (org_id, member_id), code in ((before, "from_you"), (now, "to_you"))
        if member_id != act.actor_member_id
    ]


def _effect(tell: Tell, event: EventRow, leg: LegFacts, *, plan: Plan, act: Act) -> Effect | None:
    if tell.to is Audience.RECIPIENT:
        if event.rule.step is not Step.SEND and not _takes_part(leg, plan):
            return None
        return _to_recipient(tell.kind, event, leg, act=act, plan=plan, waits=tell.waits)
    if act.actor_member_id == plan.referral.owner_member_id:
        # Nobody is told of what they did themselves.
        return None
    return Effect(
        kind=tell.kind,
        org_id=plan.referral.owner_org_id,
        member_id=plan.referral.owner_member_id,
        due_at=act.now + _wait(plan, waits=tell.waits),
        leg_id=leg.id,
        seq=event.seq,
        undo_of_seq=event.seq if tell.waits else None,
        code=str(event.rule.step),
    )


def _takes_part(leg: LegFacts, plan: Plan) -> bool:
    """Whether this recipient knows of the leg and has something to do with it still."""
    before = plan.before.leg(leg.id)
    if before is None or before.id in {each.id for each in _uninvited(plan)}:
        return False
    return before.live or before.state is legs.LegState.COMPLETED


def _uninvited(plan: Plan) -> list[LegFacts]:
    """List legs whose invitation is called back by this very plan, before it left."""
    last = ((leg, plan.before.last_event(leg.id)) for leg in plan.before.legs)
    return [
        leg
        for leg, event in last
        if event is not None and event.step == Step.SEND and event.seq in plan.cancel_effects_of
    ]


def _to_recipient(
    kind: EffectKind,
    event: EventRow,
    leg: LegFacts,
    *,
    act: Act,
    plan: Plan | None = None,
    waits: bool = False,
) -> Effect:
    due_at = act.now + (_wait(plan, waits=waits) if plan is not None else timedelta())
    if plan is not None and event.rule.step is Step.SEND and plan.referral.hold_until is not None:
        due_at = max(due_at, plan.referral.hold_until)
    held = waits or event.rule.step is Step.SEND
    return Effect(
        kind=kind,
        org_id=leg.org_id,
        due_at=due_at,
        leg_id=leg.id,
        seq=event.seq,
        undo_of_seq=event.seq if held else None,
        code=str(event.rule.step),
    )


def _wait(plan: Plan, *, waits: bool) -> timedelta:
    if not waits or plan.referral.priority is not Priority.ROUTINE:
        return timedelta()
    return timedelta(seconds=facts.UNDO_SECONDS)


def _corrections(event: EventRow, leg: LegFacts, *, plan: Plan, act: Act) -> list[Effect]:
    """Say that a notice no longer holds: an urgent one has left before its step was undone."""
    if plan.referral.priority is Priority.ROUTINE:
        return []
    correction = Tell(to=Audience.OWNER, kind=EffectKind.CORRECTION)
    owner = _effect(correction, event, leg, plan=plan, act=act)
    reopened = [
        _to_recipient(EffectKind.CORRECTION, other, sibling, act=act)
        for other in plan.events
        if other.rule.step is Step.UNDO and not other.acted
        if (sibling := plan.referral.leg(other.leg_id)) is not None
    ]
    return [*([owner] if owner is not None else []), *reopened]


def _tasks(plan: Plan, act: Act) -> tuple[TaskRow, ...]:
    return tuple(
        TaskRow(
            kind="call_recipient",
            org_id=plan.referral.owner_org_id,
            member_id=plan.referral.owner_member_id,
            reason="recipient_is_offline",
            leg_id=leg.id,
            about_org_id=leg.org_id,
            due_at=leg.answer_due_at,
        )
        for event in plan.events
        if event.rule.step is Step.SEND
        if (leg := plan.referral.leg(event.leg_id)) is not None and leg.channel == "offline"
    )


def _parties(plan: Plan) -> tuple[tuple[UUID, ...], tuple[UUID, ...]]:
    before = _recipients(plan.before.legs)
    now = _recipients(plan.referral.legs)
    return tuple(sorted(now - before)), tuple(sorted(before - now))


def _recipients(rows: tuple[LegFacts, ...]) -> set[UUID]:
    """Organizations that have a part in it: a live leg, or an outcome that is theirs."""
    return {leg.org_id for leg in rows if leg.live or leg.state is legs.LegState.COMPLETED}


def _appointment(plan: Plan, act: Act) -> AppointmentRow | None:
    details = act.details
    if act.step is not Step.SCHEDULE or act.leg_id is None or details.starts_at is None:
        return None
    leg = plan.referral.leg(act.leg_id)
    zone = plan.referral.calendars[leg.org_id].zone if leg is not None else "UTC"
    return AppointmentRow(
        leg_id=act.leg_id,
        starts_at=details.starts_at,
        ends_at=details.ends_at or details.starts_at,
        time_zone=details.time_zone or zone,
        site_id=details.site_id,
        modality=details.modality,
        language_help=details.language_help,
    )


def _appointment_state(plan: Plan, act: Act) -> tuple[UUID, str] | None:
    """Say what becomes of the booking that stands; one that is over keeps how it ended."""
    before = plan.before.leg(act.leg_id)
    becomes = _APPOINTMENT_STATES.get((before.state, act.step)) if before is not None else None
    return (before.id, becomes) if before is not None and becomes is not None else None


def _capacity(plan: Plan, act: Act) -> CapacityRow | None:
    leg = plan.referral.leg(act.leg_id)
    if act.step is not Step.DECLINE or act.details.reason != "no_capacity":
        return None
    if leg is None or leg.service_id is None:
        return None
    return CapacityRow(
        org_id=leg.org_id, service_id=leg.service_id, until=act.details.no_capacity_until
    )
