"""Twilio: texts by its REST API. Source: Twilio, "Messages resource" and its error dictionary."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from channels.parcel import Later, Never, Sent, TextAnswer, TextParcel, Unknown
from channels.sms import Answered, Line, refusal

OPTED_OUT = 21610
"""Whoever has this number told Twilio to let nothing of ours through."""

_NO_SUCH_PHONE = frozenset({21211, 21214, 21217, 21614})
"""The number is none, or none that takes texts."""

_ABOUT_US = frozenset({20003, 20005, 21606, 21608, 21609, 21660, 21703, 21704, 21705, 30002})
"""Our token, account, sender or messaging service: no text is to blame for them."""

_BUSY = frozenset({20429, 14107, 21611, 30001})
"""Too many at once: not taken, and welcome later."""


class TwilioRoute(msgspec.Struct, frozen=True, kw_only=True):
    """An account of Twilio's, and where it tells what became of a text.

    Texts come from `sender`, or from whichever number the messaging `service` picks.
    """

    url: str
    account: str
    token: str
    receipts_url: str
    sender: str = ""
    service: str = ""

    def __repr__(self) -> str:
        """Name the server without the credentials."""
        return f"<TwilioRoute {urlsplit(self.url).hostname}>"


class _Made(msgspec.Struct, frozen=True):
    sid: str
    status: str = ""
    error_code: int | None = None


class _Refused(msgspec.Struct, frozen=True):
    code: int = 0


class TwilioSms:
    """Carries texts through one account; `timeout_s` bounds each wait for the server."""

    name = "twilio"

    def __init__(self, route: TwilioRoute, *, timeout_s: float = 15.0) -> None:
        def form(parcel: TextParcel) -> dict[str, str]:
            return _form(route, parcel)

        def proof() -> tuple[str, str]:
            # A closure, because a route kept here would be found by whoever prints us whole.
            return route.account, route.token

        self._form, self._proof = form, proof
        account = quote(route.account, safe="")
        self._url = f"{route.url}/2010-04-01/Accounts/{account}/Messages.json"
        self._line = Line(timeout_s=timeout_s)

    async def carry(self, parcel: TextParcel) -> TextAnswer:
        """Ask for one text to be sent and say what became of it."""
        found = await self._line.post(
            self._url,
            content=urlencode(self._form(parcel)).encode(),
            headers={
                "content-type": "application/x-www-form-urlencoded",
                "accept": "application/json",
            },
            auth=self._proof(),
        )
        if isinstance(found, Later | Unknown):
            return found
        if 200 <= found.status < 300:
            return _taken(found)
        return refusal(found) or _refused(found)

    async def close(self) -> None:
        """Let go of connections."""
        await self._line.close()


def _form(route: TwilioRoute, parcel: TextParcel) -> dict[str, str]:
    sender = parcel.sender or route.sender
    by = {"From": sender} if sender else {"MessagingServiceSid": route.service}
    return {
        "To": parcel.to_number,
        **by,
        "Body": parcel.text,
        "StatusCallback": f"{route.receipts_url}?ref={parcel.reference}",
    }


def _taken(found: Answered) -> TextAnswer:
    made = _read(found.body, _Made)
    if made is None or not made.sid:
        # It was taken, if this is Twilio at all: only a receipt can tell.
        return Unknown(reason=f"answered {found.status} and nothing we understand")
    if made.status == "failed":
        return _judged(made.error_code or 0, found)
    return Sent(made.sid)


def _refused(found: Answered) -> Later | Never:
    said = _read(found.body, _Refused)
    return _judged(said.code if said is not None else 0, found)


def _judged(code: int, found: Answered) -> Later | Never:
    reason = f"refused: {found.status} {code}"
    if code in _ABOUT_US:
        return Later(reason=reason, unreachable=True)
    if code in _BUSY:
        return Later(reason=reason, wait_s=found.wait_s)
    return Never(reason=reason, address_dead=code in _NO_SUCH_PHONE, opted_out=code == OPTED_OUT)


def _read(body: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
