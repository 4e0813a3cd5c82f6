"""What seeding a demo needs beyond actions: the clock moved to and fro, the mails of the past."""

from datetime import datetime, timedelta
from uuid import UUID

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


async def mailbox_of(connection: Connection, org_id: UUID) -> UUID:
    """Return the id of the mailbox an organization's links go to."""
    found: UUID = await connection.fetchval(Q.mailbox_of, org_id)
    return found
