"""The scanner: looks at every uploaded file before anybody gets it, and sweeps what nobody took."""

import asyncio

from service.actions import scan_attachment
from service.store import attachments
from service.store.pool import Scope
from workers import pace
from workers.clamd import Clamd
from workers.desk import Desk

TICK_S = 0.5
BATCH = 4
SWEEP_S = 300.0


async def run(desk: Desk, *, stop: asyncio.Event) -> None:
    """Look twice a second until told to stop; a scanner that is away only makes files wait."""
    turns = pace.Turns()

    async def turn() -> None:
        found = await tick(desk)
        if turns.every(5.0):
            await desk.beat("scanner", looked=found)
        if turns.every(SWEEP_S):
            await scan_attachment.sweep(desk.office)
        if found < BATCH:
            await pace.rest(stop, TICK_S)

    await pace.steadily("scanner", turn, stop=stop, wait=TICK_S)


async def tick(desk: Desk) -> int:
    """Look at a few files that wait, together; return how many."""
    async with desk.db.transaction(Scope()) as connection:
        found = await attachments.due(connection, limit=BATCH)
    where = desk.settings.clamd
    scanner = Clamd(where).scan if where else None
    async with asyncio.TaskGroup() as group:
        for row in found:
            group.create_task(scan_attachment.scan_attachment(desk.office, row, scanner=scanner))
    return len(found)
