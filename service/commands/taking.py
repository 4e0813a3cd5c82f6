"""Taking a backup: the database first, then the files, under another name until all is there.

Files are never changed, so that one which the dump names is still there when it is copied; one that
was destroyed in between is destroyed in the backup, too.
"""

import asyncio
import importlib.metadata
import re
import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID

from crypto import root
from service.commands import archive, dumping, opening
from service.commands.archive import Manifest, Part
from service.settings import Settings
from service.store import backups
from service.store.backups import Snapshot
from service.store.blob_files import FileBlobs
from service.store.blobs import NoBlob
from service.store.pool import Scope

NAME = re.compile(r"^loopkeeper-\d{8}T\d{6}Z$")
_UNFINISHED = ".unfinished"


class Bar(Protocol):
    """Hears how much there is to do and how much of it is done."""

    def begin(self, size: int) -> None:
        """So many bytes lie ahead."""
        ...

    def done(self, size: int) -> None:
        """So many bytes more are done."""
        ...


async def take(settings: Settings, folder: Path, bar: Bar) -> tuple[Path, Manifest]:
    """Make a backup in a folder and return where; whatever stops it leaves nothing behind.

    Raises NotMigrated, WrongRootKey, SeesTooLittle, ServerMissing, DumpFailed, NoRoom.
    """
    await opening.ready(settings)
    url = settings.database_url.reveal()
    async with backups.snapshot(url) as moment:
        named = folder / f"loopkeeper-{moment.taken_at:%Y%m%dT%H%M%SZ}"
        draft = named.with_name(f".{named.name}{_UNFINISHED}")
        with archive.room():
            draft.mkdir(mode=0o700, parents=True)
        try:
            manifest = await _filled(settings, moment, draft, bar)
            archive.write(draft, manifest)
            draft.rename(named)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    archive.sync(folder)
    await _remember(settings, manifest)
    return named, manifest


async def _filled(settings: Settings, moment: Snapshot, draft: Path, bar: Bar) -> Manifest:
    command = dumping.client("pg_dump", major=moment.major)
    blobs = FileBlobs(settings.attachments)
    named = set(moment.files)
    expected = sum([each.size async for each in blobs.every() if each.id in named])
    bar.begin(moment.size + expected)
    url = settings.database_url.reveal()
    dumped = dumping.dump(command, url, snapshot=moment.id)
    database = await asyncio.to_thread(_dumped, dumped, draft, bar)
    bar.done(max(0, moment.size - database.size))
    # Exactly those the dump names: what was stored since has no row in it.
    (draft / archive.FILES).mkdir(mode=0o700)
    copied = [await asyncio.to_thread(_copied, blobs, each, draft, bar) for each in moment.files]
    return Manifest(
        form=archive.FORM,
        taken_at=moment.taken_at,
        release=importlib.metadata.version("loopkeeper"),
        postgres=moment.major,
        pg_dump=dumping.version(command),
        migrations=moment.migrations,
        root_key_ids=[each.key_id.hex() for each in root.load(settings.root_key_file).every],
        checkpoint=moment.checkpoint,
        database=database,
        files=[each for each in copied if each is not None],
        gone=sum(each is None for each in copied),
    )


def _dumped(dumped: AbstractContextManager[BinaryIO], draft: Path, bar: Bar) -> Part:
    with archive.create(draft / archive.DUMP) as target, dumped as source:
        return Part(archive.DUMP, *archive.copy(source, target, bar.done))


def _copied(blobs: FileBlobs, blob_id: UUID, draft: Path, bar: Bar) -> Part | None:
    path = f"{archive.FILES}/{blob_id.hex[-2:]}/{blob_id}"
    with archive.room():
        (draft / path).parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with blobs.open_file(blob_id) as source, archive.create(draft / path) as target:
            return Part(path, *archive.copy(source, target, bar.done))
    except NoBlob:
        return None


async def _remember(settings: Settings, manifest: Manifest) -> None:
    async with (
        opening.pool(settings, "lk_worker") as pool,
        pool.transaction(Scope()) as connection,
    ):
        await backups.took(
            connection, manifest.taken_at, files=len(manifest.files), size=manifest.size
        )


def drop_older(folder: Path, *, keep: int) -> list[Path]:
    """Remove all whole backups of a folder but the youngest `keep`, and return them."""
    whole = [
        path
        for path in folder.iterdir()
        if NAME.match(path.name) and (path / archive.MANIFEST).is_file()
    ]
    older = sorted(whole, key=lambda path: path.name)[:-keep]
    for path in older:
        # Without its manifest it is no backup, should the rest of it outlast this process.
        (path / archive.MANIFEST).unlink()
        shutil.rmtree(path)
    return older
