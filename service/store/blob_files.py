"""Files in a folder of this machine: 0700 the folders, 0600 the files, ids for names.

A file is written without a name and gets it when it is whole and on the disk, so that a process
that is killed leaves nothing behind. Where the system knows no such files, it begins with a dot.
"""

import asyncio
import contextlib
import errno
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from service import faults
from service.store.blobs import NoBlob, Stored

NAMELESS = hasattr(os, "O_TMPFILE")
"""Whether this system knows files without a name."""

_FULL = (errno.ENOSPC, errno.EDQUOT)


class FileBlobs:
    """The protocol of `service.store.blobs` over a folder."""

    def __init__(self, folder: Path, *, nameless: bool = NAMELESS) -> None:
        self._folder = folder
        self._nameless = nameless

    def __repr__(self) -> str:
        return f"<blobs in {self._folder}>"

    async def put(self, blob_id: UUID, pieces: AsyncIterator[bytes]) -> int:
        """Store a file as it comes and return its size; one that stops half-way leaves nothing."""
        try:
            with self._writing(blob_id) as file:
                async for piece in pieces:
                    await asyncio.to_thread(file.write, piece)
                return await asyncio.to_thread(self._kept, file, blob_id)
        except OSError as reason:
            if reason.errno in _FULL:
                raise faults.Busy("There is no room for files left.", retry_after=60) from reason
            raise

    @contextlib.contextmanager
    def open_file(self, blob_id: UUID) -> Iterator[BinaryIO]:
        """Open a file for reading; raises NoBlob."""
        try:
            file = self._path(blob_id).open("rb")
        except FileNotFoundError:
            raise NoBlob from None
        with file:
            yield file

    @contextlib.asynccontextmanager
    async def open(self, blob_id: UUID) -> AsyncIterator["_Bytes"]:
        """Hold a file open for reading."""
        with self.open_file(blob_id) as file:
            yield _Bytes(file)

    async def delete(self, blob_id: UUID) -> None:
        """Remove a file; one that is gone already is no fault."""
        await asyncio.to_thread(self._path(blob_id).unlink, missing_ok=True)

    async def every(self) -> AsyncIterator[Stored]:
        """List all files, in no order."""
        for found in await asyncio.to_thread(list, self._found()):
            yield found

    @contextlib.contextmanager
    def scratch(self) -> Iterator[BinaryIO]:
        """Open a file without a name, which ends with the process that has it."""
        with tempfile.TemporaryFile(dir=_made(self._folder), prefix=".") as file:
            yield file  # type: ignore[misc]

    def _found(self) -> Iterator[Stored]:
        for path in self._folder.glob("??/*"):
            with contextlib.suppress(ValueError, FileNotFoundError):
                seen = path.stat()
                since = datetime.fromtimestamp(seen.st_mtime, UTC)
                yield Stored(id=UUID(path.name), size=seen.st_size, since=since)

    @contextlib.contextmanager
    def _writing(self, blob_id: UUID) -> Iterator["_Writing"]:
        folder = _made(self._path(blob_id).parent)
        handle = _nameless(folder) if self._nameless else None
        name = None
        if handle is None:
            handle, name = tempfile.mkstemp(dir=folder, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                yield _Writing(file, name)
        finally:
            if name is not None:
                Path(name).unlink(missing_ok=True)

    def _kept(self, file: "_Writing", blob_id: UUID) -> int:
        """Give a whole file its name, once its bytes are on the disk, and the name after them."""
        path = self._path(blob_id)
        size = file.finish()
        if path.exists():
            raise ValueError("A file of this name is there already.")
        file.name_it(path)
        _sync(path.parent)
        return size

    def _path(self, blob_id: UUID) -> Path:
        # The end of an id is random, its beginning is the time: 256 folders of one size.
        return self._folder / blob_id.hex[-2:] / str(blob_id)


class _Writing:
    """A file that is being written: without a name, or under one that begins with a dot."""

    def __init__(self, file: BinaryIO, name: str | None) -> None:
        self._file = file
        self._name = name

    def write(self, piece: bytes) -> None:
        self._file.write(piece)

    def finish(self) -> int:
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def name_it(self, path: Path) -> None:
        if self._name is None:
            _link(self._file.fileno(), path)
        else:
            os.replace(self._name, path)


class _Bytes:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    async def read(self, offset: int, count: int) -> bytes:
        return await asyncio.to_thread(os.pread, self._file.fileno(), count, offset)


def _nameless(folder: Path) -> int | None:
    """Open a file without a name, or nothing where this folder takes none."""
    try:
        # Not exclusive, which would forbid to name it later.
        return os.open(folder, os.O_RDWR | os.O_TMPFILE, 0o600)
    except OSError as reason:
        if reason.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
            return None
        raise


def _link(handle: int, path: Path) -> None:
    """Give a nameless file its name."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        source = f"/proc/self/fd/{handle}"
        os.link(source, path.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def _made(folder: Path) -> Path:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync(folder.parent)
    return folder


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
