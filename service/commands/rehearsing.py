"""Trying a backup: restored beside everything, proved, timed, and dropped again."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from service import clock, servers
from service.commands import bringing_back
from service.commands.backup import proved
from service.commands.taking import Bar
from service.domain import ids
from service.settings import Secret, Settings
from service.store import restores


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """How a rehearsal went."""

    name: str
    restore_seconds: float
    proof_seconds: float
    files: int
    lines: int
    broken: list[str]


def rehearse(settings: Settings, folder: Path, bar: Bar, *, url: str | None) -> Rehearsal:
    """Restore and prove a backup in a scratch database and a scratch folder."""
    with (
        tempfile.TemporaryDirectory(prefix="loopkeeper-rehearsal-") as scratch,
        _server(Path(scratch), settings, url) as server,
    ):
        return asyncio.run(_rehearsed(settings, folder, bar, server=server, scratch=Path(scratch)))


@contextmanager
def _server(scratch: Path, settings: Settings, url: str | None) -> Iterator[str]:
    if url is not None:
        yield url
        return
    given = {"REDIS_URL": settings.redis_url.reveal()}
    fast = servers.Durability.FAST
    with servers.running(scratch / "servers", durability=fast, given=given) as running:
        yield running.database_url


async def _rehearsed(
    settings: Settings, folder: Path, bar: Bar, *, server: str, scratch: Path
) -> Rehearsal:
    name = f"lk_rehearsal_{ids.new_id().hex}"
    await restores.make(server, name)
    try:
        there = msgspec.structs.replace(
            settings,
            database_url=Secret(_named(server, name)),
            web_database_url=None,
            worker_database_url=None,
            check_database_url=None,
            attachments_dir=scratch / "attachments",
        )
        began = clock.monotonic()
        manifest = await bringing_back.bring_back(there, folder, bar)
        restored = clock.monotonic()
        broken, lines = await proved(there, manifest.checkpoint)
        return Rehearsal(
            name=folder.name,
            restore_seconds=restored - began,
            proof_seconds=clock.monotonic() - restored,
            files=len(manifest.files),
            lines=lines,
            broken=broken,
        )
    finally:
        await restores.drop(server, name)


def _named(url: str, name: str) -> str:
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{name}{query}"
