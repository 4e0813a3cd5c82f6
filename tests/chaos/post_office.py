"""A mail server in a thread of its own: takes mail, remembers it, and misbehaves when told to."""

# ruff: noqa: PLR0917 - aiosmtpd hands its hooks up to five arguments by position

import asyncio
import hashlib
import random
import socket
import time
from email import message_from_bytes
from enum import StrEnum
from threading import Lock, Thread
from typing import Any

import msgspec
from aiosmtpd.smtp import SMTP, Envelope, Session

SLOW_S = (0.1, 0.7)


class Mood(StrEnum):
    """How the server answers now."""

    GOOD = "good"
    LATER = "4xx"
    NEVER = "5xx"
    SLOW = "slow"


class Taking(msgspec.Struct, frozen=True, kw_only=True):
    """One time a mail was taken: when, on the clock of `time.monotonic`, and a digest of it."""

    at: float
    digest: str


class PostOffice:
    """Counts each mail at the moment before it says 250: from then on it is its own to deliver."""

    def __init__(self) -> None:
        self.mood = Mood.GOOD
        self.taken: dict[str, list[Taking]] = {}
        """By Message-ID, once for every time it was taken."""
        self.port = _free_port()
        self._lock = Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="post-office", daemon=True)
        self._transports: set[asyncio.BaseTransport] = set()
        self._server: asyncio.Server | None = None

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()
        self._await(self._open())

    def stop(self) -> None:
        """Close for good."""
        self._await(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        if not self._thread.is_alive():
            self._loop.close()

    def goes_away(self) -> None:
        """Hang up on everybody and refuse connections."""
        self._await(self._close())

    def comes_back(self) -> None:
        """Answer again; nothing happens where it never went away."""
        self._await(self._open())

    def twice(self) -> int:
        """Count the mails that came more than they should: every taking after the first."""
        with self._lock:
            return sum(len(takings) - 1 for takings in self.taken.values())

    async def handle_EHLO(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        assert server.transport is not None
        self._transports.add(server.transport)
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if self.mood is Mood.LATER:
            return "451 4.7.1 not now"
        if self.mood is Mood.NEVER:
            return "550 5.7.1 not here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.mood is Mood.SLOW:
            # Not all alike: else every connection would be done at the same moment.
            await asyncio.sleep(random.uniform(*SLOW_S))
        assert isinstance(envelope.content, bytes)
        message_id = str(message_from_bytes(envelope.content)["message-id"])
        with self._lock:
            self.taken.setdefault(message_id, []).append(
                Taking(at=time.monotonic(), digest=hashlib.sha256(envelope.content).hexdigest())
            )
        return "250 2.0.0 taken"

    async def _open(self) -> None:
        if self._server is None:
            self._server = await self._loop.create_server(
                lambda: SMTP(self, enable_SMTPUTF8=True), "127.0.0.1", self.port
            )

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for transport in self._transports:
            assert isinstance(transport, asyncio.Transport)
            transport.abort()
        self._transports.clear()

    def _await(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
