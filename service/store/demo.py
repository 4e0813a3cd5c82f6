"""What seeding a demo needs beyond actions: the clock moved to and fro, the mails of the past."""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from service import faults
from service.store import queries
from service.store.pool import Connection, Pool, Scope

Q = queries.load("demo")


class ClockFixed(faults.Fault):
    """The clock of this database does not move."""

    kind, slug = faults.Kind.REFUSED, "clock-fixed"
    advice = "Demo people are made only in a database that was migrated in demo mode."


async def move_clock(worker: Pool, offset: timedelta) -> None:
    """Set how far lk.now() is from real time; raises ClockFixed outside a demo."""
    async with worker.transaction(Scope()) as connection:
        if await connection.fetchval(Q.move_clock, offset) is None:
            raise ClockFixed


async def offset(worker: Pool) -> timedelta:
    """Say how far lk.now() is from real time."""
    async with worker.transaction(Scope()) as connection:
        row = await connection.fetchrow(Q.offset_of)
    found: timedelta = row["offset_by"]
    return found


async def settle(worker: Pool, *, before: datetime) -> None:
    """Mark as done every effect that was caused before this moment."""
    async with worker.transaction(Scope()) as connection:
        await connection.execute(Q.settle, before)


class ConsentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A consent to be stored, in the order of its statement."""

    org_id: UUID
    id: UUID
    patient_id: UUID
    basis: str
    classes: list[str]
    to_org_ids: list[UUID]
    purpose: str
    signed_on: date
    expires_at: datetime
    sealed: bytes
    created_at: datetime


async def record_consent(connection: Connection, row: ConsentRow) -> None:
    """Store a consent."""
    await connection.execute(Q.record_consent, *msgspec.structs.astuple(row))


async def mailbox_of(connection: Connection, org_id: UUID) -> UUID:
    """Return the id of the mailbox an organization's links go to."""
    found: UUID = await connection.fetchval(Q.mailbox_of, org_id)
    return found
