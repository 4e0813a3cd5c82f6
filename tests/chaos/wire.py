"""One kept connection that says how far a request came: answered, or nobody knows."""

import asyncio
import json
from typing import Any

import msgspec

_END = b"\r\n\r\n"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: the status, the headers as lines in lower case, the body."""

    status: int
    head: str
    body: bytes

    @property
    def replayed(self) -> bool:
        """Whether the service says that it did this before."""
        return "idempotency-replayed: true" in self.head

    def json(self) -> Any:
        """Read the body."""
        return json.loads(self.body) if self.body else {}


class Unknown(Exception):
    """No answer came; the request may have been done or not."""


class Wire:
    """Asks one thing after another over one connection, and dials anew when it breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes, *, seconds: float) -> Answer:
        """Send a request and read its answer; raises Unknown when none came in time."""
        try:
            async with asyncio.timeout(seconds):
                return await self._ask(request)
        except (OSError, EOFError, TimeoutError, ValueError) as reason:
            self.hang_up()
            raise Unknown(type(reason).__name__) from reason

    async def shout(self, request: bytes, *, linger: float) -> None:
        """Send a request and hang up so many seconds later without hearing the answer."""
        try:
            async with asyncio.timeout(2):
                await self._dial()
                assert self._writer is not None
                self._writer.write(request)
                await self._writer.drain()
                await asyncio.sleep(linger)
        except (OSError, TimeoutError):
            pass
        finally:
            self.hang_up()

    async def _ask(self, request: bytes) -> Answer:
        await self._dial()
        assert self._reader is not None
        assert self._writer is not None
        self._writer.write(request)
        await self._writer.drain()
        head = (await self._reader.readuntil(_END)).decode("latin-1").lower()
        body = await self._reader.readexactly(_length(head))
        if "connection: close" in head:
            self.hang_up()
        return Answer(status=int(head[9:12]), head=head, body=body)

    async def _dial(self) -> None:
        if self._writer is None or self._writer.is_closing():
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    def hang_up(self) -> None:
        """Break the connection."""
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None


def _length(head: str) -> int:
    if head.startswith("http/1.1 204 "):
        return 0
    for line in head.split("\r\n"):
        if line.startswith("content-length:"):
            return int(line.partition(":")[2])
    raise ValueError("an answer without a length")
