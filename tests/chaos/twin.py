"""A relay without an outbox: what is due is popped into Redis, and nobody rings it again.

Only the crash test runs this, in the relay's place, to show that the test can fail.
"""

import asyncio
import contextlib
import os
import signal

from service import faults
from service.settings import Settings
from service.store import outbox
from service.store.pool import Scope
from workers import bell, desk, pace
from workers.desk import Desk

_POP = """
with due as (
  select id from outbox where state = 'pending' and rings = 0 and next_at <= lk.now()
   order by rank, next_at limit 256 for update skip locked
)
update outbox o set rings = 1, next_at = 'infinity' from due where o.id = due.id returning o.id"""


async def pop(here: Desk) -> int:
    """Take what is due out of PostgreSQL and put it into Redis, where it is or is not kept."""
    async with here.db.transaction(Scope()) as connection:
        due = [row["id"] for row in await connection.fetch(_POP)]
        probes = await outbox.probe(connection)
    ids = [*due, *probes]
    if ids:
        await here.bell.ring(bell.EFFECTS, ids)
    return len(due)


async def run(settings: Settings) -> None:
    """Pop until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with desk.opened(settings, name="relay") as here:
        while not stop.is_set():
            with contextlib.suppress(faults.Busy, bell.Silent):
                await pop(here)
            await pace.rest(stop, 0.05)


if __name__ == "__main__":
    asyncio.run(run(Settings.read(os.environ)))
