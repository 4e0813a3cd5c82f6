"""P1, P2, P3: referrals sent, steps taken, messages said per second, each beside its floor.

A round measures the product, then the floor (the next round the other way about), for a few
seconds each on the same kept connections: what else the machine does meanwhile strikes both.
"""

import itertools
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import asyncpg
import msgspec

from tests.bench import client, conversations, cpu, figures, journeys
from tests.bench.client import Line, Tally
from tests.bench.conversations import Pair, Talk
from tests.bench.figures import Figure, Rounds
from tests.bench.ground import Network, Size
from tests.bench.journeys import Recorded, Sent
from tests.bench.progress import Progress
from tests.bench.written import Journey

SEND_GOAL, STEP_GOAL, MESSAGE_GOAL = 0.50, 0.60, 0.50


class Cost(msgspec.Struct):
    """Processor seconds of a number of acts, in the web server and in PostgreSQL."""

    acts: int = 0
    server: float = 0.0
    database: float = 0.0

    def told(self, name: str) -> list[Figure]:
        """Tell what one act cost."""
        share = 1000 / max(1, self.acts)
        return [
            figures.told(f"{name}: processor time in the web server", self.server * share, "ms"),
            figures.told(f"{name}: processor time in PostgreSQL", self.database * share, "ms"),
        ]


class Side(msgspec.Struct, frozen=True):
    """A web server under load: where it listens, its process, and how many connections it gets."""

    port: int
    pid: int
    clients: int

    def lines(self) -> AbstractAsyncContextManager[list[Line]]:
        """Open kept connections; anew for each round, because servers hang up on idle ones."""
        return client.lines(self.port, count=self.clients)


class Field(msgspec.Struct):
    """Where load is put: the product, its floor, and everything a round needs."""

    size: Size
    network: Network
    recorded: list[Recorded]
    talked: list[Journey]
    pairs: Iterator[Pair]
    product: Side
    floor: Side
    postmaster: int
    progress: Progress

    @property
    def referrals(self) -> range:
        """The floor's numbers of journeys of referrals."""
        return range(len(self.recorded))

    @property
    def threads(self) -> range:
        """The floor's numbers of journeys of threads."""
        return range(len(self.recorded), len(self.recorded) + len(self.talked))

    @property
    def versions(self) -> tuple[int, ...]:
        """The version that each step of a journey is decided on."""
        return self.recorded[0].versions


async def sends(field: Field) -> list[Figure]:
    """Measure P1."""
    rounds, latencies, ours, theirs = Rounds(), list[float](), Cost(), Cost()
    for turn in range(field.size.rounds):
        field.progress.begin(f"P1 referrals sent, round {turn + 1}")
        for side in _order(field, turn):
            if side is field.floor:
                scripts = journeys.floor_sends(len(field.recorded), auto=False)
                rounds.floor.append((await _load(field, side, scripts, cost=theirs)).rate)
            else:
                tally = await _load(field, side, journeys.sends(field.network), cost=ours)
                rounds.product.append(tally.rate)
                latencies += tally.latencies
        scripts = journeys.floor_sends(len(field.recorded), auto=True)
        rounds.auto.append((await _load(field, field.floor, scripts, part=0.5)).rate)
        field.progress.done()
    return [
        *figures.beside("P1 referrals sent", rounds, goal=SEND_GOAL),
        *_latency("P1 send", latencies),
        *ours.told("P1 send"),
        *theirs.told("P1 floor"),
    ]


async def steps(field: Field) -> list[Figure]:
    """Measure P2."""
    rounds, latencies, ours, theirs = Rounds(), list[float](), Cost(), Cost()
    count = _plenty(field)
    for turn in range(field.size.rounds):
        field.progress.begin(f"P2 steps, round {turn + 1}: sending")
        on_their_way = await sent(field, count)
        seeds = await _floor_begun(field, 2 * count, of=field.referrals)
        field.progress.begin(f"P2 steps, round {turn + 1}")
        for side in _order(field, turn):
            if side is field.floor:
                scripts = journeys.floor_steps(iter(seeds))
                rounds.floor.append((await _load(field, side, scripts, cost=theirs)).rate)
            else:
                scripts = journeys.steps(iter(on_their_way), field.versions)
                tally = await _load(field, side, scripts, cost=ours)
                rounds.product.append(tally.rate)
                latencies += tally.latencies
        field.progress.done()
    return [
        *figures.beside("P2 steps taken", rounds, goal=STEP_GOAL),
        *_latency("P2 step", latencies),
        *ours.told("P2 step"),
        *theirs.told("P2 floor"),
    ]


async def messages(field: Field) -> list[Figure]:
    """Measure P3; threads are begun before, and every member says less than it may."""
    rounds, latencies, ours, theirs = Rounds(), list[float](), Cost(), Cost()
    count = _plenty(field) // 4
    for turn in range(field.size.rounds):
        field.progress.begin(f"P3 messages, round {turn + 1}: beginning")
        talks = await _begun(field, count)
        seeds = await _floor_begun(field, 4 * count, of=field.threads)
        field.progress.begin(f"P3 messages, round {turn + 1}")
        for side in _order(field, turn):
            if side is field.floor:
                scripts = conversations.floor_messages(iter(seeds))
                rounds.floor.append((await _load(field, side, scripts, cost=theirs)).rate)
            else:
                scripts = conversations.messages(iter(talks))
                tally = await _load(field, side, scripts, cost=ours)
                rounds.product.append(tally.rate)
                latencies += tally.latencies
        field.progress.done()
    return [
        *figures.beside("P3 messages sent", rounds, goal=MESSAGE_GOAL),
        *_latency("P3 message", latencies),
        *ours.told("P3 message"),
        *theirs.told("P3 floor"),
    ]


async def warm(field: Field, owner: asyncpg.Connection) -> None:
    """Use everything once, then let PostgreSQL count its rows: plans made on empty tables scan."""
    count = _plenty(field) // 4
    on_their_way = await sent(field, count)
    await _load(field, field.product, journeys.steps(iter(on_their_way), field.versions), part=0.5)
    seeds = await _floor_begun(field, count, of=field.referrals)
    await _load(field, field.floor, journeys.floor_steps(iter(seeds)), part=0.5)
    talks = await _begun(field, field.size.clients)
    await _load(field, field.product, conversations.messages(iter(talks)), part=0.5)
    seeds = await _floor_begun(field, count, of=field.threads)
    await _load(field, field.floor, conversations.floor_messages(iter(seeds)), part=0.5)
    await owner.execute("vacuum analyze")


def _plenty(field: Field) -> int:
    """Say how many referrals no round could bring home; one that ran dry would end early."""
    return int(field.size.seconds * 200) + field.size.clients


def _order(field: Field, turn: int) -> tuple[Side, Side]:
    """Let each side begin as often as the other."""
    return (field.product, field.floor) if turn % 2 == 0 else (field.floor, field.product)


def _latency(name: str, latencies: list[float]) -> list[Figure]:
    return [
        figures.told(f"{name}: {word}", 1000 * client.percentile(latencies, share), "ms")
        for word, share in (("p50", 0.5), ("p99", 0.99))
    ]


async def _load(
    field: Field,
    side: Side,
    scripts: Iterator[client.Script],
    *,
    cost: Cost | None = None,
    part: float = 1.0,
) -> Tally:
    seconds = field.size.seconds * part
    before = cpu.spent([side.pid]), cpu.spent(cpu.children(field.postmaster))
    async with side.lines() as lines:
        tally = await client.load(lines, scripts, seconds=seconds, tick=field.progress.tick)
    after = cpu.spent([side.pid]), cpu.spent(cpu.children(field.postmaster))
    if cost is not None:
        cost.acts += len(tally.latencies)
        cost.server += after[0] - before[0]
        cost.database += after[1] - before[1]
    return tally


async def sent(field: Field, count: int) -> list[Sent]:
    """Send referrals over every connection, unmeasured."""
    made: list[Sent] = []
    wanted = itertools.islice(journeys.pairs(field.network), count)

    async def drive(line: Line) -> None:
        for each in wanted:
            made.append((await journeys.send(line, *each))[0])
            field.progress.tick()

    async with field.product.lines() as lines:
        await client.together(drive(line) for line in lines)
    return made


async def _begun(field: Field, count: int) -> list[Talk]:
    """Begin threads over every connection, unmeasured."""
    made: list[Talk] = []
    wanted = itertools.islice(field.pairs, count)

    async def drive(line: Line) -> None:
        for each in wanted:
            made.append(await conversations.begin(line, each))
            field.progress.tick()

    async with field.product.lines() as lines:
        await client.together(drive(line) for line in lines)
    return made


async def _floor_begun(field: Field, count: int, *, of: range) -> list[tuple[UUID, int]]:
    made: list[tuple[UUID, int]] = []
    numbers = iter(range(count))

    async def drive(line: Line) -> None:
        for number in numbers:
            journey = of[number % len(of)]
            seed, script = journeys.floor_first(journey)
            await line.ask(script[0])
            made.append((seed, journey))
            field.progress.tick()

    async with field.floor.lines() as lines:
        await client.together(drive(line) for line in lines)
    return made
