"""A file nobody can read but the one who wrote it: its key is in memory only and ends with it.

What arrives is looked at before it is sealed for good, and its length is known only at its end; it
waits on disk meanwhile in chunks of AES-256-GCM, numbered like those of an envelope.
"""

import io
from typing import TYPE_CHECKING, BinaryIO

from crypto import header, layout, primitives

if TYPE_CHECKING:
    from typing_extensions import Buffer

CHUNK = header.CHUNK_SIZE
_STORED = CHUNK + primitives.TAG_SIZE


class Spool:
    """Takes bytes in order; `read_again` gives them back, from any place."""

    def __init__(
        self, file: BinaryIO, *, entropy: primitives.Entropy = primitives.random_bytes
    ) -> None:
        self._file = file
        self._aead = primitives.Aead(entropy(primitives.KEY_SIZE))
        self._held = bytearray()
        self._chunks = 0
        self.length = 0

    def __repr__(self) -> str:
        return f"<spool of {self.length} bytes>"

    def write(self, text: bytes) -> None:
        """Take the next bytes."""
        self.length += len(text)
        self._held += text
        while len(self._held) >= CHUNK:
            self._store(bytes(self._held[:CHUNK]))
            del self._held[:CHUNK]

    def read_again(self) -> io.BufferedReader:
        """End the writing and return the text as a file to read and seek in."""
        if self._held:
            self._store(bytes(self._held))
            self._held.clear()
        self._file.flush()
        return io.BufferedReader(_Again(self), buffer_size=CHUNK)

    def chunk(self, index: int) -> bytes:
        """Read one chunk back; one that was changed meanwhile is CannotOpen."""
        self._file.seek(index * _STORED)
        return self._aead.open(_nonce(index), self._file.read(_STORED), b"lk1/spool")

    def _store(self, text: bytes) -> None:
        self._file.write(self._aead.seal(_nonce(self._chunks), text, b"lk1/spool"))
        self._chunks += 1


class _Again(io.RawIOBase):
    """The text of a spool as a file; keeps one chunk open."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._at = 0
        self._open: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._spool.length}[whence]
        if start + offset < 0:
            raise ValueError("There is nothing before the beginning.")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "Buffer", /) -> int:
        into = memoryview(buffer).cast("B")
        if self._at >= self._spool.length:
            return 0
        index, start = divmod(self._at, CHUNK)
        if self._open[0] != index:
            self._open = (index, self._spool.chunk(index))
        some = self._open[1][start : start + len(into)]
        into[: len(some)] = some
        self._at += len(some)
        return len(some)


def _nonce(index: int) -> bytes:
    # A key of its own for every spool: a counter never repeats under it.
    return layout.u64(index).rjust(primitives.NONCE_SIZE, b"\0")
