"""Opening a stored file: all of its bytes are hashed first, then the asked part is opened.

Nothing leaves before the signature over everything that is stored was found to hold, for a part as
well as for the whole. The same open file is hashed and read: a name that is moved changes nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from uuid import UUID

import msgspec

from crypto import faults as crypto_faults
from crypto import stream
from crypto.keys import SealRow
from crypto.stream import Digest, Opening, Piece
from service.actions.office import Office
from service.store.blobs import Bytes, NoBlob

_READ = 16 * stream.SEALED_CHUNK
"""How much is read, hashed or opened at a time: a megabyte."""


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """Which stored file, what opens it (`shared` from another epoch), who must have signed it."""

    id: UUID
    blob_id: UUID
    head: bytes
    seal: SealRow
    author: UUID
    shared: bool = False


class OpenFile:
    """A file whose head, signature and first chunk hold; parts of it are read from here."""

    def __init__(self, held: AsyncExitStack, stored: Bytes, opening: Opening) -> None:
        self._held = held
        self._stored = stored
        self._opening = opening
        self.length = 0

    async def close(self) -> None:
        """Let the stored bytes go."""
        await self._held.aclose()

    async def begin(self) -> None:
        """Learn the length from the first chunk; raises CannotOpen."""
        size = min(stream.SEALED_CHUNK, self._stored.size)
        first = self._opening.chunk(0, await self._stored.read(0, size))
        self.length = self._opening.text_length(first)

    async def part(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Open the text from one place up to another; raises CannotOpen."""
        wanted = list(stream.pieces(self._opening.header, start=start, stop=stop))
        for at in range(0, len(wanted), 16):
            some = wanted[at : at + 16]
            first, last = some[0], some[-1]
            raw = await self._stored.read(first.offset, last.offset + last.size - first.offset)
            yield await asyncio.to_thread(_opened, self._opening, some, raw)

    async def whole(self) -> AsyncIterator[bytes]:
        """Open everything, the padding too, which must be zeros; raises CannotOpen."""
        async for piece in self.part(0, self.length):
            yield piece
        end = self._opening.header.total_len - 8
        async for padding in self.part(self.length, end):
            if padding.count(0) != len(padding):
                raise crypto_faults.CannotOpen


async def open_file(office: Office, whole: Whole) -> OpenFile:
    """Check a stored file and hold it open; raises CannotOpen, KeyMissing."""
    async with AsyncExitStack() as stack:
        try:
            stored = await stack.enter_async_context(office.files.open(whole.blob_id))
        except NoBlob:
            raise crypto_faults.CannotOpen from None
        digest = await _hashed(stored)
        opening = await office.keys.open_stream(
            whole.seal,
            whole.head,
            message_id=whole.id,
            chunks=digest.stored(),
            shared=whole.shared,
        )
        if opening.header.sender_org != whole.author:
            raise crypto_faults.CannotOpen
        found = OpenFile(stack.pop_all(), stored, opening)
    try:
        await found.begin()
    except BaseException:
        await found.close()
        raise
    return found


async def _hashed(stored: Bytes) -> Digest:
    digest = Digest()
    for at in range(0, stored.size, _READ):
        await asyncio.to_thread(digest.add, await stored.read(at, _READ))
    return digest


def _opened(opening: Opening, pieces: Sequence[Piece], raw: bytes) -> bytes:
    base = pieces[0].offset
    return b"".join(
        opening.chunk(each.index, raw[each.offset - base : each.offset - base + each.size])[
            each.start : each.stop
        ]
        for each in pieces
    )
