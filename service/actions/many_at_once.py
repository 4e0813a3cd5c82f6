"""One act on several referrals of a list: each by itself, and what could not be done is named."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from service import faults
from service.actions import assign_owner, open_now, permission
from service.actions.office import Office
from service.domain.leg import LIVE
from service.domain.people import Actor, Capacity
from service.domain.policy import Action
from service.store import audit, lists, reading, referrals
from service.store.pool import Connection, Scope
from service.store.referrals import Picture
from service.store.rows import AuditRow

MOST = 100
"""How many one act may name."""


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """One that was left as it was, and why: the slug of a fault, or a word of its act."""

    referral_id: UUID
    why: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How many were done, and which were left."""

    done: int
    left: Sequence[Left]


REMINDED = "already-reminded"
"""The reminder was given already, or the next word is one's own."""


async def assign(
    office: Office, actor: Actor, chosen: Sequence[UUID], *, member_id: UUID
) -> Outcome:
    """Hand loops, or one's own part of them, to a member of one's own organization.

    A recipient gives its part to somebody before it is accepted: it is in their list then. Raises
    Invalid for nobody of it.
    """

    async def one(referral_id: UUID) -> str | None:
        async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
            picture = await referrals.picture(connection, referral_id=referral_id)
            if picture.capacity == Capacity.RECIPIENT:
                await _give_part(connection, actor, picture, member_id=member_id)
                return None
        await assign_owner.assign_owner(
            office, actor, referral_id, member_id=member_id, seen=picture.facts.version
        )
        return None

    return await _each(chosen, one)


async def _give_part(
    connection: Connection, actor: Actor, picture: Picture, *, member_id: UUID
) -> None:
    facts, org_id = picture.facts, _own(actor)
    resource = open_now.resource_of(actor, picture)
    permission.require(actor, Action.LEG_STEP, resource=resource)
    if not await reading.is_active_member(connection, org_id, member_id=member_id):
        advice = "Name an active member of your organization."
        raise faults.Invalid(errors=[{"field": "member_id", "detail": advice}])
    if not await lists.assign_leg(
        connection,
        facts.id,
        org_id=org_id,
        member_id=member_id,
        states=[str(state) for state in LIVE],
        seen=facts.version,
    ):
        raise faults.Stale
    row = AuditRow(
        org_id=org_id,
        action="leg.owner",
        resource_kind="referral",
        resource_id=facts.id,
        sensitivity=facts.sensitivity,
        detail={"to": str(member_id)},
    )
    await audit.insert(connection, actor, row)


async def remind(office: Office, actor: Actor, chosen: Sequence[UUID]) -> Outcome:
    """Give now the reminder that would come half-way to a due time; once, and to others only.

    It keeps the nudge budget of its recipient, and the ladder goes on from it.
    """

    async def one(referral_id: UUID) -> str | None:
        org_id = _own(actor)
        async with office.db.transaction(Scope(org_id=org_id)) as connection:
            picture = await referrals.picture(connection, referral_id=referral_id)
            resource = open_now.resource_of(actor, picture)
            permission.require(actor, Action.REFERRAL_STEP, resource=resource)
            if not await lists.remind(connection, referral_id, own_id=org_id):
                return REMINDED
            row = AuditRow(
                org_id=org_id,
                action="referral.remind",
                resource_kind="referral",
                resource_id=referral_id,
                sensitivity=picture.facts.sensitivity,
            )
            await audit.insert(connection, actor, row)
        return None

    return await _each(chosen, one)


async def snooze(
    office: Office, actor: Actor, chosen: Sequence[UUID], *, until: date | None
) -> Outcome:
    """Put referrals aside for oneself, until a day or until something happens to them.

    Its clocks run on, and every other list has it still.
    """
    org_id, member_id = permission.own(actor, Action.REFERRAL_LIST)

    async def one(referral_id: UUID) -> str | None:
        async with office.db.transaction(Scope(org_id=org_id)) as connection:
            if not await lists.snooze(
                connection, org_id, member_id=member_id, referral_id=referral_id, until=until
            ):
                return faults.Missing.slug
        return None

    return await _each(chosen, one)


async def wake(office: Office, actor: Actor, chosen: Sequence[UUID]) -> Outcome:
    """Take up again what one put aside."""
    org_id, member_id = permission.own(actor, Action.REFERRAL_LIST)

    async def one(referral_id: UUID) -> str | None:
        async with office.db.transaction(Scope(org_id=org_id)) as connection:
            if not await lists.wake(
                connection, org_id, member_id=member_id, referral_id=referral_id
            ):
                return faults.Missing.slug
        return None

    return await _each(chosen, one)


async def _each(chosen: Sequence[UUID], one: Callable[[UUID], Awaitable[str | None]]) -> Outcome:
    if not 1 <= len(chosen) <= MOST:
        advice = f"Choose between 1 and {MOST}."
        raise faults.Invalid(errors=[{"field": "chosen", "detail": advice}])
    left: list[Left] = []
    for referral_id in chosen:
        try:
            why = await one(referral_id)
        except faults.Invalid:
            # What is wrong with the wish is wrong for each of them.
            raise
        except (faults.Missing, faults.Refused, faults.Stale, faults.StepRefused) as fault:
            why = fault.slug
        if why is not None:
            left.append(Left(referral_id=referral_id, why=why))
    return Outcome(done=len(chosen) - len(left), left=left)


def _own(actor: Actor) -> UUID:
    if actor.org_id is None:
        raise faults.Refused
    return actor.org_id
