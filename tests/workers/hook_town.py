"""A clinic whose system is told of its referrals, and the receiver."""

import asyncio
import json
from typing import Any

from channels.webhook import WebhookChannel
from service.actions import keep_webhooks, number_events
from service.actions.keep_webhooks import Made
from service.domain.rules import Step
from tests.channels.receiver import Receiver
from tests.making import Org
from tests.workers.shop import Shop
from workers import hooks


class Town:
    """A clinic whose system is told of its referrals, a pantry, and the receiver."""

    def __init__(self, shop: Shop, clinic: Org, pantry: Org, receiver: Receiver) -> None:
        self.shop, self.clinic, self.pantry, self.receiver = shop, clinic, pantry, receiver
        self.hooks = hooks.Hooks(shop.desk, WebhookChannel(loopback=True, timeout_s=1.0))

    async def hook(self, *kinds: str, url: str = "", org: Org | None = None) -> Made:
        house = self.shop.house
        actor = (org or self.clinic).actor
        return await keep_webhooks.add(
            house.office, actor, url=url or self.receiver.url, kinds=kinds
        )

    async def accepted(self, *, times: int = 1) -> None:
        """Send a referral, have it accepted, and number what happened."""
        for _ in range(times):
            sent = await self.shop.house.sent(self.clinic, [self.pantry])
            await self.shop.house.step(self.pantry.actor, sent.plan.new_legs[0].id, Step.ACCEPT)
        await self.numbered()

    async def numbered(self) -> None:
        while await number_events.number_events(self.shop.house.worker_office):
            pass

    async def told(self) -> None:
        """Tell everything that is due now."""
        while await self.hooks.begin():
            await asyncio.gather(*self.hooks._in_hand.values())

    async def effects(self) -> list[dict[str, Any]]:
        return await self.shop.rows(
            "select * from lk.outbox where kind = 'webhook' order by number"
        )

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.effects()]

    async def numbers_told(self) -> list[int]:
        return [json.loads(got.body)["data"]["number"] for got in self.receiver.got]

    async def state(self) -> str:
        (row,) = await self.shop.rows("select state from lk.webhook")
        return str(row["state"])
