"""How providers of texts call the product: spelled and proven as theirs are, until it answers."""

import asyncio
import base64
import random
from urllib.parse import urlencode, urlsplit

import msgspec

from crypto import callback
from tests.channels import sms_server
from tests.chaos.wire import Unknown, Wire

OURS, SHORT = "+15035550199", "13013"
HOOK = "hook-of-the-crash-test"
_ANSWER_S = 6.0
_AT_ONCE = 8
_AGAIN_S = 0.3
_AWAY = frozenset({429, 503})


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call: the provider's event, the request but for its host, and what it says."""

    event: str
    method: str
    target: str
    headers: tuple[str, ...]
    body: bytes = b""
    provider: str
    reference: str = ""
    word: str = ""
    code: str = ""


class Caller:
    """Calls until it is answered, as Twilio does for hours and a Kannel as long as it is told."""

    def __init__(self, port: int, public_url: str, surprises: list[str]) -> None:
        self._port, self._host = port, urlsplit(public_url).netloc
        self._public_url, self._surprises = public_url, surprises
        self._free: list[Wire] = []
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def insist(self, call: Call) -> None:
        """Call again and again until the product says that it has it."""
        request = self._spelled(call)
        kept = await self._tried(call, request)
        while not kept:
            await asyncio.sleep(_AGAIN_S * random.uniform(0.5, 1.5))
            kept = await self._tried(call, request)

    async def _tried(self, call: Call, request: bytes) -> bool:
        async with self._room:
            wire = self._free.pop() if self._free else Wire(self._port)
            try:
                answer = await wire.ask(request, seconds=_ANSWER_S)
            except Unknown:
                return False
            finally:
                self._free.append(wire)
        if answer.status == 204:
            return True
        if answer.status not in _AWAY:
            self._surprises.append(f"{answer.status} to {call.method} {call.target[:40]}")
            # It is no use to call again: this one would be lost.
            return answer.status < 500
        return False

    def _spelled(self, call: Call) -> bytes:
        headers = list(call.headers)
        if call.provider == "twilio":
            fields = [tuple(pair) for pair in msgspec.json.decode(call.body)]
            url = f"{self._public_url}{call.target}"
            signed = callback.twilio_signature(sms_server.TOKEN, url, fields)
            headers.append(f"x-twilio-signature: {signed}")
            headers.append("content-type: application/x-www-form-urlencoded")
            body = urlencode(fields).encode()
        else:
            body = call.body
        head = [
            f"{call.method} {call.target} HTTP/1.1",
            f"host: {self._host}",
            f"content-length: {len(body)}",
            *headers,
        ]
        return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def receipt(
    provider: str, sid: str, reference: str, word: str, *, code: str, text: dict[str, str]
) -> Call:
    """Spell what became of a text, to the address that came with it."""
    if provider == "twilio":
        parts = urlsplit(text["StatusCallback"])
        fields = [("MessageSid", f"{sid}{reference[:8]}"), ("MessageStatus", word)]
        fields += [("ErrorCode", code)] if code else []
        return Call(
            event=f"twilio {sid}{reference[:8]}:{word}",
            method="POST",
            target=f"{parts.path}?{parts.query}",
            headers=(),
            body=msgspec.json.encode(fields),
            provider=provider,
            reference=reference,
            word=word,
            code=code,
        )
    name = f"{sid}{reference[:8]}"
    filled = urlsplit(text["x-kannel-dlr-url"].replace("%d", word).replace("%I", name))
    who = filled.netloc.rpartition("@")[0]
    return Call(
        event=f"kannel {name}:{word}",
        method="GET",
        target=f"{filled.path}?{filled.query}",
        headers=(f"authorization: {_basic(who)}",),
        provider=provider,
        reference=reference,
        word=word,
    )


def text(provider: str, event: str, number: str, words: str) -> Call:
    """Spell what somebody wrote from a phone."""
    if provider == "twilio":
        fields = [("MessageSid", event), ("From", number), ("To", OURS), ("Body", words)]
        return Call(
            event=f"twilio {event}",
            method="POST",
            target="/hooks/sms/twilio/texts",
            headers=(),
            body=msgspec.json.encode(fields),
            provider=provider,
        )
    return Call(
        event=f"kannel {event}",
        method="POST",
        target=f"/hooks/sms/kannel/texts?event={event}",
        headers=(
            f"authorization: {_basic(f'kannel:{HOOK}')}",
            f"x-kannel-from: {number}",
            f"x-kannel-to: {SHORT}",
            "content-type: text/plain; charset=UTF-8",
        ),
        body=words.encode(),
        provider=provider,
    )


def _basic(who: str) -> str:
    return "Basic " + base64.b64encode(who.encode()).decode()
