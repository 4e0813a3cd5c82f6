"""Bringing a backup back: looked at whole first, into what is empty, held when it is there."""

import asyncio
import shutil
from pathlib import Path

from crypto import root
from service import faults
from service.commands import archive, dumping
from service.commands.archive import Manifest, Part
from service.commands.taking import Bar
from service.settings import Settings
from service.store import migrate, restores


class FilesNotEmpty(faults.Fault):
    """Something is in the folder of files already, and nothing is ever restored over it."""

    slug = "files-not-empty"
    advice = "Move it away, or name an empty folder in LOOPKEEPER_ATTACHMENTS_DIR."


class OtherRootKey(faults.Fault):
    """This root key does not open this backup."""

    slug = "other-root-key"


async def bring_back(settings: Settings, folder: Path, bar: Bar) -> Manifest:
    """Restore a backup into an empty database and an empty folder, and hold all sending.

    Raises NotABackup, Damaged, OtherRootKey, NewerSchema, ChangedMigration, NotEmpty,
    FilesNotEmpty, ServerMissing, DumpFailed, NoRoom; after any of them nothing was changed.
    """
    manifest = archive.read(folder)
    _fits(settings, manifest)
    major = await restores.major_of_empty(settings.database_url.reveal())
    _empty(settings.attachments)
    command = dumping.client("pg_restore", major=major, at_least=manifest.pg_dump)
    bar.begin(2 * manifest.size)
    await asyncio.to_thread(archive.verify, folder, manifest, bar.done)
    try:
        await asyncio.to_thread(_files, settings.attachments, folder, manifest, bar)
        await _database(settings, folder, manifest, command)
    except BaseException:
        _clear(settings.attachments)
        raise
    bar.done(manifest.database.size)
    return manifest


def _fits(settings: Settings, manifest: Manifest) -> None:
    there = {each.key_id.hex() for each in root.load(settings.root_key_file).every}
    missing = [each for each in manifest.root_key_ids if each not in there]
    if missing:
        raise OtherRootKey(
            f"It needs the root key {', '.join(missing)}, and {settings.root_key_file} has"
            f" {', '.join(sorted(there))}. Fetch the key from where it is kept apart."
        )
    migrate.checked(manifest.migrations)


def _empty(attachments: Path) -> None:
    if attachments.exists() and any(attachments.iterdir()):
        raise FilesNotEmpty


def _clear(attachments: Path) -> None:
    """Leave the folder as empty as it was found; it may be a mount, so it stays itself."""
    if attachments.is_dir():
        for each in attachments.iterdir():
            shutil.rmtree(each, ignore_errors=True)


def _files(attachments: Path, folder: Path, manifest: Manifest, bar: Bar) -> None:
    with archive.room():
        attachments.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in manifest.files:
        target = attachments / Path(part.path).relative_to(archive.FILES)
        with archive.room():
            target.parent.mkdir(mode=0o700, exist_ok=True)
        with (folder / part.path).open("rb") as source, archive.create(target) as file:
            _same(part, archive.copy(source, file, bar.done))


def _same(part: Part, found: tuple[int, str]) -> None:
    if found != (part.size, part.sha256):
        raise archive.Damaged(f"{part.path} changed while it was read. {archive.Damaged.advice}")


async def _database(settings: Settings, folder: Path, manifest: Manifest, command: Path) -> None:
    url, root_key = settings.database_url.reveal(), root.load(settings.root_key_file)
    await migrate.make_roles(url, root_key)
    async with restores.closed(url):
        with (folder / manifest.database.path).open("rb") as dumped:
            await asyncio.to_thread(dumping.restore, command, url, dumped)
        # An older backup gets what this release has more of, the place of the hold among it.
        await migrate.migrate(url, root_key=root_key, movable_clock=settings.demo)
        await restores.hold(url, manifest.taken_at)
