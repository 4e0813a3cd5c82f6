"""Where the bytes of files lie: one small protocol, for a folder here or a bucket elsewhere.

What is stored is ciphertext under a random name; the row in the database knows what opens it. A
name is written once, whole or not at all, and never written again.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime
from typing import BinaryIO, Protocol
from uuid import UUID

import msgspec

from service import faults


class NoBlob(faults.Fault):
    """The bytes of this file are not where they should be."""

    kind, slug = faults.Kind.BROKEN, "no-blob"


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """One stored file: its name, its size, and since when it is there."""

    id: UUID
    size: int
    since: datetime


class Bytes(Protocol):
    """One stored file, held open: whatever happens to its name, these bytes stay the same."""

    size: int

    async def read(self, offset: int, count: int) -> bytes:
        """Return so many bytes from a place on; fewer at the end."""
        ...


class Blobs(Protocol):
    """Keeps files under ids; raises NoBlob where there is none, Busy where the place is full."""

    async def put(self, blob_id: UUID, pieces: AsyncIterator[bytes]) -> int:
        """Store a file as it comes and return its size; one that stops half-way leaves nothing.

        When this returns, the file survives a loss of power. A name that is taken is a ValueError.
        """
        ...

    def scratch(self) -> AbstractContextManager[BinaryIO]:
        """Open a file of this machine for what is not sealed for good yet; it ends when closed."""
        ...

    def open(self, blob_id: UUID) -> AbstractAsyncContextManager[Bytes]:
        """Hold a file open for reading."""
        ...

    async def delete(self, blob_id: UUID) -> None:
        """Remove a file; one that is gone already is no fault."""
        ...

    def every(self) -> AsyncIterator[Stored]:
        """List all files, in no order."""
        ...
