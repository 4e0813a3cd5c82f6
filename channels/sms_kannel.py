"""Kannel: an SMS gateway of one's own, spoken to by its sendsms interface.

Texts are posted, with everything in headers and body: the usual form of this interface has the
number, the words and the password in its URL, where every log keeps them. Source: the User's Guide
of Kannel 1.4.5, "Using the SMS box to send messages", and what its smsbox answers.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import msgspec

from channels.parcel import Later, Never, Sent, TextAnswer, TextParcel, Unknown
from channels.sms import Line, refusal

_ALL_REPORTS = 31
"""Delivered, failed, queued, taken by the network, refused by it."""


class KannelRoute(msgspec.Struct, frozen=True, kw_only=True):
    """Where a Kannel takes texts, and where it tells what became of them.

    `receipts_url` is a page of ours; `hook` is the secret that callbacks prove themselves by.
    """

    url: str
    username: str
    password: str
    sender: str
    receipts_url: str
    hook: str

    def __repr__(self) -> str:
        """Name the server without the credentials."""
        return f"<KannelRoute {urlsplit(self.url).hostname}>"


class KannelSms:
    """Carries texts to one Kannel; `timeout_s` bounds each wait for it."""

    name = "kannel"

    def __init__(self, route: KannelRoute, *, timeout_s: float = 15.0) -> None:
        def headers(parcel: TextParcel) -> dict[str, str]:
            # A closure, because a route kept here would be found by whoever prints us whole.
            return _headers(route, parcel)

        self._headers = headers
        self._url = route.url
        self._line = Line(timeout_s=timeout_s)

    async def carry(self, parcel: TextParcel) -> TextAnswer:
        """Hand one text to the gateway and say what became of it."""
        found = await self._line.post(
            self._url, content=parcel.text.encode(_charset(parcel)), headers=self._headers(parcel)
        )
        if isinstance(found, Later | Unknown):
            return found
        said = refusal(found)
        if said is not None:
            return said
        # 202 with "0: Accepted for delivery" or "3: Queued for later delivery": both took it.
        if found.status == 202 and found.body[:2] in (b"0:", b"3:"):
            return Sent(parcel.reference)
        if found.status >= 400:
            return Never(reason=f"refused: {found.status}")
        return Unknown(reason=f"answered {found.status} and nothing we understand")

    async def close(self) -> None:
        """Let go of connections."""
        await self._line.close()


def _headers(route: KannelRoute, parcel: TextParcel) -> dict[str, str]:
    return {
        "x-kannel-username": route.username,
        "x-kannel-password": route.password,
        "x-kannel-from": parcel.sender or route.sender,
        "x-kannel-to": parcel.to_number,
        "x-kannel-coding": "0" if _charset(parcel) == "utf-8" else "2",
        "x-kannel-dlr-mask": str(_ALL_REPORTS),
        "x-kannel-dlr-url": _receipt_url(route, parcel.reference),
        "content-type": f"text/plain; charset={_charset(parcel).upper()}",
        "x-kannel-charset": _charset(parcel).upper(),
    }


def _receipt_url(route: KannelRoute, reference: str) -> str:
    """Say where to report; Kannel fills in the signs with a % and sends the secret as Basic."""
    parts = urlsplit(route.receipts_url)
    signed = f"kannel:{route.hook}@{parts.netloc}"
    query = f"ref={reference}&type=%d&id=%I"
    return urlunsplit((parts.scheme, signed, parts.path, query, ""))


def _charset(parcel: TextParcel) -> str:
    """Choose what the gateway turns into septets, or the two bytes a character it sends as is."""
    return "utf-8" if parcel.gsm else "utf-16be"
