"""A clamd that speaks the real protocol: INSTREAM, VERSION and PING over a socket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests import files


class FakeClamd:
    """Finds EICAR, refuses what is too long, and is slow, rude or away on request."""

    def __init__(self, *, limit: int = 26_214_400) -> None:
        self.limit = limit
        self.mode = ""
        self.seen: list[int] = []
        self.commands: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            command = await reader.readuntil(b"\0")
            self.commands.append(command)
            writer.write(await self._answer(command, reader) + b"\0")
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer(self, command: bytes, reader: asyncio.StreamReader) -> bytes:
        if command == b"zVERSION\0":
            return b"ClamAV 1.4.6/27500/Mon Nov 23 2026"
        if command != b"zINSTREAM\0":
            return b"UNKNOWN COMMAND"
        return await self._stream(reader)

    async def _stream(self, reader: asyncio.StreamReader) -> bytes:
        held = bytearray()
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            held += await reader.readexactly(size)
            if len(held) > self.limit:
                return b"INSTREAM size limit exceeded. ERROR"
        self.seen.append(len(held))
        if self.mode == "silent":
            await reader.read()
        if self.mode == "error":
            return b"stream: Can't allocate memory ERROR"
        if files.EICAR in held:
            return b"stream: Win.Test.EICAR_HDB-1 FOUND"
        return b"stream: OK"


@asynccontextmanager
async def running(fake: FakeClamd, *, folder: Path | None = None) -> AsyncIterator[str]:
    """Listen on a socket of this machine; yields where, as the setting says it."""
    server: Any
    if folder is not None:
        server = await asyncio.start_unix_server(fake.serve, folder / "clamd.ctl")
        where = f"unix:{folder / 'clamd.ctl'}"
    else:
        server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
        where = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield where
