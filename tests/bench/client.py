"""A load client that costs little: its own time is taken from the same two cores it measures.

One protocol per connection, one request on it at a time, keep-alive, no parsing beyond the status
and the length. The floor and the product are asked by the very same code.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"
_LATE_S = 15.0


class Unexpected(RuntimeError):
    """An answer that no figure may count; the run stops."""


class Ask(msgspec.Struct, frozen=True):
    """A request as it goes over the wire, and the only status that counts as acknowledged."""

    wire: bytes
    status: int


Script = tuple[Ask, ...]
"""Requests that must follow each other, such as the steps of one referral."""


class Answer(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    body: bytes


class Tally(msgspec.Struct):
    """What a bounded time of load came to; latencies are seconds, one per acknowledged request."""

    seconds: float = 0.0
    latencies: list[float] = msgspec.field(default_factory=list)

    @property
    def rate(self) -> float:
        """Acknowledged requests per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0


def post(host: str, path: str, *, body: bytes, status: int, key: str = "", token: str = "") -> Ask:
    """Spell a POST of json; `key` is its Idempotency-Key, `token` its API key."""
    head = [
        f"POST {path} HTTP/1.1",
        f"host: {host}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        *([f"idempotency-key: {key}"] if key else []),
        *([f"authorization: Bearer {token}"] if token else []),
    ]
    return Ask(wire="\r\n".join(head).encode() + _HEAD_END + body, status=status)


def get(host: str, path: str, *, token: str) -> Ask:
    """Spell a GET with an API key."""
    head = [f"GET {path} HTTP/1.1", f"host: {host}", f"authorization: Bearer {token}"]
    return Ask(wire="\r\n".join(head).encode() + _HEAD_END, status=200)


class Line(asyncio.Protocol):
    """One kept connection."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._waiting: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(_HEAD_END)
        if end < 0:
            return
        head = bytes(self._buffer[:end])
        whole = end + len(_HEAD_END) + _length(head)
        if len(self._buffer) < whole or self._waiting is None:
            return
        answer = Answer(int(head[9:12]), bytes(self._buffer[end + len(_HEAD_END) : whole]))
        del self._buffer[:whole]
        waiting, self._waiting = self._waiting, None
        if not waiting.done():
            waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionError("the server hung up"))

    async def ask(self, ask: Ask) -> Answer:
        """Send a request and return its answer; any other status than it names is Unexpected."""
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(ask.wire)
        answer = await self._waiting
        if answer.status != ask.status:
            first = ask.wire.split(b"\r\n", 1)[0].decode()
            raise Unexpected(f"{first}: {answer.status} {answer.body[:600]!r}")
        return answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


def _length(head: bytes) -> int:
    lower = head.lower()
    start = lower.find(_LENGTH)
    if start < 0:
        raise Unexpected(f"an answer without content-length: {head[:200]!r}")
    return int(lower[start + len(_LENGTH) :].split(b"\r\n", 1)[0])


@asynccontextmanager
async def lines(port: int, *, count: int) -> AsyncIterator[list[Line]]:
    """Open kept connections to a port of this machine and close them at the end."""
    loop = asyncio.get_running_loop()
    opened: list[Line] = []
    try:
        for _ in range(count):
            _, line = await loop.create_connection(Line, "127.0.0.1", port)
            opened.append(line)
        yield opened
    finally:
        for line in opened:
            line.close()


async def load(
    opened: list[Line],
    scripts: Iterator[Script],
    *,
    seconds: float,
    tick: Callable[[], None] = lambda: None,
) -> Tally:
    """Keep every line busy for so long, or until there is no script left.

    Only what was acknowledged inside the time is counted; a script stops where the time ends.
    """
    tally, begun = Tally(), time.perf_counter()
    until = begun + seconds

    async def drive(line: Line) -> None:
        for script in scripts:
            for ask in script:
                asked = time.perf_counter()
                if asked >= until:
                    return
                await line.ask(ask)
                answered = time.perf_counter()
                if answered < until:
                    tally.latencies.append(answered - asked)
                    tally.seconds = answered - begun
            tick()

    async with asyncio.timeout(seconds + _LATE_S):
        await together(drive(line) for line in opened)
    return tally


async def together(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do several things at once; the first fault ends them all and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in work:
                group.create_task(each)
    except* (Unexpected, OSError) as found:
        raise found.exceptions[0] from None


def percentile(values: list[float], share: float) -> float:
    """Return the value below which this share of all lies; zero where there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
