"""Telling webhooks: beside the courier's mails, so that no receiver holds one up.

Of one webhook one effect is in hand at a time, the oldest first. After a failure it rests for the
wait of that effect; whoever is away is asked once, not for each event.
"""

import asyncio
import random
from datetime import timedelta
from uuid import UUID

import msgspec

from channels.parcel import Later, Never, Sent
from channels.webhook import HookParcel, WebhookChannel
from crypto import faults as crypto_faults
from crypto import webhook
from service import clock, logs
from service.actions import hook_secrets, notices
from service.domain import webhooks as rules
from service.store import webhooks
from service.store.pool import Connection, Scope
from service.store.webhooks import Claim
from workers import pace
from workers.desk import Desk

IN_HAND = 16
TICK_S = 0.5


class Hooks:
    """Tells a few webhooks at once, one effect of each."""

    def __init__(self, desk: Desk, channel: WebhookChannel) -> None:
        self._desk = desk
        self._channel = channel
        self._in_hand: dict[UUID, asyncio.Task[None]] = {}
        self._turns = pace.Turns()

    async def run(self, *, stop: asyncio.Event) -> None:
        """Tell until told to stop, then finish what is on its way."""
        try:
            await pace.steadily("hooks", lambda: self._turn(stop), stop=stop, wait=TICK_S)
        finally:
            if self._in_hand:
                await asyncio.wait(self._in_hand.values(), timeout=20)
            await self._channel.close()

    async def _turn(self, stop: asyncio.Event) -> None:
        if self._turns.every(5.0):
            await self._desk.beat("hooks", in_hand=len(self._in_hand))
        if not await self.begin():
            await pace.rest(stop, TICK_S)
            return
        # As soon as one has landed there is room, and its webhook may have more.
        landing = asyncio.wait(self._in_hand.values(), return_when=asyncio.FIRST_COMPLETED)
        await pace.first(stop, asyncio.wait_for(landing, TICK_S * 4))

    async def begin(self) -> int:
        """Take what is due into hand, as far as there is room; return how many."""
        room = IN_HAND - len(self._in_hand)
        if room <= 0:
            return 0
        async with self._desk.db.transaction(Scope()) as connection:
            found = await webhooks.due(connection, limit=room)
        fresh = [each for each in found if each not in self._in_hand]
        for effect_id in fresh:
            task = asyncio.create_task(self._told(effect_id))
            self._in_hand[effect_id] = task
            task.add_done_callback(lambda _, mine=effect_id: self._in_hand.pop(mine))
        return len(fresh)

    async def _told(self, effect_id: UUID) -> None:
        try:
            await tell(self._desk, self._channel, effect_id)
        except Exception as error:  # noqa: BLE001 - the claim ends by itself; the others go on
            logs.broke("webhook not told", error, effect_id=str(effect_id), worker="hooks")


async def tell(desk: Desk, channel: WebhookChannel, effect_id: UUID) -> None:
    """Claim one effect, carry it with no connection held, and write down what became of it."""
    async with desk.db.transaction(Scope()) as connection:
        effect = await webhooks.claim(connection, effect_id)
    if effect is None:
        return
    try:
        parcel = await _parcel(desk, effect)
    except (crypto_faults.CannotOpen, crypto_faults.KeyMissing, crypto_faults.KeyRefused):
        answer: Sent | Later | Never = Never(reason="not_readable")
    else:
        answer = await channel.carry(parcel)
    async with desk.db.transaction(Scope(org_id=effect.org_id)) as connection:
        await _settle(connection, effect, answer)


async def _parcel(desk: Desk, effect: Claim) -> HookParcel:
    said = await hook_secrets.opened(
        desk.office.keys, effect.org_id, effect.webhook_id, sealed=effect.sealed
    )
    now = clock.real_now()
    # The same for every try, so that a receiver knows what it has already.
    message_id, at, body = f"msg_{effect.id.hex}", int(now.timestamp()), body_of(effect)
    return HookParcel(
        url=said.url,
        body=body,
        headers={
            "content-type": "application/json",
            "user-agent": "Loopkeeper",
            "webhook-id": message_id,
            "webhook-timestamp": str(at),
            "webhook-signature": webhook.signatures(
                said.valid(now), message_id=message_id, at=at, body=body
            ),
        },
    )


def body_of(effect: Claim) -> bytes:
    """Say which event it was, and nothing of whom: the rest is read over the API."""
    return msgspec.json.encode(
        {
            "type": f"{effect.machine}.{effect.step}",
            "timestamp": effect.at,
            "data": {
                "number": effect.number,
                "event_id": effect.event_id,
                "referral_id": effect.referral_id,
                "leg_id": effect.leg_id,
            },
        }
    )


async def _settle(connection: Connection, effect: Claim, answer: Sent | Later | Never) -> None:
    match answer:
        case Sent(ref):
            await webhooks.taken(connection, effect.id, answer=ref)
        case Never(reason=reason):
            await _give_up(connection, effect, reason)
        case Later(reason=reason, wait_s=asked):
            # Not for secrets: it only keeps a crowd of retries apart.
            wait = rules.after_failure(
                effect.tries + 1,
                jitter=random.random(),  # noqa: S311
                asked=timedelta(seconds=asked) if asked else None,
            )
            if wait is None:
                await _give_up(connection, effect, reason)
                return
            await webhooks.again(
                connection, effect.id, wait=wait, tries=effect.tries + 1, error=reason
            )


async def _give_up(connection: Connection, effect: Claim, reason: str) -> None:
    """Stop the webhook, open work for the organization, and mail its administrators."""
    for member_id in await webhooks.give_up(connection, effect, error=reason):
        await notices.tell(
            connection,
            notices.What.WEBHOOK_DISABLED,
            org_id=effect.org_id,
            member_id=member_id,
        )
