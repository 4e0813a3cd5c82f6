"""The nightly proof in the store: what was counted, each night once, and what came of it."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from service.domain import ids
from service.domain.nightly import Counts
from service.store import queries
from service.store.pool import Connection

Q = queries.load("nightly")


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What one night's count said; with an incident's id where it does not hold."""

    night: date
    made_at: datetime
    sent: int
    open: int
    closed: int
    void: int
    unowned: int
    unwatched: int
    incident_id: UUID | None


async def due(connection: Connection) -> date | None:
    """Return the night that is to be proved, if it was not yet."""
    found: date | None = await connection.fetchval(Q.due)
    return found


async def count(connection: Connection) -> Counts:
    """Count every referral that was ever sent, in one statement and at one moment."""
    return Counts(**dict(await connection.fetchrow(Q.count)))


async def keep(
    connection: Connection, night: date, counts: Counts, *, incident_id: UUID | None
) -> bool:
    """Keep the proof of a night, with work for people where it failed; False if there is one."""
    row = msgspec.structs.astuple(counts)
    kept = await connection.fetchval(Q.keep, ids.new_id(), night, *row, incident_id)
    if kept is None:
        return False
    if incident_id is not None:
        await connection.execute(Q.open_task, ids.new_id())
    return True


async def last(connection: Connection) -> Proof | None:
    """Return the newest proof, if one was ever made."""
    row = await connection.fetchrow(Q.last)
    return Proof(**dict(row)) if row is not None else None


READS = {"count": Counts, "last": Proof}
"""Which Struct the columns of a query feed; a test compares them."""
