"""The courier: hears the ids of effects and carries a few at a time, each over its own connection.

Killed at any point it leaves a duplicate at worst: the same Message-ID, the same bytes.
"""

import asyncio
import contextlib
import itertools
from uuid import UUID

from channels.parcel import Channel, Later, Sent, TextAnswer, TextChannel, TextParcel
from service import clock, faults, logs
from service.store import outbox
from service.store.outbox import Head
from service.store.pool import Scope
from workers import bell, carrying, pace
from workers.desk import Desk

CONNECTIONS = 8
IN_HAND = 16
"""How many mails are prepared, carried or written down at once: what a kill can repeat."""

TEXTS_IN_HAND = 8
"""How many texts, beside them: a provider that does not answer must not hold up a mail."""

_RENEW_S = 3.0
_DRAIN_S = 20.0


class Courier:
    """Carries effects: mails over a few channels, a connection each, and texts over one way."""

    def __init__(
        self, desk: Desk, channels: list[Channel], *, phones: TextChannel | None = None
    ) -> None:
        self._desk = desk
        self._all: list[Channel | TextChannel] = [*channels, *([phones] if phones else [])]
        self._phones = phones
        self._free: asyncio.Queue[Channel] = asyncio.Queue()
        for channel in channels:
            self._free.put_nowait(channel)
        self._room = asyncio.Semaphore(IN_HAND)
        self._text_room = asyncio.Semaphore(TEXTS_IN_HAND)
        # As many as are rung at once; what finds no place is rung again.
        self._texts: asyncio.Queue[Head] = asyncio.Queue(maxsize=bell.ROOM)
        self._lined_up: set[UUID] = set()
        self._in_hand: dict[UUID, asyncio.Task[None]] = {}
        self._taken: list[tuple[UUID, str]] = []
        self._writing = asyncio.Lock()
        # One connection stays free for what was taken: until that is written, a kill repeats it.
        self._preparing = asyncio.Semaphore(max(1, desk.settings.worker_pool - 1))

    async def run(self, *, stop: asyncio.Event) -> None:
        """Work until told to stop, then finish what is on its way, for 20 seconds at the most."""
        beside = [asyncio.create_task(each) for each in (self._keep(), self._take_texts())]
        try:
            await pace.steadily("courier", lambda: self._listen(stop), stop=stop, wait=0.2)
        finally:
            if self._in_hand:
                await asyncio.wait(self._in_hand.values(), timeout=_DRAIN_S)
            for each in beside:
                each.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            for channel in self._all:
                await channel.close()

    async def _listen(self, stop: asyncio.Event) -> None:
        heard = await pace.first(stop, self._hear(wait_s=1.0))
        if heard is not None:
            await self._begin(heard)

    async def turn(self) -> int:
        """Carry one batch of what was rung, to its end; return how many effects it named."""
        heard = await self._hear(wait_s=0.0)
        await self._begin(heard)
        while not self._texts.empty():
            await self._take_text()
        if self._in_hand:
            await asyncio.wait(self._in_hand.values())
        return len(heard.ids)

    async def _hear(self, *, wait_s: float) -> bell.Heard:
        return await self._desk.bell.hear(bell.EFFECTS, count=IN_HAND, wait_s=wait_s)

    async def _begin(self, heard: bell.Heard) -> None:
        if not heard.ids:
            return
        async with self._desk.db.transaction(Scope()) as connection:
            heads = await outbox.heads(connection, heard.ids)
        for head in heads:
            if head.channel == outbox.SMS:
                self._line_up(head)
            else:
                await self._start(head, self._room)

    def _line_up(self, head: Head) -> None:
        """Let a text wait for its turn without anybody waiting for it."""
        if head.id not in self._lined_up and not self._texts.full():
            self._lined_up.add(head.id)
            self._texts.put_nowait(head)

    async def _take_texts(self) -> None:
        """Start the texts that are lined up, as many at once as there is room for."""
        while True:
            await self._take_text()

    async def _take_text(self) -> None:
        head = await self._texts.get()
        await self._start(head, self._text_room)
        self._lined_up.discard(head.id)

    async def _start(self, head: Head, room: asyncio.Semaphore) -> None:
        if head.id in self._in_hand:
            return
        await room.acquire()
        task = asyncio.create_task(self._deliver(head))
        self._in_hand[head.id] = task

        def landed(_: asyncio.Task[None]) -> None:
            self._in_hand.pop(head.id, None)
            room.release()

        task.add_done_callback(landed)

    async def _keep(self) -> None:
        """Renew the claims of what is slow to travel, and say that we are alive."""
        turns = pace.Turns()
        while True:
            with contextlib.suppress(Exception):
                # Not while answers are written: the same rows, in another order.
                async with self._writing, self._desk.db.transaction(Scope()) as connection:
                    await outbox.renew(connection, list(self._in_hand))
                if turns.every(5.0):
                    await self._desk.beat("courier", in_hand=len(self._in_hand))
            await asyncio.sleep(_RENEW_S)

    async def _deliver(self, head: Head) -> None:
        began = clock.monotonic()
        try:
            async with self._preparing:
                ready = await carrying.prepare(self._desk, head, phones=self._phones is not None)
            if ready is not None:
                answer = await self._carry(ready)
                self._count(ready, answer, seconds=clock.monotonic() - began)
                await self._settle(ready, answer)
        except faults.Busy:
            # The claim ends by itself, and the relay rings again.
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the others travel on
            logs.broke("effect not carried", error, effect_id=str(head.id), worker="courier")
            with contextlib.suppress(Exception):
                await carrying.stumbled(self._desk, head, error)

    def _count(self, ready: carrying.Ready, answer: TextAnswer, *, seconds: float) -> None:
        """Count what became of a try, and how long what was taken had been due."""
        closed = isinstance(answer, Later) and answer.unreachable
        outcome = "unreachable" if closed else type(answer).__name__.lower()
        registry = self._desk.registry
        registry.add("lk_effect_outcomes_total", kind=ready.effect.kind, outcome=outcome)
        if isinstance(answer, Sent):
            waited = max(0.0, ready.effect.waited + seconds)
            registry.took("lk_delivery_latency_seconds", waited, channel=ready.parcel.kind)

    async def _carry(self, ready: carrying.Ready) -> TextAnswer:
        if isinstance(ready.parcel, TextParcel):
            if self._phones is None:
                return Later(reason="no way to phones", unreachable=True)
            return await self._phones.carry(ready.parcel)
        channel = await self._free.get()
        try:
            return await channel.carry(ready.parcel)
        finally:
            self._free.put_nowait(channel)

    async def _settle(self, ready: carrying.Ready, answer: TextAnswer) -> None:
        """Write an answer down, however long the database is away: forgotten, it is sent twice."""
        for wait in itertools.chain((0.2, 0.5), itertools.repeat(1.0)):
            try:
                if isinstance(answer, Sent) and not ready.effect.closed_way:
                    await self._taken_in(ready, answer)
                else:
                    await carrying.settle(self._desk, ready, answer)
            except faults.Busy:
                await asyncio.sleep(wait)
            else:
                return

    async def _taken_in(self, ready: carrying.Ready, answer: Sent) -> None:
        """Write down that a mail was taken, together with all that waited to be written."""
        mine = (ready.effect.id, answer.ref)
        self._taken.append(mine)
        async with self._writing:
            if mine not in self._taken:
                return
            batch, self._taken = self._taken, []
            try:
                async with self._desk.db.transaction(Scope()) as connection:
                    await outbox.done(connection, batch)
            except BaseException:
                self._taken = batch + self._taken
                raise
