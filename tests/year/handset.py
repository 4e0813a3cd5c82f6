"""A patient's phone, and who holds it: some answer, some never, some say stop."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

from service.actions import hear_text
from service.actions.hear_text import Inbound
from service.domain.heard import Meaning

if TYPE_CHECKING:
    from tests.year.post import Text
    from tests.year.year import Year

_ASKS = re.compile(r"\b1 ")
_STOPS = ("STOP", "please stop texting me", "Alto", "unsubscribe", "no me manden mensajes")
_TALK = ("HELP", "CALL", "AYUDA", "LLAMAR", "what is this about", "2", "9 lives", "gracias")
_SILENCES = frozenset({Meaning.STOP, Meaning.WRONG_NUMBER, Meaning.DECEASED})


class Manner(StrEnum):
    """How somebody is with texts."""

    ANSWERS = "answers"
    SILENT = "silent"
    STOPS = "stops"
    RETURNS = "returns"
    TALKS = "talks"
    STRANGER = "stranger"


class Handset:
    """One number; `silences` are the times in which it wants no texts, from and until."""

    def __init__(self, year: Year, number: str, *, zone: str, manner: Manner, rng: Random) -> None:
        self.number = number
        self.zone = zone
        self.manner = manner
        self.silences: list[tuple[datetime, datetime | None]] = []
        self.heard: list[Meaning] = []
        self._year = year
        self._rng = rng
        self._rang = 0

    def rings(self, text: Text) -> None:
        """Let who holds it read a text; what they say, if anything, they say later."""
        self._rang += 1
        says = self._answer(text.text)
        if says is not None:
            self._year.agenda.start(self._later(says))

    def _answer(self, text: str) -> str | None:
        match self.manner:
            case Manner.STOPS | Manner.RETURNS if self._rang == 2:
                return self._rng.choice(_STOPS)
            case Manner.STRANGER:
                return "wrong number" if self._rang == 1 else None
            case Manner.TALKS if self._rng.random() < 0.3:
                return self._rng.choice(_TALK)
            case Manner.SILENT:
                return None
        if _ASKS.search(text) and self._rng.random() < 0.8:
            return str(self._rng.choice((1, 1, 1, 2, 3)))
        return None

    async def _later(self, says: str) -> None:
        await self._wait(timedelta(minutes=self._rng.uniform(1, 600)))
        meaning = await self._says(says)
        if meaning is Meaning.STOP and self.manner is Manner.RETURNS:
            await self._wait(timedelta(days=self._rng.uniform(5, 30)))
            await self._says("START")

    async def _wait(self, span: timedelta) -> None:
        await self._year.agenda.until(self._year.clock.now() + span)

    async def _says(self, text: str) -> Meaning | None:
        at = self._year.clock.now()
        meaning = await hear_text.hear(
            self._year.desk.office,
            Inbound(
                number=self.number,
                our_number="+15035550000",
                text=text,
                provider="memory",
                provider_event_id=f"in-{self._year.next_number()}",
                at=at,
            ),
        )
        if meaning is not None:
            self.heard.append(meaning)
        if meaning in _SILENCES and (not self.silences or self.silences[-1][1] is not None):
            self.silences.append((at, None))
        if meaning is Meaning.START and self.silences:
            self.silences[-1] = (self.silences[-1][0], self._year.clock.now())
        return meaning
