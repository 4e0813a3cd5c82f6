"""Worklists, and what one person does with them: puts aside, keeps at hand, hands on, reminds."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from service.domain import ids
from service.store import queries
from service.store.pool import Connection

Q = queries.load("lists")
_MOST = 200


class Narrow(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; None is everything."""

    category: str | None = None
    priority: str | None = None


EVERYTHING = Narrow()


class AsleepRow(msgspec.Struct, frozen=True, kw_only=True):
    """A referral that was put aside; without a day until something happens to it."""

    referral_id: UUID
    until: date | None


class SavedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A list kept at hand: a view and what it is narrowed to."""

    id: UUID
    view: str
    mine: bool
    category: str | None
    priority: str | None

    @property
    def narrow(self) -> Narrow:
        """What it is narrowed to."""
        return Narrow(category=self.category, priority=self.priority)


class ColleagueRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works here now."""

    id: UUID
    name: str


async def page(
    connection: Connection,
    org_id: UUID,
    *,
    listing: str,
    before: UUID,
    limit: int,
    member_id: UUID | None,
    states: Any = None,
    narrow: Narrow = EVERYTHING,
) -> list[UUID]:
    """Return the ids of one page of a worklist, the newest first."""
    statement = getattr(Q, f"page_{listing}")
    rows = await connection.fetch(
        statement, org_id, before, limit, member_id, states, narrow.category, narrow.priority
    )
    return [row["id"] for row in rows]


class BookedRow(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment of one's own that nobody has said the end of."""

    referral_id: UUID
    leg_id: UUID
    version: int
    appointment_at: datetime


async def booked(
    connection: Connection, org_id: UUID, *, since: datetime, until: datetime
) -> list[BookedRow]:
    """List one's own open appointments of a span, in their order."""
    rows = await connection.fetch(Q.booked, org_id, since, until, _MOST)
    return [BookedRow(**dict(row)) for row in rows]


async def snooze(
    connection: Connection, org_id: UUID, *, member_id: UUID, referral_id: UUID, until: date | None
) -> bool:
    """Put a referral aside; False where this organization has none of that id."""
    found = await connection.fetchval(Q.snooze, org_id, member_id, referral_id, until)
    return found is not None


async def wake(connection: Connection, org_id: UUID, *, member_id: UUID, referral_id: UUID) -> bool:
    """Take one up again; False where it was not put aside."""
    return await connection.fetchval(Q.wake, org_id, member_id, referral_id) is not None


async def asleep(connection: Connection, org_id: UUID, *, member_id: UUID) -> list[AsleepRow]:
    """List what one person put aside and what is not awake by itself."""
    rows = await connection.fetch(Q.asleep, org_id, member_id, _MOST)
    return [AsleepRow(**dict(row)) for row in rows]


async def save(
    connection: Connection, org_id: UUID, *, member_id: UUID, view: str, mine: bool, narrow: Narrow
) -> None:
    """Keep a list at hand; the same one twice is one."""
    await connection.execute(
        Q.save, org_id, ids.new_id(), member_id, view, mine, narrow.category, narrow.priority
    )


async def saved(connection: Connection, org_id: UUID, *, member_id: UUID) -> list[SavedRow]:
    """List what one person keeps at hand."""
    rows = await connection.fetch(Q.saved, org_id, member_id, _MOST)
    return [SavedRow(**dict(row)) for row in rows]


async def forget(connection: Connection, org_id: UUID, *, member_id: UUID, view_id: UUID) -> bool:
    """Keep a list no longer; False where it was not one's own."""
    return await connection.fetchval(Q.forget, org_id, member_id, view_id) is not None


async def colleagues(connection: Connection, org_id: UUID) -> list[ColleagueRow]:
    """List who works in an organization."""
    rows = await connection.fetch(Q.colleagues, org_id, _MOST)
    return [ColleagueRow(**dict(row)) for row in rows]


async def categories(connection: Connection) -> Sequence[str]:
    """List the kinds of help that the directory has."""
    return [row["category"] for row in await connection.fetch(Q.categories, _MOST)]


async def assign_leg(
    connection: Connection,
    referral_id: UUID,
    *,
    org_id: UUID,
    member_id: UUID,
    states: Sequence[str],
    seen: int,
) -> bool:
    """Give a recipient's live part to one of its people; False where somebody was first."""
    found = await connection.fetchval(
        Q.assign_leg, referral_id, org_id, member_id, list(states), seen
    )
    return found is not None


async def remind(connection: Connection, referral_id: UUID, *, own_id: UUID) -> int:
    """Bring a first reminder forward to now, where somebody else's turn is; return how many."""
    return len(await connection.fetch(Q.remind, referral_id, own_id))


async def write_here(
    connection: Connection, org_id: UUID, *, referral_id: UUID, member_id: UUID
) -> None:
    """Say that somebody is writing on a referral."""
    await connection.execute(Q.write_here, org_id, referral_id, member_id)


async def writing(
    connection: Connection, org_id: UUID, *, referral_id: UUID, member_id: UUID
) -> list[str]:
    """Name the colleagues who are writing on a referral now."""
    rows = await connection.fetch(Q.writing, org_id, referral_id, member_id)
    return [row["name"] for row in rows]


READS = {"asleep": AsleepRow, "booked": BookedRow, "saved": SavedRow, "colleagues": ColleagueRow}
