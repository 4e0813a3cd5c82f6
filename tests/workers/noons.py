"""A patient's phone at the local gateway, day after day: what came to it, and what it answers."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from service.domain.details import Details
from service.domain.rules import Step
from service.store import caught, invariants
from service.store.pool import Scope
from tests.workers import shop as shops
from tests.workers import texting
from workers import phones, receipts, text_gateway

OURS = "+15035550199"


class Phone:
    """The patient's phone: what came to it, and what it answers."""

    def __init__(self, shop: shops.Shop, town: texting.Town, folder) -> None:
        self.shop, self.town, self.folder = shop, town, folder
        self.read: set[str] = set()

    def new(self) -> list[str]:
        """List the texts that came since the last look, the oldest first."""
        found = [each for each in reversed(caught.newest(self.folder)) if each.key not in self.read]
        self.read |= {each.key for each in found}
        assert {each.to for each in found} <= {texting.NUMBER}
        return [each.text.strip() for each in found]

    async def noon(self, days: int = 1) -> list[str]:
        """Let days pass, each with its noon, and say what they brought; never two in a day."""
        brought: list[str] = []
        for _ in range(days):
            await self.shop.skip(hours=24)
            await self.shop.drained()
            today = self.new()
            assert len(today) <= 1
            brought += today
        return brought

    async def answers(self, text: str) -> str:
        """Answer as the phone, through the gateway and the hook, and read what is said back."""
        caught.answer(self.folder, caught.Typed(number=texting.NUMBER, to=OURS, text=text))
        back: list[str] = []

        def answered() -> bool:
            back.extend(self.new())
            return bool(back)

        await self.shop.until(answered)
        return back[0]

    async def settled(self, state: str) -> None:
        """Wait until the gateway's reports have moved every text to this state."""

        async def all_there() -> bool:
            asked = "select distinct state from lk.delivery where channel = 'sms'"
            return [row["state"] for row in await self.shop.rows(asked)] == [state]

        await self.shop.until(all_there)

    async def step(self, step: Step, **said) -> None:
        await self.shop.house.step(self.town.agency.actor, self.town.leg_id, step, **said)

    async def booked(self, *, days: int) -> None:
        """Let the agency take the referral and make an appointment."""
        await self.step(Step.ACCEPT)
        await self.rebooked(days=days)

    async def rebooked(self, *, days: int) -> None:
        now = await self.shop.owner.fetchval("select lk.now()")
        starts = Details(starts_at=now + timedelta(days=days), modality="in_person")
        await self.step(Step.SCHEDULE, details=starts)

    async def ours(self, step: Step, **said) -> None:
        """Let the clinic take a step on the referral itself."""
        referral_id = self.town.referral_id
        await self.shop.house.step(
            self.town.clinic.actor, None, step, referral_id=referral_id, **said
        )

    async def whys(self, code: str) -> list[str]:
        """Say why texts of a kind were let go."""
        rows = await self.shop.effects(f"code = '{code}' and state = 'cancelled'")
        return [row["last_error"] for row in rows]


class Street:
    """A shop whose texts go to the local gateway and whose phones are heard through the hooks."""

    def __init__(self, shop: shops.Shop, desk, folder) -> None:
        self.shop, self.desk, self.folder = shop, desk, folder

    @contextlib.asynccontextmanager
    async def phone(self, language: str):
        """A contact who was told that their referral was sent, with every worker at work."""
        town = await texting.town(self.shop, language=language)
        await self.shop.skip(seconds=11)
        stop = asyncio.Event()
        serving = [
            asyncio.create_task(text_gateway.run(self.desk, stop=stop, folder=self.folder)),
            asyncio.create_task(receipts.run(self.desk, stop=stop)),
        ]
        way = phones.of(self.desk.db, self.desk.settings)
        phone = Phone(self.shop, town, self.folder)
        try:
            async with self.shop.working(phones=way):
                await self.shop.drained()
                yield phone
                assert await _breaches(self.shop) == []
        finally:
            stop.set()
            await asyncio.gather(*serving)


async def _breaches(shop: shops.Shop) -> list[str]:
    wanted = [each for each in invariants.INVARIANTS if each.id in ("I2", "I19", "I20")]
    async with shop.house.check.transaction(Scope()) as connection:
        found = await invariants.check(connection, wanted)
    return [breach.detail for each in found for breach in each.breaches]
