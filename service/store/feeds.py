"""The feeds: events without a number, numbers, and an organization's lines by number."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from service.domain.feed import Unnumbered
from service.store import queries
from service.store.pool import Connection

Q = queries.load("feeds")

_NOWHERE = UUID(int=0)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One event in the feed of one organization; not a word of it was sealed."""

    number: int
    id: UUID
    at: datetime
    machine: str
    step: str
    party: str
    becomes: str
    referral_id: UUID
    reference: str
    leg_id: UUID | None


async def alone(connection: Connection) -> bool:
    """Say whether this transaction is the one numberer at work."""
    return bool(await connection.fetchval(Q.lock))


async def horizon(connection: Connection) -> str:
    """Return the oldest transaction that may still write."""
    found: str = await connection.fetchval(Q.horizon)
    return found


async def fresh(connection: Connection, *, limit: int) -> list[Unnumbered]:
    """List events without a number as their transactions began to write, `limit` of them due."""
    return [Unnumbered(**dict(row)) for row in await connection.fetch(Q.fresh, limit)]


async def add(connection: Connection, event_ids: Sequence[UUID]) -> None:
    """Give these events their numbers, in this order, with each organization that had part."""
    await connection.execute(Q.add, list(event_ids))


async def move(connection: Connection, *, last: Unnumbered | None, horizon: str) -> None:
    """Go on behind the last event of a full batch, or from the oldest transaction under way."""
    where = (last.xact, last.id) if last is not None else (horizon, _NOWHERE)
    await connection.execute(Q.move, *where, horizon)


async def page(connection: Connection, org_id: UUID, *, after: int, limit: int) -> list[Line]:
    """List what follows a number in an organization's feed, the oldest first."""
    return [Line(**dict(row)) for row in await connection.fetch(Q.page, org_id, after, limit)]


async def last(connection: Connection, org_id: UUID) -> int:
    """Return the newest number of an organization's feed; nought where there is none yet."""
    found: int = await connection.fetchval(Q.last, org_id)
    return found


READS = {"fresh": Unnumbered, "page": Line}
"""Which Struct the columns of a query feed; a test compares them."""
