"""The mail channel: one kept SMTP connection, TLS unless development says otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from typing import Literal

import aiosmtplib
import msgspec
from aiosmtplib import errors

from channels import mime
from channels.parcel import Later, Never, Parcel, Sent

Phase = Literal["connect", "sender", "recipient", "data"]

# RFC 3463: the X.1 codes that speak of the recipient's address (X.1.7 and X.1.8 speak of ours).
_DEAD_MAILBOX = re.compile(r"\b5\.1\.(?:1|2|3|6|10)\b")
_ENHANCED = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b")
# 421 is "closing down"; 530, 534, 535 and 538 ask for TLS or better credentials. None of them
# is about the parcel, so none of them may cost it a try.
_ABOUT_US = frozenset({421, 530, 534, 535, 538})
_PARCELS_PER_CONNECTION = 100
_QUIT_S = 2.0


class MailRoute(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail goes out: the server, how to prove ourselves to it, and over what TLS.

    `insecure_ok` turns TLS off altogether: for a development server only, never with
    credentials.
    """

    host: str
    port: int
    username: str = ""
    password: str = ""
    tls: Literal["starttls", "implicit"] = "starttls"
    insecure_ok: bool = False

    def __post_init__(self) -> None:
        if self.insecure_ok and (self.username or self.password):
            raise ValueError("credentials need TLS: leave insecure_ok off")

    def __repr__(self) -> str:
        """Name the server without the credentials."""
        return f"<MailRoute {self.host}:{self.port}>"


class MailChannel:
    """Carries mail over one kept connection; parcels wait for each other.

    `timeout_s` bounds each SMTP command. A connection that was idle for `idle_s` seconds is
    tested with RSET before it is trusted.
    """

    def __init__(
        self,
        route: MailRoute,
        *,
        tls_context: ssl.SSLContext | None = None,
        timeout_s: float = 15.0,
        idle_s: float = 20.0,
        local_hostname: str | None = None,
    ) -> None:
        def client() -> aiosmtplib.SMTP:
            # A closure, because a partial would print the password in its repr.
            return aiosmtplib.SMTP(
                hostname=route.host,
                port=route.port,
                username=route.username or None,
                password=route.password or None,
                use_tls=route.tls == "implicit" and not route.insecure_ok,
                # None would be opportunistic: a man in the middle could strip it.
                start_tls=route.tls == "starttls" and not route.insecure_ok,
                tls_context=tls_context,
                timeout=timeout_s,
                local_hostname=local_hostname,
            )

        self._client = client
        self._idle_s = idle_s
        self._lock = asyncio.Lock()
        self._smtp: aiosmtplib.SMTP | None = None
        self._carried = 0
        self._last_used = 0.0

    async def carry(self, parcel: Parcel) -> Sent | Later | Never:
        """Send one mail and say what became of it; raise nothing but cancellation."""
        try:
            content = mime.compose(parcel)
            sender = mime.envelope_address(parcel.return_path or parcel.sender, part="sender")
            recipient = mime.envelope_address(parcel.to_address)
        except mime.MalformedError as fault:
            return Never(reason=str(fault), address_dead=fault.part == "address")
        async with self._lock:
            try:
                return await self._carry(sender, recipient, content, parcel.message_id)
            except BaseException:
                # Cancelled half-way: the connection is inside an envelope nobody will finish.
                self._drop()
                raise

    async def close(self) -> None:
        """Say goodbye to the server, if it still listens."""
        async with self._lock:
            if self._smtp is not None:
                with contextlib.suppress(errors.SMTPException, OSError, TimeoutError):
                    await self._smtp.quit(timeout=_QUIT_S)
            self._drop()

    async def _carry(
        self, sender: str, recipient: str, content: bytes, ref: str
    ) -> Sent | Later | Never:
        phase: Phase = "connect"
        try:
            smtp = await self._connection()
            phase = "sender"
            smtp = await self._open_envelope(smtp, sender)
            phase = "recipient"
            await smtp.rcpt(recipient)
            phase = "data"
            await smtp.data(content)
        except (errors.SMTPException, OSError, TimeoutError, ValueError) as error:
            return await self._answer(error, phase)
        self._carried += 1
        self._last_used = asyncio.get_running_loop().time()
        return Sent(ref)

    async def _open_envelope(self, smtp: aiosmtplib.SMTP, sender: str) -> aiosmtplib.SMTP:
        try:
            await smtp.mail(sender)
        except (errors.SMTPServerDisconnected, errors.SMTPSenderRefused) as error:
            hung_up = not isinstance(error, errors.SMTPSenderRefused) or error.code == 421
            if not hung_up or self._carried == 0:
                raise
            # Servers hang up on kept connections. Nothing of this parcel was said yet, so
            # dialling again cannot send it twice.
            self._drop()
            smtp = await self._connection()
            await smtp.mail(sender)
        return smtp

    async def _connection(self) -> aiosmtplib.SMTP:
        if self._smtp is not None and await self._usable(self._smtp):
            return self._smtp
        self._drop()
        # Kept before it is dialled, so that a cancelled dial is dropped as well.
        smtp = self._smtp = self._client()
        await smtp.connect()
        return smtp

    async def _usable(self, smtp: aiosmtplib.SMTP) -> bool:
        if not smtp.is_connected or self._carried >= _PARCELS_PER_CONNECTION:
            return False
        if asyncio.get_running_loop().time() - self._last_used < self._idle_s:
            return True
        try:
            await smtp.rset()
        except (errors.SMTPException, OSError, TimeoutError):
            return False
        return True

    async def _answer(self, error: Exception, phase: Phase) -> Later | Never:
        if (
            isinstance(error, errors.SMTPResponseException)
            and not isinstance(error, errors.SMTPHeloError)
            and phase != "connect"
            and error.code not in _ABOUT_US
        ):
            if not await self._reset():
                self._drop()
            return refusal(error.code, error.message, phase=phase)
        self._drop()
        if isinstance(error, ValueError) and not isinstance(error, OSError):
            return Never(reason="the address cannot be spoken in SMTP")
        return Later(reason=_unreachable(error, phase), unreachable=True)

    async def _reset(self) -> bool:
        """Leave the envelope; False where the connection did not survive it."""
        if self._smtp is None or not self._smtp.is_connected:
            return False
        try:
            await self._smtp.rset()
        except (errors.SMTPException, OSError, TimeoutError):
            return False
        self._last_used = asyncio.get_running_loop().time()
        return True

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None
        self._carried = 0


def refusal(code: int, message: str, *, phase: Phase) -> Later | Never:
    """Judge a server's answer about one parcel, keeping its numbers and none of its words."""
    found = _ENHANCED.search(message)
    reason = f"refused at {phase}: {code}" + (f" {found.group()}" if found else "")
    if not 500 <= code < 600:
        return Later(reason=reason)
    dead = phase == "recipient" and _DEAD_MAILBOX.search(message) is not None
    return Never(reason=reason, address_dead=dead)


def _unreachable(error: Exception, phase: Phase) -> str:
    if isinstance(error, errors.SMTPResponseException):
        return f"the mail server is not serving us: {error.code} at {phase}"
    if isinstance(error, ssl.SSLError):
        return "the mail server's certificate or TLS was not acceptable"
    if isinstance(error, TimeoutError):
        return f"the mail server did not answer in time at {phase}"
    return f"the mail server could not be reached or hung up at {phase}"
