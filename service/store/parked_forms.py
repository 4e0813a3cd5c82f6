"""Forms and places kept for one person over a sign-in; sealed, and gone within the hour."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("parked_forms")


class ParkedRow(msgspec.Struct, frozen=True, kw_only=True):
    """What was kept: a form with what was typed, or only the place somebody was at."""

    id: UUID
    person_id: UUID
    org_id: UUID
    kind: str
    sealed: bytes
    created_at: datetime
    expires_at: datetime

    def __repr__(self) -> str:
        return f"<parked {self.kind} {self.id}>"


async def keep(connection: Connection, row: ParkedRow, *, most: int) -> None:
    """Keep one more in the person's scope; the oldest make room."""
    await connection.execute(Q.insert, *msgspec.structs.astuple(row))
    await connection.execute(Q.make_room, row.person_id, most)


async def fetch(
    connection: Connection, person_id: UUID, *, parked_id: UUID, now: datetime
) -> ParkedRow | None:
    """Read one of a person's forms while it lasts."""
    row = await connection.fetchrow(Q.fetch, parked_id, person_id, now)
    return ParkedRow(**dict(row)) if row is not None else None


async def take_place(connection: Connection, person_id: UUID, *, now: datetime) -> ParkedRow | None:
    """Take the place a person left last, if any; it is led to once."""
    row = await connection.fetchrow(Q.take_place, person_id, now)
    return ParkedRow(**dict(row)) if row is not None else None


async def drop(connection: Connection, person_id: UUID, *, parked_id: UUID) -> bool:
    """Throw one of a person's forms away; False where there is none."""
    return await connection.fetchval(Q.drop, parked_id, person_id) is not None


async def drop_all(connection: Connection, person_id: UUID) -> None:
    """Throw everything away that was kept for a person."""
    await connection.execute(Q.drop_all, person_id)


async def keep_draft(connection: Connection, row: ParkedRow, *, place: str, most: int) -> bool:
    """Keep what is typed at one place instead of what was; True where nothing was there before."""
    before = await drop_draft(connection, row.person_id, org_id=row.org_id, place=place)
    await connection.execute(Q.insert_draft, *msgspec.structs.astuple(row), place)
    await connection.execute(Q.make_room_for_drafts, row.person_id, most)
    return not before


async def drop_draft(connection: Connection, person_id: UUID, *, org_id: UUID, place: str) -> bool:
    """Throw away what was typed at one place; False where nothing was."""
    return await connection.fetchval(Q.drop_draft, person_id, org_id, place) is not None


async def drafts(
    connection: Connection, person_id: UUID, *, org_id: UUID, places: Sequence[str], now: datetime
) -> list[ParkedRow]:
    """List what a person is typing at these places, the newest first."""
    rows = await connection.fetch(Q.drafts, person_id, org_id, list(places), now)
    return [ParkedRow(**dict(row)) for row in rows]


READS = {"fetch": ParkedRow, "take_place": ParkedRow, "drafts": ParkedRow}
