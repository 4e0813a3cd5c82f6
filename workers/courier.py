"""The courier: hears the ids of effects and carries a few at a time, each over its own connection.

Killed at any point it leaves a duplicate at worst: the same Message-ID, the same bytes.
"""

import asyncio
import contextlib
from uuid import UUID

from channels.parcel import Answer, Channel
from service import faults, logs
from service.store import outbox
from service.store.outbox import Head
from service.store.pool import Scope
from workers import bell, carrying, pace
from workers.desk import Desk

IN_FLIGHT = 8
_RENEW_S = 3.0
_DRAIN_S = 20.0


class Courier:
    """Carries effects over a few channels at once, each with one connection of its own."""

    def __init__(self, desk: Desk, channels: list[Channel]) -> None:
        self._desk = desk
        self._free: asyncio.Queue[Channel] = asyncio.Queue()
        for channel in channels:
            self._free.put_nowait(channel)
        self._all = channels
        self._carrying: dict[UUID, asyncio.Task[None]] = {}

    async def run(self, *, stop: asyncio.Event) -> None:
        """Work until told to stop, then finish what is on its way, for 20 seconds at the most."""
        keeper = asyncio.create_task(self._keep())
        try:
            while not stop.is_set():
                await self._listen(stop)
        finally:
            if self._carrying:
                await asyncio.wait(self._carrying.values(), timeout=_DRAIN_S)
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            for channel in self._all:
                await channel.close()

    async def _listen(self, stop: asyncio.Event) -> None:
        try:
            heard = await pace.first(
                stop, self._desk.bell.hear(bell.EFFECTS, count=2 * IN_FLIGHT, wait_s=1.0)
            )
            if heard is not None and heard.ids:
                async with self._desk.db.transaction(Scope()) as connection:
                    heads = await outbox.heads(connection, heard.ids)
                for head in heads:
                    await self._start(head)
        except (faults.Busy, bell.Silent):
            await pace.rest(stop, 0.2)

    async def _start(self, head: Head) -> None:
        if head.id in self._carrying:
            return
        channel = await self._free.get()
        task = asyncio.create_task(self._carry_one(head, channel))
        self._carrying[head.id] = task
        task.add_done_callback(lambda _: self._landed(head, channel))

    def _landed(self, head: Head, channel: Channel) -> None:
        self._carrying.pop(head.id, None)
        self._free.put_nowait(channel)

    async def _keep(self) -> None:
        """Renew the claims of what is slow to travel, and say that we are alive."""
        turns = pace.Turns()
        while True:
            await asyncio.sleep(_RENEW_S)
            try:
                async with self._desk.db.transaction(Scope()) as connection:
                    await outbox.renew(connection, list(self._carrying))
                if turns.every(5.0):
                    await self._desk.beat("courier", carrying=len(self._carrying))
            except faults.Fault:
                continue

    async def _carry_one(self, head: Head, channel: Channel) -> None:
        try:
            ready = await carrying.prepare(self._desk, head)
            if ready is not None:
                await self._settle(ready, await channel.carry(ready.parcel))
        except faults.Busy:
            # The claim ends by itself, and the relay rings again.
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the others travel on
            logs.broke("effect not carried", error, effect_id=str(head.id), worker="courier")
            with contextlib.suppress(faults.Fault):
                await carrying.stumbled(self._desk, head, error)

    async def _settle(self, ready: carrying.Ready, answer: Answer) -> None:
        for wait in (0.2, 1.0, 0.0):
            try:
                await carrying.settle(self._desk, ready, answer)
            except faults.Busy:
                await asyncio.sleep(wait)
            else:
                return
