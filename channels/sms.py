"""Texts by HTTP: what every provider of texts is, and how a request to one may end.

What was not taken may go another way. What may have been taken may not: it could arrive twice.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, Protocol

import httpx2
import msgspec

from channels.parcel import Later, TextAnswer, TextParcel, Unknown

# Nothing of the request reached the other side, whatever happened later.
_NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
_MOST_BYTES = 65_536
_LONGEST_WAIT_S = 3600.0

ABOUT_US = frozenset({401, 402, 403, 404, 405, 407})
"""Answers about our account or our settings, not about the text: no text is to blame for them."""

NOT_TAKEN = frozenset({408, 425, 429, 503})
"""Answers by which a provider says that it did not take the text and may be asked again."""


class SmsProvider(Protocol):
    """One company or gateway that takes texts; its callbacks name it by `name`."""

    @property
    def name(self) -> str:
        """Say what it is called, in lists, callbacks and counts."""
        ...

    async def carry(self, parcel: TextParcel) -> TextAnswer:
        """Carry one text and say what became of it; raise nothing but cancellation."""
        ...

    async def close(self) -> None:
        """Let go of connections; a closed provider may be used again."""
        ...


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider answered: its status, and as much of its words as is read."""

    status: int
    body: bytes
    wait_s: float | None = None

    def __repr__(self) -> str:
        """Say the status only: servers quote numbers back."""
        return f"<Answered {self.status}>"


class Line:
    """A way to one server; every text dials anew.

    A kept connection may be closed by the other side just as a text is written to it, and then
    nobody knows whether it was taken.
    """

    def __init__(self, *, timeout_s: float, tls_context: ssl.SSLContext | None = None) -> None:
        def client() -> httpx2.AsyncClient:
            return httpx2.AsyncClient(
                timeout=httpx2.Timeout(timeout_s, connect=min(timeout_s, 5.0)),
                limits=httpx2.Limits(max_connections=8, max_keepalive_connections=0),
                verify=tls_context if tls_context is not None else True,
                # A netrc or a proxy of the machine would see numbers and words.
                trust_env=False,
                follow_redirects=False,
                headers={"accept-encoding": "identity", "user-agent": "Loopkeeper"},
            )

        self._make = client
        self._client: httpx2.AsyncClient | None = None

    async def post(
        self,
        url: str,
        *,
        content: bytes,
        headers: Mapping[str, str],
        auth: tuple[str, str] | None = None,
    ) -> Answered | Later | Unknown:
        """Post once and say how it ended."""
        if self._client is None:
            self._client = self._make()
        proof: Any = httpx2.BasicAuth(*auth) if auth is not None else None
        try:
            async with self._client.stream(
                "POST", url, content=content, headers=dict(headers), auth=proof
            ) as answer:
                return await _read(answer)
        except _NOT_SENT:
            return Later(reason="the provider could not be reached", unreachable=True)
        except httpx2.TimeoutException:
            return Unknown(reason="the provider did not answer in time")
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return Unknown(reason="the provider hung up before it answered")

    async def close(self) -> None:
        """Let go of the client."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


async def _read(answer: httpx2.Response) -> Answered:
    body = b""
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) >= _MOST_BYTES:
            break
    wait = answer.headers.get("retry-after", "")
    seconds = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 9 else None
    return Answered(
        status=answer.status_code,
        body=body[:_MOST_BYTES],
        wait_s=min(seconds, _LONGEST_WAIT_S) if seconds is not None else None,
    )


def refusal(answered: Answered) -> Later | Unknown | None:
    """Judge an answer by its status alone: not taken, perhaps taken, or None for the others."""
    status = answered.status
    if status in ABOUT_US:
        return Later(reason=f"the provider is not serving us: {status}", unreachable=True)
    if status in NOT_TAKEN:
        return Later(reason=f"not taken: {status}", wait_s=answered.wait_s)
    if status >= 500 or status < 200:
        return Unknown(reason=f"answered {status}")
    return None
