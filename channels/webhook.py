"""The webhook channel: one POST to an address somebody chose, and nowhere else.

A name is resolved once for each call and the connection goes to the address that was looked at, so
that a second answer of the resolver cannot lead inside. Redirects are not followed, proxies of the
environment are not used, and of an answer no more is read than its status and a little.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable

import httpx2
import msgspec

from channels import addresses
from channels.parcel import Later, Never, Sent

Resolver = Callable[[str, int], Awaitable[list[str]]]

_READ_AT_MOST = 64 * 1024
_GONE = 410


class HookParcel(msgspec.Struct, frozen=True, kw_only=True):
    """One body for one address, signed: carried twice it tells one event, under one id."""

    url: str
    body: bytes
    headers: dict[str, str]

    def __repr__(self) -> str:
        """Name the parcel without its address or signature."""
        return f"<HookParcel {self.headers.get('webhook-id', '')}>"


async def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver for the addresses of a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class WebhookChannel:
    """Carries signed events; `loopback` lets http and this machine's addresses through."""

    def __init__(
        self,
        *,
        loopback: bool = False,
        resolver: Resolver = resolve,
        timeout_s: float = 10.0,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self._loopback = loopback
        self._resolver = resolver
        self._timeout_s = timeout_s
        self._tls = tls_context or ssl.create_default_context()

    async def carry(self, parcel: HookParcel) -> Sent | Later | Never:
        """Tell one event and say what became of it; raise nothing but cancellation."""
        try:
            # One deadline for all of it: a byte every nine seconds is no answer either.
            async with asyncio.timeout(self._timeout_s):
                return await self._carry(parcel)
        except TimeoutError:
            return Later(reason="timeout")
        except httpx2.ConnectError as reason:
            return Later(reason="tls" if _is_tls(reason) else "cannot_connect")
        except (httpx2.HTTPError, httpx2.StreamError):
            return Later(reason="broken_answer")
        except (httpx2.InvalidURL, UnicodeError, ValueError):
            return Later(reason="address_malformed")
        except OSError:
            return Later(reason="cannot_resolve")

    async def _carry(self, parcel: HookParcel) -> Sent | Later | Never:
        url = httpx2.URL(parcel.url)
        secure = url.scheme == "https"
        found = await self._resolver(url.host, url.port or (443 if secure else 80))
        # Every one: a name that leads both outside and inside is not somebody's honest mistake.
        inside = not all(addresses.may_call(each, loopback=self._loopback) for each in found)
        if not found or inside:
            return Later(reason="address_refused")
        if not secure and not all(_is_loopback(each) for each in found):
            return Later(reason="not_https")
        return await self._post(url, found[0], parcel)

    async def _post(
        self, url: httpx2.URL, address: str, parcel: HookParcel
    ) -> Sent | Later | Never:
        headers = {"host": url.netloc.decode("ascii"), **parcel.headers}
        async with (
            httpx2.AsyncClient(
                verify=self._tls, trust_env=False, follow_redirects=False, timeout=self._timeout_s
            ) as client,
            client.stream(
                "POST",
                # The address that was looked at; certificate and Host are the name's.
                url.copy_with(host=address),
                content=parcel.body,
                headers=headers,
                extensions={"sni_hostname": url.host},
            ) as answer,
        ):
            await _skim(answer)
            return _verdict(answer)

    async def close(self) -> None:
        """Do nothing: a connection lasts for one call, so that each is looked at."""


async def _skim(answer: httpx2.Response) -> None:
    """Read a little of an answer, so that an honest receiver is not hung up on."""
    read = 0
    async for chunk in answer.aiter_raw():
        read += len(chunk)
        if read > _READ_AT_MOST:
            return


def _verdict(answer: httpx2.Response) -> Sent | Later | Never:
    status = answer.status_code
    if 200 <= status < 300:
        return Sent(f"http_{status}")
    if status == _GONE:
        return Never(reason="http_410", address_dead=True)
    asked = answer.headers.get("retry-after", "")
    wait_s = float(asked) if asked.isascii() and asked.isdigit() and len(asked) < 8 else None
    return Later(reason=f"http_{status}", wait_s=wait_s)


def _is_loopback(text: str) -> bool:
    return addresses.may_call(text, loopback=True) and not addresses.may_call(text)


def _is_tls(reason: BaseException | None) -> bool:
    while reason is not None:
        if isinstance(reason, ssl.SSLError):
            return True
        reason = reason.__cause__ or reason.__context__
    return False
