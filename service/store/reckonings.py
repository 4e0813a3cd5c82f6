"""Timers whose organization changed its calendar: found, and reckoned anew."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from service.domain.calendars import Calendar
from service.domain.ladder import Rungs
from service.domain.terms import Reckoning
from service.store import queries, referrals
from service.store.pool import Connection

Q = queries.load("reckonings")


class StaleRow(msgspec.Struct, frozen=True, kw_only=True):
    """An armed timer, with how it was reckoned."""

    id: UUID
    leg_id: UUID | None
    clock: str
    rung: int
    started_at: datetime
    reckoning: Reckoning


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A timer and its rungs as they are now."""

    timer: StaleRow
    at: Rungs

    @property
    def due_at(self) -> datetime:
        """The next tick: that of the rung it stands on."""
        at = self.at
        return (at.nudge_at, at.due_at, at.second_at, at.moves_at)[self.timer.rung]


async def changed(connection: Connection) -> tuple[UUID, Calendar] | None:
    """Find an organization for which timers are to be reckoned anew."""
    row = await connection.fetchrow(Q.changed)
    return (row["id"], referrals.calendar_of(dict(row))) if row is not None else None


async def stale(connection: Connection, org_id: UUID, *, limit: int) -> list[StaleRow]:
    """List timers that wait for it, locked."""
    found = await connection.fetch(Q.stale, org_id, limit)
    return [msgspec.convert(dict(row), StaleRow, strict=False) for row in found]


async def move(connection: Connection, moved: Sequence[Moved]) -> None:
    """Write their rungs, and what legs say of them."""
    await connection.execute(
        Q.move,
        [each.timer.id for each in moved],
        [each.due_at for each in moved],
        [each.at.due_at for each in moved],
        [each.at.second_at for each in moved],
        [each.at.moves_at for each in moved],
    )
    told = [each for each in moved if each.timer.leg_id and each.timer.clock in _SAID]
    await connection.execute(
        Q.promise,
        [each.timer.leg_id for each in told],
        [each.timer.clock for each in told],
        [each.at.due_at for each in told],
    )


_SAID = ("answer", "supply")

READS = {"stale": StaleRow}
"""Which Struct the columns of a query feed; a test compares them."""
