"""Reckons timers anew whose organization changed its hours, its zone or its closures.

A closure that is added puts off what waits for that office, and one that is taken back brings it
forward. What is past by that fires at the next tick, which looks before it speaks.
"""

from service.domain import ladder
from service.domain.calendars import Calendar
from service.domain.clocks import Clock
from service.store import reckonings
from service.store.pool import Scope
from service.store.reckonings import Moved, StaleRow
from workers.desk import Desk

BATCH = 200


async def reckon(desk: Desk) -> int:
    """Reckon one batch of one organization's timers; return how many."""
    async with desk.db.transaction(Scope()) as connection:
        found = await reckonings.changed(connection)
    if found is None:
        return 0
    org_id, calendar = found
    async with desk.db.transaction(Scope(org_id=org_id)) as connection:
        stale = await reckonings.stale(connection, org_id, limit=BATCH)
        await reckonings.move(connection, [_anew(each, calendar) for each in stale])
    return len(stale)


def _anew(timer: StaleRow, calendar: Calendar) -> Moved:
    at = ladder.climbs(
        timer.reckoning, clock=Clock(timer.clock), started_at=timer.started_at, calendar=calendar
    )
    return Moved(timer=timer, at=at)
