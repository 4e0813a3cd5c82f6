"""Legal holds: what may not be destroyed for now, and everything above and below it."""

from datetime import datetime
from uuid import UUID

import msgspec

from service import faults
from service.domain import ids
from service.store import queries
from service.store.pool import Connection

Q = queries.load("holds")

KINDS = ("message", "referral", "thread", "patient", "organization")
"""What can be held and destroyed, from the smallest to the largest."""


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A hold with who it is about; `released_at` says that it is over."""

    id: UUID
    kind: str
    subject_id: UUID
    reason: str
    placed_at: datetime
    released_at: datetime | None
    release_reason: str | None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A hold in the way."""

    id: UUID
    kind: str
    subject_id: UUID


async def standing(
    connection: Connection, kind: str, subject_id: UUID, *, sensitivity: str | None = None
) -> list[Standing]:
    """List the holds on a unit, on what it lies in and on what lies in it."""
    found = await connection.fetch(Q.standing, kind, subject_id, sensitivity)
    return [Standing(**dict(row)) for row in found]


async def refuse_held(
    connection: Connection, kind: str, subject_id: UUID, *, sensitivity: str | None = None
) -> None:
    """Raise Held where a hold stands; no hold can come while this transaction lasts."""
    await connection.execute(Q.lock)
    if await standing(connection, kind, subject_id, sensitivity=sensitivity):
        raise faults.Held


async def place(connection: Connection, kind: str, subject_id: UUID, *, reason: str) -> UUID | None:
    """Place a hold and return its id, None where one stands already; raises Missing."""
    if not await known(connection, kind, subject_id):
        raise faults.Missing
    await connection.execute(Q.lock)
    found: UUID | None = await connection.fetchval(Q.place, ids.new_id(), kind, subject_id, reason)
    return found


async def release(connection: Connection, hold_id: UUID, *, reason: str) -> tuple[str, UUID]:
    """End a hold and return what it was on; raises Missing."""
    row = await connection.fetchrow(Q.release, hold_id, reason)
    if row is None:
        raise faults.Missing
    return row["kind"], row["subject_id"]


async def every(connection: Connection) -> list[Hold]:
    """List all holds, those that are over last."""
    return [Hold(**dict(row)) for row in await connection.fetch(Q.every)]


async def known(connection: Connection, kind: str, subject_id: UUID) -> bool:
    """Say whether there is such a unit at all."""
    return bool(await connection.fetchval(Q.exists, kind, subject_id))


async def owner(connection: Connection, kind: str, subject_id: UUID) -> UUID | None:
    """Return the organization whose record tells of a unit."""
    found: UUID | None = await connection.fetchval(Q.owner, kind, subject_id)
    return found


READS = {"standing": Standing, "every": Hold}
