"""Terms of clocks as people set them, and the waits that another term would have been about."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from service.domain.calendars import Calendar
from service.domain.clocks import Clock, Term
from service.domain.people import Priority
from service.domain.terms import Reckoning
from service.store import queries, referrals
from service.store.pool import Connection

Q = queries.load("clock_settings")


class SettingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A term in force; without a `category` it is everybody's."""

    id: UUID
    category: str | None
    priority: str
    clock: str
    unit: str
    amount: int
    grace: int
    set_at: datetime
    set_by: str | None


class WaitRow(msgspec.Struct, frozen=True, kw_only=True):
    """One wait of a clock: whose turn it was, from when until when, and how it was reckoned."""

    referral_id: UUID
    turn_org_id: UUID
    start: datetime
    until: datetime
    reckoning: Reckoning


class NewTerm(msgspec.Struct, frozen=True, kw_only=True):
    """A term to be in force from now on."""

    id: UUID
    category: str | None
    priority: Priority
    clock: Clock
    term: Term
    set_by_member_id: UUID | None


async def in_force(connection: Connection) -> list[SettingRow]:
    """List what is set, everybody's first."""
    return [SettingRow(**dict(row)) for row in await connection.fetch(Q.in_force)]


async def end(connection: Connection, setting_id: UUID, *, by: UUID | None) -> bool:
    """End a term; False where somebody was first."""
    return bool(await connection.fetchval(Q.end, setting_id, by))


async def add(connection: Connection, new: NewTerm) -> bool:
    """Put a term in force; False where somebody was first."""
    try:
        await connection.execute(
            Q.add,
            new.id,
            new.category,
            new.priority,
            new.clock,
            new.term.unit,
            new.term.amount,
            new.term.grace,
            new.set_by_member_id,
        )
    except asyncpg.UniqueViolationError:
        return False
    return True


async def kinds(connection: Connection) -> list[str]:
    """List the kinds of service of the network."""
    return [row["category"] for row in await connection.fetch(Q.kinds)]


async def waits(
    connection: Connection, clock: Clock, priority: Priority, *, category: str | None, most: int
) -> list[WaitRow]:
    """List last month's waits that a term would be about, the newest first."""
    found = await connection.fetch(Q.waits, clock, priority, category, most)
    return [msgspec.convert(dict(row), WaitRow, strict=False) for row in found]


async def calendars(connection: Connection, org_ids: Collection[UUID]) -> dict[UUID, Calendar]:
    """Read when organizations are open."""
    found = await connection.fetch(Q.calendars, list(org_ids))
    return {row["id"]: referrals.calendar_of(dict(row)) for row in found}


READS = {"in_force": SettingRow, "waits": WaitRow}
"""Which Struct the columns of a query feed; a test compares them."""
