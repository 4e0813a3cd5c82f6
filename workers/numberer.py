"""The numberer: gives events their numbers in the feeds, twice a second, one at a time.

It keeps the sealer company: both work behind what was committed, and neither waits for the other.
"""

import asyncio

from service.actions import number_events
from workers import pace
from workers.desk import Desk

TICK_S = 0.5


async def run(desk: Desk, *, stop: asyncio.Event) -> None:
    """Give numbers until told to stop; losing PostgreSQL only makes it wait."""
    turns = pace.Turns()

    async def turn() -> None:
        numbered = await number_events.number_events(desk.office)
        if turns.every(5.0):
            await desk.beat("numberer", numbered=numbered)
        if numbered < number_events.BATCH:
            await pace.rest(stop, TICK_S)

    await pace.steadily("numberer", turn, stop=stop, wait=TICK_S)
