"""What people do with referrals, told by dice: answered, declined, withdrawn, raced for.

Some patients say stop while the first text to them is on its way, and some take it back.
"""

import asyncio
from typing import Any

from tests.chaos import exchange
from tests.chaos.cast import Cast, Party
from tests.chaos.client import Client, Moved
from tests.chaos.exchange import Exchange

_LATER = "2031-03-04"
_STOPS, _LONGEST_S = 0.12, 14.0
"""How many write stop by themselves, and how long after they were referred at most."""


async def one(client: Client, cast: Cast, phones: Exchange) -> None:
    """Tell one story to its end; raises Moved where somebody else moved the referral."""
    tell = client.dice.choice(_STORIES)
    sender = client.dice.choice(cast.senders)
    await tell(_Tale(client, sender, client.dice.sample(cast.recipients, 2), phones))


class _Tale:
    """A referral while it is told: who takes part, and how it stood when last answered."""

    def __init__(
        self, client: Client, sender: Party, recipients: list[Party], phones: Exchange
    ) -> None:
        self.dice = client.dice
        self.sender = sender
        self.recipients = recipients
        self._client, self._phones = client, phones
        self._seen: dict[str, Any] = {}

    async def send(self, *recipients: Party) -> None:
        patient = self.dice.choice(self.sender.patients)
        self._perhaps_stops(patient.number)
        self._see(
            await self._client.do(
                self.sender,
                "/referrals",
                {
                    "patient_id": str(patient.id),
                    "recipients": [str(party.service_id) for party in recipients],
                    "question": "Can you help this family with food this week?",
                    "priority": self.dice.choice(("routine", "urgent")),
                    "consent_basis": "treatment",
                    "send": True,
                },
            )
        )

    def _perhaps_stops(self, number: str) -> None:
        chance = self.dice.random()
        if chance < _STOPS:
            after = self.dice.uniform(0, _LONGEST_S)
            words = self.dice.choice(exchange.STOP_WORDS)
            self._phones.writes(number, words, after=after, twice=chance < _STOPS / 4)
            if chance > _STOPS / 2:
                self._phones.writes(number, "START", after=after + self.dice.uniform(1, 4))

    async def step(
        self, party: Party, step: str, *, leg_of: Party | None = None, **said: Any
    ) -> None:
        leg = self._leg_of(leg_of or party)
        said |= {"step": step, "version": leg["version"]}
        self._see(await self._client.do(party, f"/legs/{leg['id']}/steps", said))

    async def order(self, step: str, **said: Any) -> None:
        said |= {"step": step, "version": self._seen["version"]}
        path = f"/referrals/{self._seen['id']}/steps"
        self._see(await self._client.do(self.sender, path, said))

    def _see(self, answer: dict[str, Any]) -> None:
        # Of two answers under way at once the older one may come last.
        if answer["version"] >= self._seen.get("version", 0):
            self._seen = answer

    def _leg_of(self, party: Party) -> dict[str, Any]:
        legs = [leg for leg in self._seen["legs"] if leg["org_id"] == str(party.org_id)]
        return legs[-1]


async def _served(tale: _Tale) -> None:
    await tale.send(tale.recipients[0])
    await _accept(tale, tale.recipients[0])
    await _serve(tale, tale.recipients[0])


async def _asked(tale: _Tale) -> None:
    party = tale.recipients[0]
    await tale.send(party)
    for item in range(tale.dice.randint(1, 3)):
        wanted = [f"paper {item}"]
        await tale.step(party, "ask", items=wanted, due_on=_LATER)
        await tale.step(tale.sender, "supply", leg_of=party, items=wanted)
    await _accept(tale, party)
    await _serve(tale, party)


async def _declined(tale: _Tale) -> None:
    first, second = tale.recipients
    await tale.send(first)
    await tale.step(first, "decline", reason="out_of_area")
    await tale.order("add_leg", recipients=[str(second.service_id)])
    await _accept(tale, second)
    await _serve(tale, second)


async def _withdrawn(tale: _Tale) -> None:
    party = tale.recipients[0]
    await tale.send(party)
    if tale.dice.random() < 0.5:
        await tale.step(tale.sender, "withdraw", leg_of=party, reason="wrong_recipient")
    else:
        await tale.step(party, "receive")
        await tale.step(tale.sender, "request_cancel", leg_of=party, reason="no_longer_needed")
        await tale.step(party, "confirm_cancel")
    informed = {"reason": "no_service_available", "patient_informed": True}
    await tale.order("close_without_service", **informed)


async def _raced(tale: _Tale) -> None:
    """Let two recipients accept at once; who comes second is refused, and that is right."""
    await tale.send(*tale.recipients)
    runs = [_accept(tale, party) for party in tale.recipients]
    ends = await asyncio.gather(*runs, return_exceptions=True)
    for party, end in zip(tale.recipients, ends, strict=True):
        if end is None:
            await _serve(tale, party)
        elif not isinstance(end, Moved):
            raise end


async def _waited(tale: _Tale) -> None:
    """Send it, and hear nothing yet: the invitation is what travels."""
    await tale.send(*tale.recipients)


async def _accept(tale: _Tale, party: Party) -> None:
    await tale.step(party, "accept", owner={"name": "Sam Lee"}, expected_by=_LATER)


async def _serve(tale: _Tale, party: Party) -> None:
    if tale.dice.random() < 0.5:
        at = f"{_LATER}T18:00:00Z"
        await tale.step(party, "schedule", starts_at=at, modality="in_person")
    await tale.step(party, "complete", outcome="served", need_met="yes")
    await tale.order("review")


_STORIES = (_served, _waited, _asked, _declined, _withdrawn, _raced)
