"""Two providers of texts, Twilio and Kannel, and the phones behind them, in threads of their own.

They take texts as the real ones do, misbehave when told to, and call the product back: what became
of a text, often twice and in any order, and what people write from their phones.
"""

import asyncio
import contextlib
import hashlib
import random
import time
from collections.abc import Coroutine, Iterable
from contextlib import ExitStack
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from tests.channels import mail_server, sms_server
from tests.chaos import callbacks
from tests.chaos.callbacks import Call, Caller

TWILIO, KANNEL = "twilio", "kannel"
PROVIDERS = (TWILIO, KANNEL)
_TWICE, _STOPS, _LATEST_S = 0.2, 0.25, 2.5
STOP_WORDS = ("STOP", "Stop texting me", "no más mensajes", "please stop", "Alto", "unsubscribe")
"""What people write who want no more texts."""

_OTHER_WORDS = ("HELP", "AYUDA", "1", "ok thanks", "CALL", "START")
_MUTE_S = 17.0
"""Longer than a courier waits for an answer."""

_FAILS = {TWILIO: ("undelivered", "30005"), KANNEL: ("2", "")}
_ARRIVES = {TWILIO: ("queued", "sent", "delivered"), KANNEL: ("8", "1")}


class Texted(msgspec.Struct, frozen=True, kw_only=True):
    """One time a text was taken: when, on two clocks, to whom, and a digest of it."""

    at: float
    moment: float
    number: str
    digest: str
    provider: str


class Written(msgspec.Struct, kw_only=True):
    """What somebody wrote from a phone: when they did, and when the product said that it has it."""

    number: str
    words: str
    stops: bool = False
    starts: bool = False
    at: float
    kept_at: float | None = None


class _Desk(sms_server.Desk):
    """A provider's own: it tells the exchange at the moment before it answers."""

    def __init__(self, exchange: "Exchange", name: str) -> None:
        super().__init__()
        self._exchange, self._name = exchange, name
        self.hang_s = _MUTE_S
        self.port = mail_server.free()

    def took(self, text: dict[str, str]) -> str:
        sid = super().took(text)
        self._exchange.took(self._name, sid, text)
        return sid


class Exchange:
    """Counts each text at the moment before its provider answers: from then on it has arrived."""

    def __init__(self, web_port: int, *, public_url: str, seed: int) -> None:
        self.taken: dict[str, list[Texted]] = {}
        """By our own reference, once for every time a provider took it."""
        self.written: dict[str, Written] = {}
        """By the provider and its event, what people wrote."""
        self.reported: dict[str, Call] = {}
        """By the provider and its event, what the product took of what became of texts."""
        self.surprises: list[str] = []
        self.desks = {name: _Desk(self, name) for name in PROVIDERS}
        self._seed, self._public_url = seed, public_url
        self._caller = Caller(web_port, public_url, self.surprises)
        self._lock = Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="exchange", daemon=True)
        self._open: dict[str, ExitStack] = {}
        self._home = asyncio.Event()
        self._under_way = 0
        self._asked: set[str] = set()
        self._events = 0

    def start(self) -> None:
        """Begin to take texts."""
        self._thread.start()
        self.comes_back(PROVIDERS)

    def stop(self) -> None:
        """Close for good."""
        self.goes_away(PROVIDERS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    def goes_away(self, names: Iterable[str]) -> None:
        """Refuse connections."""
        for name in names:
            if name in self._open:
                self._open.pop(name).close()

    def comes_back(self, names: Iterable[str]) -> None:
        """Take connections again; nothing happens where it never went away."""
        for name in names:
            if name not in self._open:
                stack = ExitStack()
                desk = self.desks[name]
                stack.enter_context(sms_server.running(desk, port=desk.port))
                self._open[name] = stack

    def urls(self) -> dict[str, str]:
        """Spell the settings of the product."""
        twilio, kannel = (self.desks[name].port for name in PROVIDERS)
        who = f"{sms_server.ACCOUNT}:{sms_server.TOKEN}"
        us = f"{sms_server.USER}:{sms_server.PASSWORD}"
        return {
            "LOOPKEEPER_SMS_URL": f"twilio://{who}@127.0.0.1:{twilio}?from={callbacks.OURS}",
            "LOOPKEEPER_SMS_SECOND_URL": f"kannel://{us}@127.0.0.1:{kannel}/cgi-bin/sendsms"
            f"?from={callbacks.SHORT}&hook={callbacks.HOOK}",
        }

    def twice(self) -> int:
        """Count the texts that came more than they should: every taking after the first."""
        with self._lock:
            return sum(len(takings) - 1 for takings in self.taken.values())

    def idle(self) -> bool:
        """Say whether every call to the product was answered for."""
        with self._lock:
            return self._under_way == 0

    def hush(self) -> None:
        """Let nobody write any more who has not begun."""
        self._loop.call_soon_threadsafe(self._home.set)

    def took(self, provider: str, sid: str, text: dict[str, str]) -> None:
        """Count a text, report on it, and let whoever has the phone answer."""
        reference = _reference(provider, text)
        number = text["to"]
        texted = Texted(
            at=time.time(),
            moment=time.monotonic(),
            number=number,
            digest=hashlib.sha256(f"{number} {text['body']}".encode()).hexdigest(),
            provider=provider,
        )
        with self._lock:
            again = reference in self.taken
            self.taken.setdefault(reference, []).append(texted)
        dice = random.Random(f"{self._seed} {reference} {again}")
        for word, code in _words(provider, number, dice):
            told = callbacks.receipt(provider, sid, reference, word, code=code, text=text)
            self._spawn(self._report(told, dice.uniform(0, _LATEST_S), twice=dice.random()))
        self._answer(number, dice)

    def writes(self, number: str, words: str, *, after: float, twice: bool = False) -> None:
        """Let somebody write to us from a phone, so many seconds from now."""
        with self._lock:
            self._events += 1
            event = f"IN{self._seed}x{self._events}"
        # People answer the number that wrote to them, and both are ours.
        provider = PROVIDERS[self._events % 2]
        said = callbacks.text(provider, event, number, words)
        self._spawn(self._write(said, number, words, after=after, twice=twice))

    def _answer(self, number: str, dice: random.Random) -> None:
        """Let each phone answer the first text it gets, or be silent."""
        if number in self._asked:
            return
        self._asked.add(number)
        chance, after = dice.random(), dice.uniform(0, _LATEST_S)
        if chance < _STOPS:
            self.writes(number, dice.choice(STOP_WORDS), after=after, twice=chance < 0.1)
        elif chance < 0.5:
            self.writes(number, dice.choice(_OTHER_WORDS), after=after, twice=chance < 0.3)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        with self._lock:
            self._under_way += 1

        async def done() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001 - a call that broke is told at the end
                self.surprises.append(f"a call to the product broke: {error!r}")
            finally:
                with self._lock:
                    self._under_way -= 1

        asyncio.run_coroutine_threadsafe(done(), self._loop)

    async def _report(self, call: Call, after: float, *, twice: float) -> None:
        await asyncio.sleep(after)
        for _ in range(2 if twice < _TWICE else 1):
            await self._caller.insist(call)
            with self._lock:
                self.reported[call.event] = call

    async def _write(
        self, call: Call, number: str, words: str, *, after: float, twice: bool
    ) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._home.wait(), after)
            return
        written = Written(
            number=number,
            words=words,
            stops=words in STOP_WORDS,
            starts=words == "START",
            at=time.time(),
        )
        with self._lock:
            self.written[call.event] = written
        await self._caller.insist(call)
        written.kept_at = time.time()
        if twice:
            await self._caller.insist(call)


def _words(provider: str, number: str, dice: random.Random) -> list[tuple[str, str]]:
    """List what is said of a text; a number that ends in a zero cannot be reached."""
    words = list(_ARRIVES[provider])
    told = [(word, "") for word in words]
    if number.endswith("0"):
        told[-1] = _FAILS[provider]
    dice.shuffle(told)
    return told


def _reference(provider: str, text: dict[str, str]) -> str:
    url = text["StatusCallback"] if provider == TWILIO else text["x-kannel-dlr-url"]
    return parse_qs(urlsplit(url).query)["ref"][0]
