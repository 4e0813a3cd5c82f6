"""The relay: leases what is due in PostgreSQL and rings its ids, again and again until it is done.

Lease before ringing: a bell without a lease can be answered twice.
"""

import asyncio

from service.store import outbox
from service.store.pool import Scope
from workers import bell, pace
from workers.desk import Desk

BATCH = 256
BUSY_S = 0.05
IDLE_S = 0.5


async def run(desk: Desk, *, stop: asyncio.Event) -> None:
    """Ring until told to stop; losing PostgreSQL or Redis only makes it wait."""
    wait, turns = BUSY_S, pace.Turns()

    async def ring() -> None:
        nonlocal wait
        rung = await turn(desk)
        if turns.every(5.0):
            await desk.beat("relay", rung=rung)
        wait = BUSY_S if rung else min(wait * 1.5, IDLE_S)
        if rung < BATCH:
            await pace.first(stop, desk.bell.slept(wait))

    # A lease that could not be rung ends by itself.
    await pace.steadily("relay", ring, stop=stop, wait=IDLE_S)


async def turn(desk: Desk) -> int:
    """Ring what is due now, as far as somebody can hear it; return how many ids were rung."""
    room = await desk.bell.room(bell.EFFECTS)
    if not room:
        return 0
    async with desk.db.transaction(Scope()) as connection:
        due = await outbox.lease(connection, min(room, BATCH))
        probes = await outbox.probe(connection)
    ids = [*due, *probes]
    if ids:
        await desk.bell.ring(bell.EFFECTS, ids)
    return len(ids)
