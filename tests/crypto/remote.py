"""A keyring in a process of its own, as its callers hold it: a socket, and no key."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import msgspec

from crypto import ports
from crypto.keys import KeyRow
from tests.crypto import wire
from tests.crypto.keyring_process import Change
from tests.shape.sources import ROOT


class Line:
    """One connection; one call at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._turn = asyncio.Lock()

    async def ask(self, value: Any) -> wire.Answer:
        async with self._turn:
            await wire.send(self._writer, value)
            return msgspec.msgpack.decode(await wire.receive(self._reader), type=wire.Answer)

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


class RemoteKeyring:
    """Every call of the protocol over a line; what a call is called is all it knows."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def __getattr__(self, name: str) -> Any:
        if name not in wire.CALLS:
            raise AttributeError(name)

        async def call(*args: Any, **named: Any) -> Any:
            return wire.read(name, await self._line.ask(wire.asked(name, args, named)))

        return call


class Apart:
    """A keyring's process: the keyring, and the rows that lie with it."""

    def __init__(self, line: Line, process: asyncio.subprocess.Process) -> None:
        self._line, self.process = line, process
        self.ring = cast(ports.Keyring, RemoteKeyring(line))

    async def store(self, rows: Sequence[KeyRow]) -> None:
        """Keep rows that the keyring made, as the store would."""
        await self._line.ask(Change(add=list(rows)))

    async def change(self, org_id: Any, purpose: str, **changes: Any) -> None:
        """Change the rows of a purpose, as an operator would; the keyring notices."""
        await self._line.ask(Change(org_id=org_id, purpose=purpose, changes=changes))
        await self.ring.forget()


@asynccontextmanager
async def apart(folder: Path, root_file: Path, *more: str) -> AsyncIterator[Apart]:
    """Start a keyring's process and connect to it; it ends with the test."""
    path = folder / "keyring.sock"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.crypto.keyring_process", path, root_file, *more, cwd=ROOT
    )
    try:
        async with asyncio.timeout(30):
            line = Line(*await _connected(path, process))
        yield Apart(line, process)
        await line.close()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _connected(
    path: Path, process: asyncio.subprocess.Process
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    while True:
        assert process.returncode is None, "the keyring's process ended"
        try:
            return await asyncio.open_unix_connection(path)
        except (FileNotFoundError, ConnectionRefusedError):
            await asyncio.sleep(0.05)
