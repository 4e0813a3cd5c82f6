"""Letting a recipient in: which services, on what basis, and what each is then party to."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from service import faults
from service.actions import gate, sealing
from service.actions.sealing import GENERAL, Circle
from service.domain import ids, people
from service.domain.facts import LegFacts
from service.domain.people import CapacityStatus, Channel, Priority
from service.domain.plan import Plan
from service.store import referrals
from service.store.pool import Connection
from service.store.referrals import RecipientRow


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """A recipient to be: its row of the directory, and the leg it would have."""

    row: RecipientRow
    leg: LegFacts


async def newcomers(connection: Connection, service_ids: Sequence[UUID]) -> tuple[Newcomer, ...]:
    """Look services up as recipients; an unknown or closed one is an Invalid fault."""
    if not service_ids:
        return ()
    if len(set(service_ids)) != len(service_ids):
        raise _wrong("Name each service once.")
    found = await referrals.recipients(connection, service_ids)
    if len(found) != len(service_ids) or not all(row.active for row in found):
        raise _wrong("One of these services is not in the directory or is closed.")
    return tuple(Newcomer(row=row, leg=_leg(row)) for row in found)


def _leg(row: RecipientRow) -> LegFacts:
    return LegFacts(
        id=ids.new_id(),
        number=0,
        org_id=row.org_id,
        service_id=row.service_id,
        channel=row.channel,
        central_intake=row.central_intake,
    )


def _wrong(detail: str) -> faults.Invalid:
    return faults.Invalid(errors=[{"field": "recipients", "detail": detail}])


async def check(
    connection: Connection,
    picture: referrals.Picture,
    plan: Plan,
    *,
    sender: referrals.SenderRow | None = None,
    told: Sequence[RecipientRow] | None = None,
    handed_off: bool = False,
    override: gate.Override | None = None,
) -> dict[UUID, UUID]:
    """Refuse to tell a recipient who may not be told, or who must be phoned first.

    Nothing is stored then. `sender` and `told` are read unless the caller has them already.
    Returns the consents of those whom an override let in.
    """
    told = told if told is not None else await _told(connection, plan)
    if not handed_off and not picture.handed_off and needs_call(plan.referral.priority, told):
        raise faults.Invalid(errors=[{"field": "phone_handoff_at", "detail": CALL_FIRST}])
    return await gate.check(
        connection, picture, plan.referral, told=told, sender=sender, override=override
    )


CALL_FIRST = "Emergent: phone this recipient first and record when."


def needs_call(priority: Priority, told: Sequence[RecipientRow]) -> bool:
    """Say whether one of these recipients may not be looking. Source: the clock table."""
    return any(
        people.needs_handoff(
            priority, channel=Channel(row.channel), status=CapacityStatus(row.capacity)
        )
        for row in told
    )


async def _told(connection: Connection, plan: Plan) -> list[RecipientRow]:
    """List whom this plan tells: who joins by it, and who is asked once more by a new leg."""
    fresh = {leg.id for leg in plan.new_legs}
    asked = [
        leg.service_id for leg in plan.referral.legs if leg.org_id in plan.joins or leg.id in fresh
    ]
    services = list(dict.fromkeys(each for each in asked if each is not None))
    return await referrals.recipients(connection, services)


def circle(picture: referrals.Picture, plan: Plan, overrides: dict[UUID, UUID]) -> Circle:
    """Draw the circle that a plan leaves, with whom an emergency lets in by it."""
    return sealing.circle_of(
        plan.referral,
        patient_id=picture.patient_id,
        consent_id=picture.consent_id,
        leaving=plan.leaves,
        cco_named=picture.cco_named,
        overrides=picture.overrides | overrides,
        lapsed=picture.lapsed,
        ended=picture.ended,
    )


def joins(plan: Plan, circle: Circle) -> dict[UUID, tuple[str, tuple[str, ...]]]:
    """Say who becomes a party: recipients, and the coordinators on the first send."""
    sensitivity = plan.referral.sensitivity
    classes = tuple(sorted({GENERAL, sensitivity}))
    admitted: dict[UUID, tuple[str, tuple[str, ...]]] = {}
    admitted |= dict.fromkeys(plan.joins, ("recipient", classes))
    first_sent = plan.before.sent_at is None and plan.referral.sent_at is not None
    cco = circle.cco_org_id
    if first_sent and cco is not None and cco != circle.sender_org_id and cco not in admitted:
        admitted[cco] = ("cco", tuple(sorted({GENERAL, *circle.cco_classes})))
    return admitted
