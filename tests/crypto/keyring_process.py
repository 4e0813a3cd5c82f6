"""A process that holds the root key and answers for a keyring: SOCKET ROOT_KEY_FILE [DATABASE_URL].

Its rows are those of the database, or a list of its own that the test fills through the socket.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from crypto import keyring, ports, root
from crypto.keys import KeyRow
from tests.crypto import wire
from tests.crypto.rows import MemoryRows


class Change(msgspec.Struct, frozen=True, tag=True):
    """What a test does to the rows: these are added, or those of a purpose changed."""

    add: list[KeyRow] = []
    org_id: UUID | None = None
    purpose: str = ""
    changes: dict[str, Any] = {}


async def serve(path: Path, held: ports.Keyring, rows: MemoryRows | None) -> None:
    """Answer whoever connects, one call after another, until the process is ended."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                raw = await wire.receive(reader)
                try:
                    call = msgspec.msgpack.decode(raw, type=wire.Call)
                except msgspec.ValidationError:
                    assert rows is not None
                    _change(rows, msgspec.msgpack.decode(raw, type=Change))
                    await wire.send(writer, wire.Answer())
                    continue
                await wire.send(writer, await wire.done(held, call))
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_unix_server(answer, path)
    async with server:
        await server.serve_forever()


def _change(rows: MemoryRows, wanted: Change) -> None:
    rows.rows += wanted.add
    if wanted.changes:
        rows.change(wanted.org_id, wanted.purpose, **wanted.changes)
    rows.moved += 1


async def main(path: str, root_file: str, database_url: str | None = None) -> None:
    """Hold a keyring until the end."""
    held = root.load(Path(root_file))
    if database_url is None:
        rows = MemoryRows()
        await serve(Path(path), keyring.LocalKeyring(held, rows), rows)
        return
    from service.store import pool as pools
    from service.store.keys import StoredKeyRows

    pool = await pools.connect(database_url, name="keyring", size=2)
    await serve(Path(path), keyring.LocalKeyring(held, StoredKeyRows(pool)), None)


if __name__ == "__main__":
    os.umask(0o077)
    asyncio.run(main(*sys.argv[1:]))
