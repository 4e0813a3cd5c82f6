"""Change an order that has not left yet: its words, its dates, and what allows telling it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from service import faults
from service.actions import open_now, opening, order_form, permission, sealing
from service.actions.office import Office
from service.domain import people
from service.domain.people import Actor, Capacity
from service.domain.plan import Plan
from service.domain.policy import Action
from service.domain.referral import ReferralState
from service.store import keys, reading, referrals
from service.store.pool import Connection, Scope
from service.store.referrals import Picture
from service.store.rows import AuditRow, StepRows

_WORDS = ("question", "narrative", "reason_codes", "authorization_number")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different; None leaves a field as it is."""

    question: str | None = None
    narrative: str | None = None
    reason_codes: tuple[str, ...] | None = None
    authorization_number: str | None = None
    priority: people.Priority | None = None
    consent_basis: str | None = None
    consent_id: UUID | None = None
    phone_handoff_at: datetime | None = None
    authorization_state: str | None = None
    authorization_expires_on: date | None = None
    requested_by: date | None = None

    def words(self) -> dict[str, Any]:
        """Return the sealed fields that change."""
        fields = msgspec.structs.asdict(self)
        return {name: fields[name] for name in _WORDS if fields[name] is not None}

    def columns(self) -> dict[str, Any]:
        """Return the clear columns that change."""
        fields = msgspec.structs.asdict(self)
        return {name: value for name, value in fields.items() if name not in _WORDS}


async def edit_draft(
    office: Office,
    actor: Actor,
    referral_id: UUID,
    *,
    change: Change,
    seen: int,
    request_id: str | None = None,
) -> int:
    """Write the change and return the new version; the old words stay sealed in the history.

    Raises Missing, Refused, StepRefused once it was sent, Stale with `version`, Invalid.
    """
    errors = order_form.changed(change)
    if errors:
        raise faults.Invalid(errors=errors)
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        picture = await referrals.picture(connection, referral_id=referral_id)
        _may(actor, picture, seen=seen)
        await _consent_is_theirs(connection, picture, change)
        plan = _untouched(picture)
        step = await _rows(office, connection, actor, picture=picture, change=change)
        step = msgspec.structs.replace(step, request_id=request_id)
        if not await referrals.write_step(connection, plan, step):
            raise faults.Stale
    return plan.referral.version


def _may(actor: Actor, picture: Picture, *, seen: int) -> None:
    permission.require(actor, Action.REFERRAL_CREATE, resource=open_now.resource_of(actor, picture))
    if picture.capacity != Capacity.SENDER:
        raise faults.Missing
    if picture.facts.state is not ReferralState.DRAFT:
        steps = [step.step for step in open_now.on_referral(actor, picture)]
        raise faults.StepRefused("It has left; take a step on it instead.", open_steps=steps)
    if picture.facts.version != seen:
        raise faults.Stale(version=picture.facts.version)


async def _consent_is_theirs(connection: Connection, picture: Picture, change: Change) -> None:
    if change.consent_id is None:
        return
    row = await referrals.consent(
        connection, picture.facts.sender_org_id, consent_id=change.consent_id
    )
    if row is None or row.patient_id != picture.patient_id:
        advice = "Name a consent of this patient that your organization recorded."
        raise faults.Invalid(errors=[{"field": "consent_id", "detail": advice}])


def _untouched(picture: Picture) -> Plan:
    facts = picture.facts
    after = msgspec.structs.replace(facts, version=facts.version + 1)
    return Plan(before=facts, referral=after, events=())


async def _rows(
    office: Office, connection: Connection, actor: Actor, *, picture: Picture, change: Change
) -> StepRows:
    facts = picture.facts
    words = change.words()
    sealer = await _sealer(office, connection, picture) if words else None
    if sealer is not None:
        package = await _package(office, connection, actor, picture)
        await sealer.put("package", package | words)
    return StepRows(
        actor=actor,
        source=people.Source.API,
        now=picture.now,
        edit=change.columns(),
        contents=tuple(sealer.contents) if sealer else (),
        epochs=tuple(sealer.epochs) if sealer else (),
        seals=tuple(sealer.seals) if sealer else (),
        audits=(
            AuditRow(
                org_id=actor.org_id,
                action="referral.edit",
                resource_kind="referral",
                resource_id=facts.id,
                sensitivity=facts.sensitivity,
                detail={"fields": sorted([*words, *_given(change)])},
            ),
        ),
    )


def _given(change: Change) -> list[str]:
    return [name for name, value in change.columns().items() if value is not None]


async def _sealer(office: Office, connection: Connection, picture: Picture) -> sealing.Sealer:
    facts = picture.facts
    org_id = facts.sender_org_id
    circle = sealing.circle_of(
        facts, patient_id=picture.patient_id, consent_id=None, overrides=picture.overrides
    )
    held = await keys.epochs(connection, facts.id, org_id=org_id)
    return sealing.Sealer(office, circle, org_id=org_id, held=held, now=picture.now)


async def _package(
    office: Office, connection: Connection, actor: Actor, picture: Picture
) -> dict[str, Any]:
    facts = picture.facts
    sealed = await reading.contents(connection, [facts.id], kinds=["package"])
    newest = opening.newest(sealed, "package").get(facts.id)
    reader = opening.Reader(
        office=office,
        actor=actor,
        seals=await reading.seals(connection, facts.sender_org_id, ids=[facts.id]),
    )
    found = await reader.opened(newest) if newest is not None else None
    if found is None:
        raise faults.Busy(retry_after=1)
    return dict(found)
