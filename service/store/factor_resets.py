"""Resets of what somebody signs in with: started by one person, confirmed by a second."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from service import faults
from service.store import queries
from service.store.pool import Connection

Q = queries.load("factor_resets")


class NewReset(msgspec.Struct, frozen=True, kw_only=True):
    """A reset to be stored; `second` says who confirms it: colleague, network, or time."""

    id: UUID
    org_id: UUID
    member_id: UUID
    person_id: UUID
    second: str
    started_by_person_id: UUID
    started_by_member_id: UUID
    started_at: datetime
    ripe_at: datetime
    expires_at: datetime


class ResetRow(msgspec.Struct, frozen=True, kw_only=True):
    """A reset that waits."""

    id: UUID
    org_id: UUID
    member_id: UUID
    person_id: UUID
    name: str
    second: str
    started_by_person_id: UUID
    started_at: datetime
    ripe_at: datetime
    expires_at: datetime


class ResetWaits(faults.Fault):
    """A reset of this member waits already."""

    kind, slug = faults.Kind.CONFLICT, "reset-waits"
    advice = "Have it confirmed, or end it first."


async def insert(connection: Connection, row: NewReset) -> None:
    """Store a reset; one that expired makes room, one that waits raises ResetWaits."""
    await connection.execute(Q.end_expired, row.member_id, row.started_at)
    try:
        await connection.execute(Q.insert, *msgspec.structs.astuple(row))
    except asyncpg.UniqueViolationError as conflict:
        raise ResetWaits from conflict


async def waiting(connection: Connection, *, now: datetime) -> list[ResetRow]:
    """List the resets that wait and that the scope may see."""
    return [ResetRow(**dict(row)) for row in await connection.fetch(Q.waiting, now)]


async def fetch(connection: Connection, reset_id: UUID, *, now: datetime) -> ResetRow:
    """Read a reset that waits; raises Missing."""
    row = await connection.fetchrow(Q.fetch, reset_id, now)
    if row is None:
        raise faults.Missing
    return ResetRow(**dict(row))


async def claim(
    connection: Connection, reset_id: UUID, *, person_id: UUID, member_id: UUID, now: datetime
) -> bool:
    """Confirm a reset that is ripe; of two at once one does."""
    return await connection.fetchval(Q.claim, reset_id, person_id, member_id, now) is not None


async def end(connection: Connection, reset_id: UUID, *, now: datetime) -> bool:
    """End a reset that waits; False where there is none."""
    return await connection.fetchval(Q.end, reset_id, now) is not None


async def end_of_person(connection: Connection, person_id: UUID, *, now: datetime) -> None:
    """End every reset of a person that waits."""
    await connection.execute(Q.end_of_person, person_id, now)


READS = {"waiting": ResetRow, "fetch": ResetRow}
