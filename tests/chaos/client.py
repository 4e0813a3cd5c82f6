"""A client as the API asks for one: the same key and body, again and again, until it knows."""

import asyncio
import json
import random
from enum import StrEnum
from threading import Event
from typing import Any

import msgspec

from service.domain import ids
from tests.chaos.cast import Party
from tests.chaos.wire import Answer, Unknown, Wire

HOST = "chaos.example"
ANSWER_S = 6.0
PAUSE_S = 0.25
_TURNED_AWAY = frozenset({429, 503})
_IN_FLIGHT = "/problems/idempotency-key-in-flight"


class End(StrEnum):
    """How it went with one request in the end."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    LEFT = "left"
    UNANSWERED = "unanswered"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a client knows of one request: its key, its step, and what it was answered."""

    key: str
    step: str
    end: End
    status: int = 0
    referral_id: str = ""
    version: int = 0
    tries: int = 1
    replayed: bool = False


class Notes:
    """What the clients wrote down; each line is final."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.surprises: list[str] = []
        """Answers that no client should ever get."""
        self.torn: list[str] = []
        """Keys that were answered twice, and not alike."""
        self.unknown = 0
        self.turned_away = 0

    def count(self, end: End) -> int:
        """Count the requests that ended so."""
        return sum(each.end is end for each in self.told)


class Moved(Exception):
    """Somebody else moved the referral, or nobody will ever know: the story is over."""


class Client:
    """Tells stories over kept connections; `stop` is when it may give up on an answer."""

    def __init__(self, port: int, notes: Notes, dice: random.Random, *, stop: Event) -> None:
        self.dice = dice
        self._port, self._free = port, list[Wire]()
        self._notes = notes
        self._stop = stop

    async def do(self, party: Party, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Have one thing done and return the answer; raises Moved where it was refused.

        A few are sent twice at once under one key, and a few are left without an answer.
        """
        key = ids.new_id().hex
        request = _spelled(party, path, body, key)
        step = str(body.get("step", "create"))
        chance = self.dice.random()
        if chance < 0.02:
            await Wire(self._port).shout(request, linger=self.dice.uniform(0, 0.03))
            self._notes.told.append(Told(key=key, step=step, end=End.LEFT))
            raise Moved
        if chance < 0.06:
            first, second = await asyncio.gather(self._insist(request), self._insist(request))
            self._compare(key, first[0], second[0])
            answer, tries = first
        else:
            answer, tries = await self._insist(request)
        return self._note(key, step, answer, tries=tries)

    async def _insist(self, request: bytes) -> tuple[Answer | None, int]:
        tries = 0
        while not self._stop.is_set():
            tries += 1
            answer = await self._ask(request)
            if answer is None:
                self._notes.unknown += 1
            elif not self._comes_again(answer):
                return answer, tries
            await asyncio.sleep(PAUSE_S * self.dice.uniform(0.5, 1.5))
        return None, tries

    async def _ask(self, request: bytes) -> Answer | None:
        wire = self._free.pop() if self._free else Wire(self._port)
        try:
            return await wire.ask(request, seconds=ANSWER_S)
        except Unknown:
            return None
        finally:
            self._free.append(wire)

    def _comes_again(self, answer: Answer) -> bool:
        if answer.status >= 500 and answer.status not in _TURNED_AWAY:
            self._notes.surprises.append(f"{answer.status} {answer.body[:200]!r}")
            return True
        if answer.status == 409 and answer.json().get("type") == _IN_FLIGHT:
            return True
        self._notes.turned_away += answer.status in _TURNED_AWAY
        return answer.status in _TURNED_AWAY

    def _note(self, key: str, step: str, answer: Answer | None, *, tries: int) -> dict[str, Any]:
        if answer is None:
            self._notes.told.append(Told(key=key, step=step, end=End.UNANSWERED, tries=tries))
            raise Moved
        if answer.status in (200, 201):
            body = answer.json()
            self._notes.told.append(
                Told(
                    key=key,
                    step=step,
                    end=End.ACKNOWLEDGED,
                    status=answer.status,
                    referral_id=body["id"],
                    version=body["version"],
                    tries=tries,
                    replayed=answer.replayed,
                )
            )
            return body
        if answer.status not in (409, 412):
            self._notes.surprises.append(f"{answer.status} to {step}: {answer.body[:300]!r}")
        self._notes.told.append(
            Told(key=key, step=step, end=End.REFUSED, status=answer.status, tries=tries)
        )
        raise Moved

    def _compare(self, key: str, first: Answer | None, second: Answer | None) -> None:
        if first is None or second is None:
            return
        if (first.status < 300) != (second.status < 300):
            self._notes.torn.append(f"{key}: {first.status} and {second.status}")

    def hang_up(self) -> None:
        """Let go of every connection."""
        for wire in self._free:
            wire.hang_up()


def _spelled(party: Party, path: str, body: dict[str, Any], key: str) -> bytes:
    raw = json.dumps(body).encode()
    head = [
        f"POST /api/v1{path} HTTP/1.1",
        f"host: {HOST}",
        f"authorization: Bearer {party.key}",
        f"idempotency-key: {key}",
        "content-type: application/json",
        f"content-length: {len(raw)}",
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + raw
