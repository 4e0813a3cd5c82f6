"""The mailroom: a mail server for what comes back of our mails, and for nothing else.

Every mail of ours has a return path of its own. Who writes to one is heard: a report is kept before
anything is made of it, and the receipts worker applies it. Nobody is ever answered.
"""

import asyncio
import contextlib
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from aiosmtpd.smtp import SMTP

from service import faults, logs
from service.actions import return_paths
from service.store import receipts
from service.store.pool import Scope
from workers import bell, pace, reports
from workers.desk import Desk

PROVIDER = "mail"
MOST_BYTES = 1_048_576
PATIENCE_S = 60.0
_BEAT_S = 5.0

_LATER = "451 4.3.0 try again later"
_NOBODY = "550 5.1.1 no such mailbox"


class Ear(SMTP):
    """Reads lines longer than mail allows: some servers send their reports so."""

    line_length_limit = MOST_BYTES


class NoPlace(faults.Fault):
    """The settings name no place for the mailroom to listen on."""

    kind, slug = faults.Kind.INVALID, "mailroom-without-place"
    advice = "Set LOOPKEEPER_MAILROOM, for example to 0.0.0.0:2525."


class NoCertificate(faults.Fault):
    """The mailroom's certificate or its key cannot be read."""

    kind, slug = faults.Kind.INVALID, "mailroom-without-certificate"
    advice = "LOOPKEEPER_MAILROOM_CERT and _KEY name PEM files that belong together."


def _tls(files: tuple[Path, Path] | None) -> ssl.SSLContext | None:
    """Return what offers STARTTLS; other servers choose, as mail between strangers goes."""
    if files is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(*files)
    except (OSError, ssl.SSLError) as reason:
        raise NoCertificate from reason
    return context


async def addressed(desk: Desk, address: str) -> UUID | None:
    """Return the delivery whose return path this is, or None."""
    domain = desk.settings.return_domain
    return await return_paths.delivery_of(desk.office.keys, address, domain=domain)


async def take(desk: Desk, delivery_id: UUID, raw: bytes) -> None:
    """Keep what came back of a delivery, once, and ring for whoever applies it."""
    reading = reports.read(raw)
    receipt = receipts.NewReceipt(
        provider=PROVIDER,
        event_id=f"{delivery_id.hex}.{reading.event_id}",
        kind=reading.told,
        message_id=None,
        code=reading.code,
        delivery_id=delivery_id,
        facts=reading.facts,
    )
    async with desk.db.transaction(Scope()) as connection:
        kept = await receipts.insert(connection, receipt)
    if kept is not None:
        with contextlib.suppress(bell.Silent):
            await desk.bell.ring(bell.RECEIPTS, [kept])


class Mailroom:
    """The hooks of the mail server; each answers in the words of SMTP."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.taken = 0

    async def handle_RCPT(  # noqa: N802, PLR0917 - the hook of the library
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Let in what is addressed to one of our return paths."""
        try:
            if await addressed(self._desk, address) is None:
                return _NOBODY
        except faults.Busy:
            return _LATER
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(  # noqa: N802 - the hook of the library
        self, server: SMTP, session: Any, envelope: Any
    ) -> str:
        """Keep what came; only then say that it was taken."""
        try:
            delivery_id = await addressed(self._desk, envelope.rcpt_tos[0])
            if delivery_id is None:
                return _NOBODY
            await take(self._desk, delivery_id, envelope.content)
        except faults.Busy:
            return _LATER
        self.taken += 1
        return "250 2.0.0 kept"

    async def handle_exception(self, error: Exception) -> str:
        """Let the other server try again, and tell it nothing of a mistake of ours."""
        logs.broke("mail not taken", error, worker="mailroom")
        return _LATER


async def run(desk: Desk, *, stop: asyncio.Event) -> None:
    """Take mail until told to stop; raises NoPlace, NoCertificate where the settings are wrong."""
    where = urlsplit(f"//{desk.settings.mailroom}")
    if not where.hostname or where.port is None:
        raise NoPlace
    hooks, tls = Mailroom(desk), _tls(desk.settings.mailroom_tls)

    def speak() -> SMTP:
        return Ear(
            hooks,
            hostname=desk.settings.return_domain,
            ident="mailroom",
            data_size_limit=MOST_BYTES,
            timeout=PATIENCE_S,
            tls_context=tls,
        )

    async def say_alive() -> None:
        await desk.beat("mailroom", taken=hooks.taken)
        await pace.rest(stop, _BEAT_S)

    server = await asyncio.get_running_loop().create_server(speak, where.hostname, where.port)
    async with server:
        await pace.steadily("mailroom", say_alive, stop=stop, wait=_BEAT_S)
