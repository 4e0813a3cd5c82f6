"""What a backup is made of: a folder with a dump, the files, and a manifest written last.

The manifest names every part with its size and hash, the migrations, the head of the record and the
ids of the root keys; never a key. A folder without a manifest is no backup.
"""

import contextlib
import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from service import faults

DUMP, FILES, MANIFEST = "database.dump", "files", "manifest.json"
FORM = 1
_PIECE = 1024 * 1024


class NotABackup(faults.Fault):
    """There is no whole backup in this folder."""

    slug = "not-a-backup"
    advice = "Name a folder that `loopkeeper backup` made; one without a manifest was cut short."


class Damaged(faults.Fault):
    """This backup is not what was written."""

    slug = "backup-damaged"
    advice = "Take another one, or fetch this one again from where it is kept."


class NoRoom(faults.Fault):
    """There is no room for it left; nothing half done stays behind."""

    slug = "no-room"
    advice = "Make room there, or name another folder."


class Part(msgspec.Struct, frozen=True):
    """One file of a backup: its path in the folder, its size, its SHA-256 in hex."""

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds, and what it takes to bring it back."""

    form: int
    taken_at: datetime
    release: str
    postgres: int
    pg_dump: int
    migrations: dict[str, str]
    root_key_ids: list[str]
    checkpoint: str | None
    database: Part
    files: list[Part]
    gone: int = 0
    """Files the database named and that were not there: destroyed meanwhile, or lost before."""

    @property
    def size(self) -> int:
        """Bytes of all parts together."""
        return self.database.size + sum(each.size for each in self.files)


Told = Callable[[int], None]
"""Hears how many bytes more were done."""


@contextlib.contextmanager
def room() -> Iterator[None]:
    """Say of a full disk that it is full."""
    try:
        yield
    except OSError as reason:
        if reason.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise NoRoom from reason
        raise


def create(path: Path) -> BinaryIO:
    """Open a new file for nobody else."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def copy(source: BinaryIO, target: BinaryIO, told: Told) -> tuple[int, str]:
    """Copy one stream to the disk and return its size and hash."""
    size, known = 0, hashlib.sha256()
    with room():
        while piece := source.read(_PIECE):
            target.write(piece)
            known.update(piece)
            size += len(piece)
            told(len(piece))
        target.flush()
        os.fsync(target.fileno())
    return size, known.hexdigest()


def sync(folder: Path) -> None:
    """Let the names in a folder survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest: with it a folder is a backup."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    with room(), create(folder / MANIFEST) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    sync(folder)


def read(folder: Path) -> Manifest:
    """Read the manifest of a backup; raises NotABackup, Damaged."""
    try:
        text = (folder / MANIFEST).read_bytes()
    except OSError:
        raise NotABackup from None
    try:
        found = msgspec.json.decode(text, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Damaged("Its manifest cannot be read. " + Damaged.advice) from None
    if found.form != FORM or not all(_inside(each) for each in (found.database, *found.files)):
        raise Damaged("Its manifest speaks of things a backup does not have. " + Damaged.advice)
    return found


def _inside(part: Part) -> bool:
    path = Path(part.path)
    return not path.is_absolute() and ".." not in path.parts


def verify(folder: Path, manifest: Manifest, told: Told) -> None:
    """Reckon every hash again; raises Damaged with what differs, before anything is restored."""
    for part in (manifest.database, *manifest.files):
        if _reckoned(folder / part.path, told) != (part.size, part.sha256):
            raise Damaged(f"{part.path} is cut short, changed or gone. {Damaged.advice}")


def _reckoned(path: Path, told: Told) -> tuple[int, str] | None:
    size, known = 0, hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                size += len(piece)
                known.update(piece)
                told(len(piece))
    except FileNotFoundError:
        return None
    return size, known.hexdigest()
