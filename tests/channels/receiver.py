"""A real HTTP receiver on loopback that answers as it is told, and keeps what it was sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec


class Got(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it came: its line, headers by lower-case name, body."""

    line: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Answers every request with `status`, after `wait_s`, with `extra` headers and `body`."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.port = 0
        self.status = 204
        self.wait_s = 0.0
        self.extra = ""
        self.endless = False
        self.answers: list[int] = []
        self.sent = 0
        self.on_request: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=t0ken"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = [line.partition(":") for line in head[1:] if line]
        headers = {name.strip().lower(): value.strip() for name, _, value in fields}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.got.append(Got(line=head[0], headers=headers, body=body))
        self.on_request()
        await asyncio.sleep(self.wait_s)
        status = self.answers.pop(0) if self.answers else self.status
        writer.write(f"HTTP/1.1 {status} X\r\nconnection: close\r\n{self.extra}\r\n".encode())
        while self.endless:
            writer.write(b"x" * 65536)
            self.sent += 65536
            await writer.drain()
        await writer.drain()


@asynccontextmanager
async def receiving(context: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Listen on a free port of 127.0.0.1."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=context)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
