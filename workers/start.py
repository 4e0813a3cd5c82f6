"""Starting workers: one by name, or all of them in one process; stopped by SIGTERM or SIGINT.

`run(name, settings)` is for a process of its own; `work(name, settings, stop=event)` for a caller
that has a loop. Names: relay, courier, receipts, clockwork, sealer, scanner, mailroom,
outbox and gateway (demo mode only) and all.
"""

import asyncio
import importlib
import importlib.util
import signal
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from channels.webhook import WebhookChannel
from service import faults
from service.settings import Settings
from workers import (
    clockwork,
    courier,
    desk,
    hooks,
    lookout,
    mailing,
    mailroom,
    numberer,
    outbox_server,
    phones,
    receipts,
    relay,
    ringer,
    scanner,
    sealer,
    text_gateway,
)
from workers.desk import Desk

NAMES = ("relay", "courier", "receipts", "clockwork", "sealer", "scanner")
"""The workers that every network needs; each may run more than once."""

OUTBOX = "outbox"
"""The development outbox: a mail server for demo mode."""

MAILROOM = "mailroom"
"""Takes what comes back of our mails, where the settings name a place for it to listen on."""

GATEWAY = "gateway"
"""The development gateway: takes texts as Kannel does, for demo mode."""

ALL = "all"
"""Every worker in one process; with the development outbox where a demo names no mail server."""


class NotAWorker(faults.Fault):
    """There is no worker of that name."""

    kind, slug = faults.Kind.INVALID, "no-such-worker"
    advice = f"Name one of {', '.join((*NAMES, MAILROOM, OUTBOX, GATEWAY, ALL))}."


def run(name: str, settings: Settings, *, folder: Path | None = None) -> None:
    """Work until SIGTERM or SIGINT; `folder` is where the development outbox keeps its mails."""
    with asyncio.Runner(loop_factory=_loop()) as runner:
        runner.run(_until_signalled(name, settings, folder=folder))


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Take the faster loop where it is installed; it has no wheels for some systems."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    return importlib.import_module("uvloop").new_event_loop


async def _until_signalled(name: str, settings: Settings, *, folder: Path | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await work(name, settings, stop=stop, folder=folder)


async def work(
    name: str, settings: Settings, *, stop: asyncio.Event, folder: Path | None = None
) -> None:
    """Run one worker, or all, until `stop` is set; what is on its way is finished first."""
    async with desk.opened(settings, name=name) as opened:
        workers = [_worker(each, opened, folder) for each in _named(name, settings)]
        try:
            async with asyncio.TaskGroup() as group:
                for each in workers:
                    group.create_task(_to_the_end(each, stop))
        except* faults.Fault as group_of_faults:
            raise group_of_faults.exceptions[0] from None


def _named(name: str, settings: Settings) -> tuple[str, ...]:
    if name == ALL:
        outbox = (OUTBOX,) if settings.demo and settings.smtp is None else ()
        return (*outbox, *((MAILROOM,) if settings.mailroom else ()), *NAMES)
    if name not in (*NAMES, MAILROOM, OUTBOX, GATEWAY):
        raise NotAWorker
    return (name,)


def _worker(name: str, opened: Desk, folder: Path | None) -> Callable[..., Awaitable[None]]:
    if name == "courier":
        return partial(_carrying, opened)
    if name in _CATCHES:
        return lambda stop: _CATCHES[name](opened, stop=stop, folder=folder)
    return lambda stop: _WORKS[name](opened, stop=stop)


async def _carrying(opened: Desk, stop: asyncio.Event) -> None:
    """Carry mails and texts, and tell webhooks beside them: no receiver holds up a mail."""
    ways = mailing.channels(opened.settings, count=courier.CONNECTIONS)
    to_phones = phones.of(opened.db, opened.settings)
    mails = courier.Courier(opened, ways, phones=to_phones)
    hooked = hooks.Hooks(opened, WebhookChannel(loopback=opened.settings.demo))
    await _beside(mails.run, hooked.run, stop=stop)


async def _sealing(opened: Desk, *, stop: asyncio.Event) -> None:
    """Seal, number and ring in one process: all work behind what was committed."""
    works = (partial(each.run, opened) for each in (sealer, numberer, ringer))
    await _beside(*works, stop=stop)


async def _watching(opened: Desk, *, stop: asyncio.Event) -> None:
    """Run clockwork, and the lookout beside it: what reckons for everybody is one process."""
    await _beside(partial(clockwork.run, opened), partial(lookout.run, opened), stop=stop)


async def _beside(*works: Callable[..., Awaitable[None]], stop: asyncio.Event) -> None:
    """Run several kinds of work in one process that must not wait for each other."""
    async with asyncio.TaskGroup() as group:
        for each in works:
            group.create_task(_to_the_end(lambda ends, run=each: run(stop=ends), stop))


_WORKS: dict[str, Callable[..., Awaitable[None]]] = {
    "relay": relay.run,
    "receipts": receipts.run,
    "clockwork": _watching,
    "sealer": _sealing,
    "scanner": scanner.run,
    MAILROOM: mailroom.run,
}
_CATCHES: dict[str, Callable[..., Awaitable[None]]] = {
    OUTBOX: outbox_server.run,
    GATEWAY: text_gateway.run,
}
"""What a demonstration runs in place of the servers of others; it keeps what they take."""


async def _to_the_end(worker: Callable[..., Awaitable[None]], stop: asyncio.Event) -> None:
    """Run one worker; if it falls, the others stop in an orderly way instead of running lame."""
    try:
        await worker(stop)
    finally:
        stop.set()
