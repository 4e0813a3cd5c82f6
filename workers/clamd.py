"""Speaking with clamd over its socket: the protocol of its manual, sessions of one command.

INSTREAM takes a file as chunks, each behind its length in four bytes, and a length of nought ends
it. The answer is `stream: OK`, `stream: NAME FOUND`, or something else, which judges nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from service.actions.scan_attachment import Away

_CONNECT_S = 5.0
_SCAN_S = 120.0
_CHUNK = 1 << 20
_LONGEST_ANSWER = 4096


class Clamd:
    """A scanner that listens at unix:/path or tcp://host:port."""

    def __init__(self, where: str, *, patience: float = _SCAN_S) -> None:
        self._where = urlsplit(where)
        self._patience = patience

    def __repr__(self) -> str:
        return f"<clamd by {self._where.scheme}>"

    async def scan(self, pieces: AsyncIterator[bytes]) -> bool:
        """Hand a file over and say whether it is clean; raises Away, and what `pieces` raises."""
        answer = await self._asked(b"zINSTREAM\0", pieces)
        said = answer.removeprefix("stream: ")
        if said == "OK":
            return True
        if said.endswith(" FOUND"):
            return False
        raise Away("It could not judge this file.")

    async def version(self) -> str:
        """Return which scanner it is and how old its patterns are; raises Away."""
        return await self._asked(b"zVERSION\0", None)

    async def _asked(self, command: bytes, pieces: AsyncIterator[bytes] | None) -> str:
        reader, writer = await self._connected()
        try:
            async with asyncio.timeout(self._patience):
                writer.write(command)
                if pieces is not None:
                    await self._sent(writer, pieces)
                raw = await reader.readuntil(b"\0")
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as reason:
            raise Away("It did not answer.") from reason
        except asyncio.LimitOverrunError as reason:
            raise Away("It answers at length.") from reason
        finally:
            writer.close()
        return raw[:-1].decode("utf-8", "replace").strip()

    @staticmethod
    async def _sent(writer: asyncio.StreamWriter, pieces: AsyncIterator[bytes]) -> None:
        async for piece in pieces:
            for at in range(0, len(piece), _CHUNK):
                some = piece[at : at + _CHUNK]
                writer.write(len(some).to_bytes(4, "big") + some)
                await writer.drain()
        writer.write(bytes(4))
        await writer.drain()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            async with asyncio.timeout(_CONNECT_S):
                if self._where.scheme == "unix":
                    return await asyncio.open_unix_connection(
                        self._where.path, limit=_LONGEST_ANSWER
                    )
                return await asyncio.open_connection(
                    self._where.hostname, self._where.port, limit=_LONGEST_ANSWER
                )
        except (OSError, TimeoutError) as reason:
            raise Away("It is not there.") from reason
