"""A real SMTP server on loopback that can be told to misbehave."""

# ruff: noqa: PLR0917 - aiosmtpd hands its hooks up to five arguments by position

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Office:
    """What the server does at each command, and what it took in.

    `at` maps "EHLO", "MAIL", "RCPT" or "DATA" to a reply to give instead, to "drop" or to
    "hang"; a list is used up one by one. `taken` holds the raw bytes of each mail.
    """

    at: dict[str, list[str]] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    return_paths: list[str] = field(default_factory=list)
    transports: list[asyncio.BaseTransport] = field(default_factory=list)
    connections: int = 0
    open_envelopes: int = 0
    most_open: int = 0

    async def handle_EHLO(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        self.connections += 1
        assert server.transport is not None
        self.transports.append(server.transport)
        session.host_name = hostname
        said = await self._misbehave("EHLO", server)
        return [said] if said else responses

    async def handle_HELO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str
    ) -> str:
        session.host_name = hostname
        return await self._misbehave("EHLO", server) or "250 here"

    async def handle_MAIL(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        said = await self._misbehave("MAIL", server)
        if said:
            return said
        self.open_envelopes += 1
        self.most_open = max(self.most_open, self.open_envelopes)
        envelope.mail_from = address
        return "250 2.1.0 ok"

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        said = await self._misbehave("RCPT", server)
        if said:
            return said
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        said = await self._misbehave("DATA", server)
        if said:
            return said
        self.open_envelopes -= 1
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        self.recipients.extend(envelope.rcpt_tos)
        self.return_paths.append(envelope.mail_from or "")
        return "250 2.0.0 queued as 1"

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        said = await self._misbehave("RSET", server)
        self.open_envelopes = 0
        return said or "250 2.0.0 ok"

    async def hang_up(self) -> None:
        """Close every connection, as a server that goes away does."""
        for transport in self.transports:
            transport.abort()
        await asyncio.sleep(0.01)

    async def _misbehave(self, command: str, server: SMTP) -> str:
        said = self.at[command].pop(0) if self.at.get(command) else ""
        if said == "drop":
            assert server.transport is not None
            server.transport.abort()
            await asyncio.sleep(0.05)
            return "421 gone"
        if said == "hang":
            await asyncio.sleep(1.2)
            return "250 late"
        return said


@contextlib.contextmanager
def running(
    office: Office,
    tls: ssl.SSLContext | None = None,
    *,
    implicit: bool = False,
    port: int | None = None,
) -> Iterator[int]:
    """Run the server on a port, a free one unless named, and leave no connection behind."""
    options: dict[str, Any] = {}
    if tls is not None:
        options = {"ssl_context": tls} if implicit else {"tls_context": tls}
    controller = Controller(office, hostname="127.0.0.1", port=port or free(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        asyncio.run_coroutine_threadsafe(office.hang_up(), controller.loop).result(5)
        controller.stop()


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
