"""The development outbox: a real mail server on loopback, for demo mode, that sends nothing on.

What it takes is kept as files, which the pages under /dev/outbox show. An address that ends in
.invalid bounces the way such addresses do: a report comes back to the sender.
"""

import asyncio
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from service import faults
from service.domain import ids
from service.store import caught
from workers import mailing, mailroom, pace
from workers.desk import Desk


class NotADemo(faults.Fault):
    """The development outbox is for demo mode only."""

    kind, slug = faults.Kind.INVALID, "outbox-outside-demo"
    advice = "Set LOOPKEEPER_SMTP_URL to your mail server."


class Outbox:
    """The hooks of the mail server; each answers in the words of SMTP."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self._desk = desk
        self._folder = folder

    async def handle_DATA(  # noqa: N802 - the name is the hook
        self, server: SMTP, session: Any, envelope: Any
    ) -> str:
        """Keep a mail; bounce what was addressed to nowhere; read what came back to us."""
        raw: bytes = envelope.content
        caught.keep(self._folder, raw)
        for address in envelope.rcpt_tos:
            if address.lower().endswith(".invalid"):
                sender = envelope.mail_from or ""
                await self._came_back(sender, bounce(raw, sender=sender))
            else:
                await self._came_back(address, raw)
        return "250 2.0.0 kept"

    async def _came_back(self, address: str, raw: bytes) -> None:
        delivery_id = await mailroom.addressed(self._desk, address)
        if delivery_id is not None:
            await mailroom.take(self._desk, delivery_id, raw)


async def run(desk: Desk, *, stop: asyncio.Event, folder: Path | None = None) -> None:
    """Take mail until told to stop; raises NotADemo anywhere else."""
    if not desk.settings.demo:
        raise NotADemo
    kept_in = folder or caught.folder_of(desk.settings.root_key_file)
    route = mailing.route(desk.settings)
    hooks = Outbox(desk, kept_in)

    def speak() -> SMTP:
        return SMTP(hooks, hostname="outbox", data_size_limit=mailroom.MOST_BYTES, ident="outbox")

    server = await asyncio.get_running_loop().create_server(speak, route.host, route.port)
    async with server:
        while not stop.is_set():
            await pace.rest(stop, 3600)


def bounce(raw: bytes, *, sender: str) -> bytes:
    """Write the report that a server sends back about a mail to a mailbox that is not there."""
    report = EmailMessage()
    report["From"] = "mailer-daemon@outbox.invalid"
    report["To"] = sender
    report["Subject"] = "Undelivered mail"
    report["Message-ID"] = f"<{ids.new_id().hex}@outbox.invalid>"
    report["Auto-Submitted"] = "auto-replied"
    report.set_content("There is no such mailbox.")
    status = EmailMessage()
    status["Reporting-MTA"] = "dns; outbox"
    recipient = EmailMessage()
    recipient["Action"] = "failed"
    recipient["Status"] = "5.1.1"
    headers = raw.replace(b"\r\n", b"\n").split(b"\n\n")[0].decode("ascii", "replace")
    report.make_mixed()
    report.attach(_blocks(status, recipient))
    original = EmailMessage()
    original.set_content(headers + "\n")
    original.replace_header("Content-Type", "text/rfc822-headers")
    report.attach(original)
    report.replace_header("Content-Type", "multipart/report")
    report.set_param("report-type", "delivery-status")
    return report.as_bytes()


def _blocks(*blocks: EmailMessage) -> EmailMessage:
    part = EmailMessage()
    part["Content-Type"] = "message/delivery-status"
    part.set_payload(list(blocks))
    return part
