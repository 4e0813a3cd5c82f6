"""The ringer: tells open pages that something is new, twice a second; nothing depends on it.

It looks a little back by ids, which grow with real time, so a step that commits late is rung too;
one that commits later still is found when somebody looks. With two at work a page looks twice.
"""

import asyncio
from datetime import timedelta
from uuid import UUID

from service import clock
from service.domain import ids, live
from service.store import live as rings
from service.store.pool import Scope
from workers import pace
from workers.desk import Desk

TICK_S = 0.5
LOOKS_BACK = timedelta(seconds=20)
"""How long after its id was made something may be committed and still be rung."""

_MOST = 2000
"""Rings looked at in one turn: beyond that everybody has looked anyway."""


async def run(desk: Desk, *, stop: asyncio.Event) -> None:
    """Ring until told to stop; what was new while Redis was away is not rung again."""
    rung = live.Rung(size=8 * _MOST)
    await look(desk, rung)

    async def turn() -> None:
        new = await look(desk, rung)
        if new:
            await desk.bell.tell(live.spell(new))
        await pace.rest(stop, TICK_S)

    await pace.steadily("ringer", turn, stop=stop, wait=TICK_S)


async def look(desk: Desk, rung: live.Rung) -> list[live.Ring]:
    """Return what is new since the last look."""
    since = ids.floor(clock.real_now() - LOOKS_BACK)
    return rung.new(await _fresh(desk, since))


async def _fresh(desk: Desk, since: UUID) -> list[live.Ring]:
    async with desk.db.transaction(Scope(numbering=True)) as connection:
        return await rings.fresh(connection, since, limit=_MOST)
