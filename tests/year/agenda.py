"""Time for people: they sleep until a moment of the simulated year, and wake in its order."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import traceback
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

from service import clock
from service.actions import skip_ahead
from service.actions.office import Office
from service.domain.people import Actor


class Clock:
    """What the network's clock says; it is moved by the door that a demonstration has."""

    def __init__(self, office: Office, actor: Actor) -> None:
        self._office = office
        self._actor = actor
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Say what `lk.now()` says, without asking it each time."""
        return clock.real_now() + self._ahead

    async def go_to(self, at: datetime) -> None:
        """Let the time pass until then; where it is later already nothing is moved."""
        by = at - await skip_ahead.clock_says(self._office)
        if by > timedelta():
            said = await skip_ahead.skip_ahead(self._office, self._actor, by=by)
            self._ahead = said - clock.real_now()


class Agenda:
    """Everybody's next act; a turn is over when each of them sleeps again or has come to an end."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.fell: list[str] = []
        self._sleeping: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._count = itertools.count()
        self._awake: set[asyncio.Task[None]] = set()
        self._up = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    def start(self, story: Coroutine[Any, Any, None]) -> None:
        """Let somebody begin now."""
        self._rise()
        task = asyncio.create_task(self._lived(story))
        self._awake.add(task)
        task.add_done_callback(self._awake.discard)

    async def until(self, at: datetime) -> None:
        """Sleep until a moment; for one that is past, until what is due now has been done."""
        wakes: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeping, (at, next(self._count), wakes))
        self._lie_down()
        await wakes

    @property
    def next_at(self) -> datetime | None:
        """When the first of them wakes."""
        return self._sleeping[0][0] if self._sleeping else None

    async def turn(self) -> int:
        """Wake whoever's time has come and wait until all sleep again; return how many woke."""
        now, woken = self.clock.now(), 0
        while self._sleeping and self._sleeping[0][0] <= now:
            *_, wakes = heapq.heappop(self._sleeping)
            self._rise()
            wakes.set_result(None)
            woken += 1
        await self._quiet.wait()
        return woken

    async def end(self) -> None:
        """Send everybody home; what they would have done is never done."""
        for task in self._awake:
            task.cancel()
        await asyncio.gather(*self._awake, return_exceptions=True)

    async def _lived(self, story: Coroutine[Any, Any, None]) -> None:
        try:
            await story
        except Exception:  # noqa: BLE001 - it is told at the end of the year, which is red then
            self.fell.append(traceback.format_exc(limit=-6))
        finally:
            self._lie_down()

    def _rise(self) -> None:
        self._up += 1
        self._quiet.clear()

    def _lie_down(self) -> None:
        self._up -= 1
        if not self._up:
            self._quiet.set()
