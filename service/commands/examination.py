"""What `doctor` looks at: one sentence each, and what to do where something is missing."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from typing import Literal

import msgspec

from crypto import root
from crypto.faults import RootKeyRefused
from service import clock, faults, fence
from service.actions.scan_attachment import Away
from service.commands import opening
from service.commands.serving import WORKERS
from service.settings import Settings, printing
from service.store import backups, migrate, operations, restores
from service.store.pool import Scope
from workers.clamd import Clamd

Mark = Literal["ok", "note", "bad"]
SILENT_SECONDS = 60.0
OLD_EFFECT_SECONDS = 300.0
OLD_BACKUP_HOURS = 26.0


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """How one thing is; `bad` keeps the service from working, a `note` is worth knowing."""

    what: str
    says: str
    mark: Mark = "ok"


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything, even where something before it is bad."""
    found = []
    for look in _LOOKS:
        try:
            found += [each async for each in look(settings)]
        except (faults.Fault, RootKeyRefused) as fault:
            name = look.__name__.strip("_").replace("_", " ")
            found.append(Finding(what=name, says=_sentence(fault), mark="bad"))
    return found


def _sentence(fault: Exception) -> str:
    if isinstance(fault, faults.Fault):
        return f"{fault.title()} {fault.detail}"
    return str(fault)


async def _settings(settings: Settings) -> AsyncIterator[Finding]:
    mode = "demo mode: the clock moves and mail is caught" if settings.demo else "production"
    yield Finding(what="settings", says=f"complete; {mode}; people come to {settings.public_url}.")


async def _fence(settings: Settings) -> AsyncIterator[Finding]:
    fence.check()
    yield Finding(what="packages", says="all five are ours and lie side by side.")


async def _root_key(settings: Settings) -> AsyncIterator[Finding]:
    key = root.load(settings.root_key_file)
    yield Finding(what="root key", says=f"{key.key_id.hex()} in {settings.root_key_file}.")


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    where = printing.masked(settings.database_url)
    found = await operations.look(settings.database_url.reveal())
    yield Finding(what="database", says=f"{where} answers.")
    if found.pending:
        says = f"{len(found.pending)} are missing. Run `loopkeeper migrate`."
        yield Finding(what="migrations", says=says, mark="bad")
    else:
        yield Finding(what="migrations", says=f"all {len(list(migrate.migrations()))} are applied.")
    if found.empty:
        return
    await opening.ready(settings)
    yield Finding(what="root key", says="it opens this database.")


async def _roles(settings: Settings) -> AsyncIterator[Finding]:
    for role in ("lk_web", "lk_worker", "lk_check"):
        async with opening.pool(settings, role, size=1):
            pass
    yield Finding(what="roles", says="web, worker and check sign in; none may pass the fences.")


async def _state(settings: Settings) -> AsyncIterator[Finding]:
    async with (
        opening.pool(settings, "lk_check") as pool,
        pool.transaction(Scope()) as connection,
    ):
        server = await operations.server(connection)
        counts = await operations.counts(connection)
        backlog = await operations.backlog(connection)
        beats = {each.name: each.silent_seconds for each in await operations.beats(connection)}
        frozen = await operations.frozen_at(connection)
    yield _clock(server, frozen=frozen is not None)
    yield Finding(
        what="network",
        says=f"{counts.organizations} organizations, {counts.members} members,"
        f" {counts.referrals} referrals, {counts.tasks} open tasks.",
    )
    yield _workers(beats)
    yield _outbox(backlog)


def _clock(server: operations.Server, *, frozen: bool) -> Finding:
    if frozen:
        says = "it jumped and timers do not fire. Set the time, then `loopkeeper clock release`."
        return Finding(what="clock", says=says, mark="bad")
    apart = abs((server.lk_now - server.offset_by - clock.real_now()).total_seconds())
    if apart > 5:
        says = f"the database's is {apart:.0f} s from this machine's. Set both by NTP."
        return Finding(what="clock", says=says, mark="bad")
    moved = f"; the demo is {server.offset_by} ahead" if server.offset_by else ""
    says = f"PostgreSQL {server.major} and this machine agree{moved}."
    return Finding(what="clock", says=says)


def _workers(beats: dict[str, float]) -> Finding:
    # Two work in the processes of others, and may stand still alone.
    every = (*WORKERS, "numberer", "hooks")
    silent = [name for name in every if beats.get(name, SILENT_SECONDS) >= SILENT_SECONDS]
    if silent:
        says = f"{', '.join(silent)} gave no sign of life for a minute: what they do waits."
        return Finding(what="workers", says=says, mark="note")
    return Finding(what="workers", says="all are at work.")


def _outbox(backlog: operations.Backlog) -> Finding:
    says = f"{backlog.waiting} due, {backlog.parked} parked, {backlog.dead} dead."
    late = backlog.oldest_seconds > OLD_EFFECT_SECONDS or backlog.dead
    return Finding(what="outbox", says=says, mark="note" if late else "ok")


async def _backups(settings: Settings) -> AsyncIterator[Finding]:
    async with (
        opening.pool(settings, "lk_check") as pool,
        pool.transaction(Scope()) as connection,
    ):
        hold = await restores.held(connection)
        last = await backups.last_backup(connection)
    if hold is not None:
        says = f"held since {hold.held_at:%F %H:%M}Z; see `loopkeeper restore review`."
        yield Finding(what="restore", says=says, mark="bad")
    if last is None:
        says = "none was taken by `loopkeeper backup`. Take one every night."
        yield Finding(what="backup", says=says, mark="note")
    else:
        hours = (clock.real_now() - last).total_seconds() / 3600
        mark: Mark = "note" if hours > OLD_BACKUP_HOURS else "ok"
        yield Finding(what="backup", says=f"the last is {hours:.0f} hours old.", mark=mark)


async def _redis(settings: Settings) -> AsyncIterator[Finding]:
    from redis import asyncio as redis
    from redis.exceptions import RedisError

    client = redis.Redis.from_url(settings.redis_url.reveal(), socket_timeout=2)
    try:
        info = await client.info("server")
        says = f"version {info['redis_version']} answers. It is a bell: losing it loses nothing."
        yield Finding(what="redis", says=says)
    except (RedisError, OSError):
        says = "it does not answer. Steps go on, mail waits. Start it or correct REDIS_URL."
        yield Finding(what="redis", says=says, mark="bad")
    finally:
        await client.aclose()


async def _mail_server(settings: Settings) -> AsyncIterator[Finding]:
    smtp = settings.smtp
    if smtp is None:
        says = "none is set; the demo's own outbox takes the mail."
        yield Finding(what="mail server", says=says, mark="note")
        return
    try:
        async with asyncio.timeout(5):
            _, writer = await asyncio.open_connection(smtp.host, smtp.port)
        writer.close()
        yield Finding(what="mail server", says=f"{smtp.host}:{smtp.port} answers ({smtp.tls}).")
    except (OSError, TimeoutError):
        says = f"{smtp.host}:{smtp.port} does not answer; mail waits. Is LOOPKEEPER_SMTP_URL right?"
        yield Finding(what="mail server", says=says, mark="bad")


async def _files(settings: Settings) -> AsyncIterator[Finding]:
    where = settings.attachments
    if where.is_dir() and not os.access(where, os.W_OK):
        says = f"{where} cannot be written; correct its owner or LOOPKEEPER_ATTACHMENTS_DIR."
        yield Finding(what="files", says=says, mark="bad")
    else:
        yield Finding(what="files", says=f"they lie in {where}, sealed.")


async def _virus_scanner(settings: Settings) -> AsyncIterator[Finding]:
    if not settings.clamd:
        says = "none is set: files pass by their form alone. Set LOOPKEEPER_CLAMD."
        yield Finding(what="clamd", says=says, mark="note")
        return
    try:
        version = await Clamd(settings.clamd, patience=5).version()
        yield Finding(what="clamd", says=f"{version} answers.")
    except Away:
        says = "it does not answer; uploaded files wait. Start it or correct LOOPKEEPER_CLAMD."
        yield Finding(what="clamd", says=says, mark="bad")


_LOOKS: tuple[Callable[[Settings], AsyncIterator[Finding]], ...] = (
    _settings,
    _fence,
    _root_key,
    _database,
    _roles,
    _state,
    _backups,
    _redis,
    _mail_server,
    _files,
    _virus_scanner,
)
