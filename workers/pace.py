"""Waiting that a stop ends, and things that are done every so often."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from service import clock


async def rest(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until told to stop."""
    await first(stop, asyncio.sleep(seconds))


async def first(stop: asyncio.Event, waiting: Awaitable[Any]) -> Any:
    """Await something, or give it up when told to stop and answer None."""
    work, stopped = asyncio.ensure_future(waiting), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else None
    finally:
        for each in (work, stopped):
            each.cancel()
        await asyncio.gather(work, stopped, return_exceptions=True)


class Turns:
    """Says when it is time again, by a clock that never jumps."""

    def __init__(self) -> None:
        self._last: dict[float, float] = {}

    def every(self, seconds: float) -> bool:
        """Say yes at most once in so many seconds; the first answer is yes."""
        now = clock.monotonic()
        if now - self._last.get(seconds, float("-inf")) < seconds:
            return False
        self._last[seconds] = now
        return True
