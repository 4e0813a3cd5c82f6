"""Waiting that a stop ends, and things that are done every so often."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from service import clock, faults, logs
from workers import bell


async def steadily(
    name: str, turn: Callable[[], Awaitable[None]], *, stop: asyncio.Event, wait: float
) -> None:
    """Take turn after turn until told to stop; a turn that fails is logged, and waited after.

    Losing PostgreSQL or Redis is expected and only makes a worker wait; a mistake of ours in one
    turn must not end the next.
    """
    while not stop.is_set():
        try:
            await turn()
        except (faults.Busy, bell.Silent):
            await rest(stop, wait)
        except Exception as error:  # noqa: BLE001 - it is logged, and the next turn comes
            logs.broke("turn failed", error, worker=name)
            await rest(stop, wait)


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
