"""A best-effort knock at an idle relay after something was stored; nothing depends on it.

The relay looks for itself twice a second when idle, so a lost knock costs half a second.
"""

import asyncio
import contextlib

from redis.asyncio import Redis
from redis.exceptions import RedisError

KEY = "lk:wake"
"""The list an idle relay waits on; `workers.bell` knows the same name."""

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


_PAUSE_S = 0.01
"""Between two knocks: a relay that is awake looks again anyway, and a knock is not cheap."""


class Waker:
    """Knocks in the background: at once, then once more for all that came in the pause after it."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._knock: asyncio.Task[None] | None = None
        self._again = False

    def after(self, method: str, status: int) -> None:
        """Knock if that request may have queued something."""
        if method not in _CHANGING or status >= 400:
            return
        self._again = True
        if self._knock is None or self._knock.done():
            self._knock = asyncio.get_running_loop().create_task(self._knocking())

    async def _knocking(self) -> None:
        while self._again:
            self._again = False
            await self._ring()
            await asyncio.sleep(_PAUSE_S)

    async def _ring(self) -> None:
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.lpush(KEY, 1)
                pipe.ltrim(KEY, 0, 0)
                await pipe.execute()

    async def close(self) -> None:
        """Let the last knock end."""
        if self._knock is not None and not self._knock.done():
            self._knock.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._knock
