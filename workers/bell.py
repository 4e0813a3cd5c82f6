"""The bell: the only file of the workers that knows Redis, and nothing in it is ever needed.

Only ids go through it. Whatever Redis forgets, the relay rings again once the lease is over.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from redis import asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

EFFECTS = "effects"
RECEIPTS = "receipts"
WAKE = "lk:wake"
LIVE = "lk:live"
"""Where open pages are rung; `service.web.live` knows the same name."""
ROOM = 512
"""How many ids may wait in a stream: more would only be rung again before anybody hears them."""

_GROUP = "workers"
_KEPT = 20_000
_HURT = (RedisError, OSError, TimeoutError)


class Silent(Exception):
    """Redis does not answer; whatever was to be rung is rung again later."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """Ids that were rung, in order."""

    ids: tuple[UUID, ...]


def client(url: str, *, name: str, blocks: bool = False) -> "redis.Redis":
    """Make a client; one that blocks has no socket timeout, any other answers in two seconds.

    RESP2 is pinned: `xreadgroup` has another shape under RESP3.
    """
    pool = redis.BlockingConnectionPool.from_url(
        url,
        max_connections=20,
        timeout=2,
        protocol=2,
        socket_timeout=None if blocks else 2,
        socket_connect_timeout=2,
        health_check_interval=30,
        client_name=f"loopkeeper-{name}",
        # The relay is the one that tries again; a retry in here would only hide an outage.
        retry=Retry(NoBackoff(), 0),
    )
    return redis.Redis.from_pool(pool)


class Bell:
    """Rings ids and hears them; every method but `wake` raises Silent while Redis is away."""

    def __init__(self, url: str, *, name: str) -> None:
        self._quick = client(url, name=name)
        self._patient = client(url, name=f"{name}-waits", blocks=True)
        # Unique among couriers of one network: two of one name would share what is pending.
        self._consumer = f"{socket.gethostname()}-{os.getpid()}-{name}"

    async def ring(self, stream: str, ids: Sequence[UUID]) -> None:
        """Put ids into a stream, all in one round trip."""
        try:
            async with self._quick.pipeline(transaction=False) as pipe:
                for each in ids:
                    pipe.xadd(stream, {"id": each.hex}, maxlen=_KEPT, approximate=True)
                await pipe.execute()
        except _HURT as reason:
            raise Silent from reason

    async def room(self, stream: str) -> int:
        """Say how many more ids the listeners of a stream can take now."""
        try:
            return max(0, ROOM - int(await self._quick.xlen(stream)))
        except _HURT as reason:
            raise Silent from reason

    async def hear(self, stream: str, *, count: int, wait_s: float) -> Heard:
        """Wait for ids and take them out of the stream; nothing after `wait_s` is an answer too."""
        try:
            return await self._hear(stream, count=count, wait_s=wait_s)
        except ResponseError as reason:
            if "NOGROUP" not in str(reason):
                raise Silent from reason
            # Somebody emptied Redis: the group goes with it, and is made again.
            await self._make_group(stream)
            return Heard(ids=())
        except _HURT as reason:
            raise Silent from reason

    async def _hear(self, stream: str, *, count: int, wait_s: float) -> Heard:
        found: Any = await self._patient.xreadgroup(
            _GROUP,
            self._consumer,
            {stream: ">"},
            count=count,
            # Redis ends a wait only when it looks round, at rest ten times a second.
            block=int(wait_s * 1000) or None,
            noack=True,
        )
        entries = [entry for _, batch in found or [] for entry in batch]
        if entries:
            # What was read is gone, so that the stream's length is what still waits.
            await self._quick.xdel(stream, *(entry_id for entry_id, _ in entries))
        return Heard(ids=tuple(UUID(fields[b"id"].decode()) for _, fields in entries))

    async def _make_group(self, stream: str) -> None:
        try:
            await self._quick.xgroup_create(stream, _GROUP, id="0", mkstream=True)
        except ResponseError as reason:
            if "BUSYGROUP" not in str(reason):
                raise Silent from reason
        except _HURT as reason:
            raise Silent from reason

    async def wake(self) -> None:
        """Tell an idle relay that something is due; best effort, never raises."""
        with contextlib.suppress(*_HURT):
            async with self._quick.pipeline(transaction=False) as pipe:
                pipe.lpush(WAKE, 1)
                pipe.ltrim(WAKE, 0, 0)
                await pipe.execute()

    async def tell(self, rings: bytes) -> None:
        """Ring open pages; whoever does not listen just now has missed it."""
        try:
            await self._quick.publish(LIVE, rings)
        except _HURT as reason:
            raise Silent from reason

    async def slept(self, seconds: float) -> None:
        """Wait until somebody wakes the relay, or so long; without Redis just so long."""
        try:
            await self._patient.blpop([WAKE], timeout=seconds)
        except _HURT:
            await asyncio.sleep(seconds)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._quick.aclose()
        await self._patient.aclose()
