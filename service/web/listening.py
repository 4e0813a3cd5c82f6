"""Open pages that wait to be rung: one ear in Redis for this process, and who listens here.

Best effort, all of it: a page that hears nothing is as good as one without a script.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from service.domain import live
from service.domain.live import Ear, Ring

CHANNEL = "lk:live"
"""What the ringer publishes to; `workers.bell` knows the same name."""

OF_A_MEMBER = 8
OF_A_PROCESS = 2000
"""How many pages may listen at once."""

_GLANCE_S = 0.5
_AWAY_S = 2.0


class Page:
    """One page that listens."""

    def __init__(self, ear: Ear) -> None:
        self.ear = ear
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Let it look again; ten rings before it looks are one."""
        self._rung.set()

    async def rung(self, *, wait_s: float) -> bool:
        """Wait for a ring, and say whether one came in so many seconds."""
        try:
            async with asyncio.timeout(wait_s):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class Listening:
    """Who listens in this process; it hears Redis only while somebody does."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._pages: set[Page] = set()
        self._of_member: Counter[UUID] = Counter()
        self._hears: asyncio.Task[None] | None = None
        self._stopping: Callable[[], bool] = lambda: False

    def until(self, stopping: Callable[[], bool]) -> None:
        """Say how to know that the server stops: pages that listen must not hold it up."""
        self._stopping = stopping

    @property
    def over(self) -> bool:
        """Whether the server is stopping."""
        return self._stopping()

    def has_room(self, member_id: UUID) -> bool:
        """Say whether one more page of this member may listen here."""
        return len(self._pages) < OF_A_PROCESS and self._of_member[member_id] < OF_A_MEMBER

    @asynccontextmanager
    async def page(self, ear: Ear) -> AsyncIterator[Page]:
        """Listen for one page, for as long as it is open."""
        page = Page(ear)
        self._pages.add(page)
        self._of_member[ear.member_id] += 1
        if self._hears is None or self._hears.done():
            self._hears = asyncio.get_running_loop().create_task(self._hear())
        try:
            yield page
        finally:
            self._pages.discard(page)
            self._of_member -= Counter((ear.member_id,))

    async def close(self) -> None:
        """Hear no more."""
        if self._hears is not None:
            self._hears.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._hears

    async def _hear(self) -> None:
        while self._pages:
            with contextlib.suppress(RedisError, OSError, TimeoutError):
                await self._hear_redis()
            if self._pages:
                await asyncio.sleep(_AWAY_S)
                # Whatever came in between was missed.
                self._ring_all()

    async def _hear_redis(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as heard:
            await heard.subscribe(CHANNEL)
            while self._pages:
                said = await heard.get_message(timeout=_GLANCE_S)
                if self.over:
                    self._ring_all()
                if said is not None:
                    self._take(said["data"])

    def _take(self, text: bytes) -> None:
        with contextlib.suppress(msgspec.DecodeError):
            for ring in live.read(text):
                self._ring(ring)

    def _ring(self, ring: Ring) -> None:
        for page in self._pages:
            if page.ear.hears(ring):
                page.ring()

    def _ring_all(self) -> None:
        for page in self._pages:
            page.ring()
