"""The movable clock of a demonstration."""

from datetime import datetime, timedelta

from service.store import queries
from service.store.pool import Pool, Scope

Q = queries.load("clock")


async def skip(db: Pool, by: timedelta) -> datetime | None:
    """Move the clock on and return what it says; None where it may not be moved."""
    async with db.transaction(Scope()) as connection:
        found: datetime | None = await connection.fetchval(Q.skip, by)
    return found


async def now(db: Pool) -> datetime:
    """Return what the clock of referrals says."""
    async with db.transaction(Scope()) as connection:
        found: datetime = await connection.fetchval(Q.now)
    return found
