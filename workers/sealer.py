"""The sealer: numbers the record's new lines, grows its trees, signs checkpoints, every 2 seconds.

Once an hour the newest checkpoint goes into the log as well, which is kept elsewhere than the
database: with it a record that was cut short is found out.
"""

import asyncio

from crypto.checkpoint import Signed
from service import logs
from service.actions import seal_record
from service.store import record
from service.store.pool import Scope
from workers import pace
from workers.desk import Desk

TICK_S = 2.0
TELL_S = 3600.0


async def run(desk: Desk, *, stop: asyncio.Event) -> None:
    """Seal until told to stop; losing PostgreSQL only makes it wait."""
    turns = pace.Turns()

    async def turn() -> None:
        sealed = await seal_record.seal_record(desk.office)
        if turns.every(5.0):
            await desk.beat("sealer", sealed=sealed)
        if sealed < seal_record.BATCH:
            if turns.every(TELL_S):
                await _tell(desk)
            await pace.rest(stop, TICK_S)

    await pace.steadily("sealer", turn, stop=stop, wait=TICK_S)


async def _tell(desk: Desk) -> None:
    async with desk.db.transaction(Scope()) as connection:
        found: Signed | None = await record.newest(connection)
    if found is not None:
        logs.say("checkpoint", checkpoint=found.line())
