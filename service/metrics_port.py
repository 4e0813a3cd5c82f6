"""The port on which one process tells its counts; apart from the web's, and on loopback by default.

It speaks just enough HTTP for a scrape and reads no more of a request than its first line. A port
that is taken costs the figures of this process, and nothing else.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service import logs
from service.metrics import Registry
from service.settings import Settings

PLACES = ("web", "relay", "courier", "receipts", "clockwork", "sealer", "scanner", "mailroom")
"""Which port is whose: the first is the one of the settings, the others follow in this order."""

_MOST = 8192
_PATIENCE_S = 5.0
_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@asynccontextmanager
async def told(settings: Settings, registry: Registry, *, name: str) -> AsyncIterator[None]:
    """Tell the counts of a process as long as it lives, where the settings ask for it."""
    server = await _listening(settings, registry, name=name)
    try:
        yield
    finally:
        if server is not None:
            server.close()
            await server.wait_closed()


async def _listening(settings: Settings, registry: Registry, *, name: str) -> asyncio.Server | None:
    if settings.metrics is None:
        return None
    host, first = settings.metrics
    port = first + (PLACES.index(name) if name in PLACES else 0)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A scraper that hangs up or sends nonsense is nobody's trouble.
        with contextlib.suppress(OSError, TimeoutError, EOFError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_PATIENCE_S):
                writer.write(_answer(await reader.readuntil(b"\n"), registry))
                await writer.drain()
        writer.close()

    try:
        return await asyncio.start_server(answer, host, port, limit=_MOST)
    except OSError:
        logs.say("metrics_port_taken", name=name)
        return None


def _answer(line: bytes, registry: Registry) -> bytes:
    words = line.split()
    if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
        return _spelled("400 Bad Request", "")
    if words[0] not in (b"GET", b"HEAD"):
        return _spelled("405 Method Not Allowed", "")
    if words[1].partition(b"?")[0] != b"/metrics":
        return _spelled("404 Not Found", "")
    return _spelled("200 OK", registry.text(), bare=words[0] == b"HEAD")


def _spelled(status: str, text: str, *, bare: bool = False) -> bytes:
    body = text.encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {_TYPE}\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + (b"" if bare else body)
