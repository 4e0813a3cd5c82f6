"""Clocks that hang on a patient, a consent or an emergency access, as clockwork sees them."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from service.domain import ids
from service.domain import leg as legs
from service.domain.effects import EffectKind
from service.store import personal_mails, queries
from service.store.pool import Connection

Q = queries.load("watches")


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A clock whose time is up, and what it hangs on."""

    id: UUID
    turn_org_id: UUID
    patient_id: UUID | None
    consent_id: UUID | None
    break_glass_id: UUID | None
    clock: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a consent stands, and the moment."""

    expires_at: datetime | None
    revoked_at: datetime | None
    now: datetime


class Owned(msgspec.Struct, frozen=True, kw_only=True):
    """An open referral and who answers for it."""

    id: UUID
    owner_org_id: UUID
    owner_member_id: UUID


class Above(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is over an access that nobody reviewed."""

    org_id: UUID
    member_id: UUID


async def due(connection: Connection, *, limit: int) -> list[Due]:
    """List clocks whose time is up."""
    return [Due(**dict(row)) for row in await connection.fetch(Q.due, limit)]


async def hold(connection: Connection, timer_id: UUID) -> bool:
    """Lock one of them; False where somebody else has it."""
    return await connection.fetchval(Q.hold, timer_id) is not None


async def fired(connection: Connection, timer_id: UUID) -> None:
    """End a clock whose time was up."""
    await connection.execute(Q.fired, timer_id)


async def disarm(connection: Connection, timer_id: UUID) -> None:
    """End a clock that waits for nothing any more."""
    await connection.execute(Q.disarm, timer_id)


async def again(connection: Connection, timer_id: UUID, *, wait: timedelta) -> None:
    """Let a clock look again later."""
    await connection.execute(Q.again, timer_id, wait)


async def consent(connection: Connection, due: Due) -> Standing | None:
    """Read how the consent of a clock stands."""
    row = await connection.fetchrow(Q.consent, due.turn_org_id, due.consent_id)
    return Standing(**dict(row)) if row is not None else None


async def ask_renewal(connection: Connection, due: Due, *, kind: str, by: datetime) -> None:
    """Open work for the owners of referrals that stand on a consent, each asked once."""
    live = [str(state) for state in legs.LIVE]
    rows = await connection.fetch(Q.standing, due.turn_org_id, due.consent_id, kind, live)
    for row in rows:
        owned = Owned(**dict(row))
        await connection.execute(
            Q.ask_renewal,
            ids.new_id(),
            kind,
            owned.owner_org_id,
            owned.owner_member_id,
            owned.id,
            due.consent_id,
            by,
        )


async def ask_review(connection: Connection, due: Due) -> None:
    """Open work for whoever keeps the file of a patient who came of an age of consent."""
    await connection.execute(Q.ask_review, ids.new_id(), due.turn_org_id, due.patient_id, due.clock)


async def is_unreviewed(connection: Connection, due: Due) -> bool:
    """Say whether an access still waits for its review."""
    return bool(await connection.fetchval(Q.unreviewed, due.turn_org_id, due.break_glass_id))


async def escalate(connection: Connection, due: Due) -> None:
    """Open work for administrators and coordinators about an access, and mail each of them."""
    rows = await connection.fetch(Q.above, due.turn_org_id)
    first: dict[UUID, UUID] = {}
    for each in (Above(**dict(row)) for row in rows):
        first.setdefault(each.org_id, each.member_id)
        await personal_mails.queue(
            connection,
            EffectKind.BREAK_GLASS,
            org_id=each.org_id,
            member_id=each.member_id,
            code="unreviewed",
        )
    for org_id in {due.turn_org_id, *first}:
        await connection.execute(
            Q.escalate,
            ids.new_id(),
            org_id,
            first.get(org_id),
            due.turn_org_id,
            due.break_glass_id,
        )


READS = {"due": Due, "consent": Standing, "standing": Owned, "above": Above}
"""Which Struct the columns of a query feed; a test compares them."""
