"""Effects that are stuck, as those who mend them see them: kinds and codes, never a word."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("stuck")

STATES = ("dead", "parked", "overdue")
"""How an effect can be stuck: given up by the courier, behind a closed way, past its time."""


class StuckRow(msgspec.Struct, frozen=True, kw_only=True):
    """One effect that is stuck; `reason` is a sentence of ours, never a server's."""

    id: UUID
    kind: str
    state: str
    organization: str
    channel: str | None
    tries: int
    reason: str | None
    created_at: datetime
    age_seconds: float
    task_open: bool


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which are looked for: how they are stuck, of what kind, and how old at least."""

    states: Sequence[str] = STATES
    kind: str | None = None
    older: timedelta = timedelta()


class HeldRow(msgspec.Struct, frozen=True, kw_only=True):
    """An effect that somebody is about to mend."""

    kind: str
    state: str
    in_hand: bool
    expired: bool


async def listed(connection: Connection, wanted: Wanted, *, limit: int) -> list[StuckRow]:
    """List what is stuck, the oldest first."""
    rows = await connection.fetch(Q.listed, list(wanted.states), wanted.kind, wanted.older, limit)
    return [StuckRow(**dict(row)) for row in rows]


async def hold(connection: Connection, effect_id: UUID) -> HeldRow | None:
    """Lock an effect that is not over yet, or answer None."""
    row = await connection.fetchrow(Q.hold, effect_id)
    return HeldRow(**dict(row)) if row is not None else None


async def retry(connection: Connection, effect_id: UUID, *, member_id: UUID | None) -> None:
    """Make an effect due again and end the work for people about it."""
    await connection.execute(Q.retry, effect_id, member_id)


async def give_up(connection: Connection, effect_id: UUID, *, member_id: UUID | None) -> None:
    """End an effect for good, and the work for people about it."""
    await connection.execute(Q.give_up, effect_id, member_id)


READS = {"listed": StuckRow, "hold": HeldRow}
"""Which Struct the columns of a query feed; a test compares them."""
