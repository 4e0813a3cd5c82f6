"""P8: how long opening a thread of fifty messages takes, beside the same as bare library calls.

Every look is somebody's first at that thread, so it also writes how far they have read and what
was shown to them. One at a time over one kept connection: the time of one, not how many at once.
"""

import statistics
import time
from collections.abc import Iterator

import asyncpg
import msgspec

from service.store import pool as pools
from tests.bench import client, conversations, cpu, figures
from tests.bench.bare import MESSAGES, Bare, Kept
from tests.bench.client import Ask, Line
from tests.bench.conversations import TEXT, Pair
from tests.bench.figures import Figure
from tests.bench.ground import HOST, Party
from tests.bench.throughput import Cost, Field
from tests.making import role_url

GOAL = 2.0


class Reader(msgspec.Struct, frozen=True):
    """Somebody who has not opened a thread yet, and the same thread for the bare calls."""

    ask: Ask
    kept: Kept


class Times(msgspec.Struct):
    """Milliseconds of each round: the median of its openings."""

    ours: list[float] = msgspec.field(default_factory=list)
    bare: list[float] = msgspec.field(default_factory=list)
    unsealed_once: list[float] = msgspec.field(default_factory=list)


async def measure(field: Field, owner: asyncpg.Connection, database_url: str) -> list[Figure]:
    """Measure P8."""
    times, cost = Times(), Cost()
    field.progress.begin("P8 opening a thread: writing it")
    count = field.size.openings
    async with client.lines(field.product.port, count=1) as (line,):
        bare, readers = await _prepared(field, line, owner, database_url)
        await _checked(bare, line, next(readers))
    await owner.execute("vacuum analyze")
    for turn in range(field.size.rounds):
        field.progress.begin(f"P8 opening a thread, round {turn + 1}")
        batch = [next(readers) for _ in range(count)]
        if turn % 2 == 0:
            times.ours.append(await _ours(field, batch, cost))
        times.bare.append(await _bare(bare, batch, unseals=MESSAGES))
        times.unsealed_once.append(await _bare(bare, batch, unseals=1))
        if turn % 2 == 1:
            times.ours.append(await _ours(field, batch, cost))
        field.progress.done()
    return _told(times, cost)


def _told(times: Times, cost: Cost) -> list[Figure]:
    return [
        figures.times("P8 thread of 50 opened", times.ours, times.bare, goal=GOAL),
        figures.times("P8 beside one unsealing for all 50", times.ours, times.unsealed_once),
        *cost.told("P8 opening"),
    ]


async def _prepared(
    field: Field, line: Line, owner: asyncpg.Connection, database_url: str
) -> tuple[Bare, Iterator[Reader]]:
    """Write as many threads as the looks need; of each every member of both sides has one look."""
    looks = field.size.rounds * field.size.openings + 1
    each = 2 * field.size.speakers
    pool = await pools.connect(role_url(database_url, "lk_web"), name="bench", size=1)
    talks = [await _talk(field, line, next(field.pairs)) for _ in range(-(-looks // each))]
    await line.ask(_look(talks[0].thread_id, talks[0].pair.one.key))
    like = await owner.fetchrow("select * from lk.audit where action = 'thread.read'")
    bare = Bare(owner, dict(like or {}))
    readers: list[Reader] = []
    for talk in talks:
        for party in (talk.pair.one, talk.pair.other):
            kept = await bare.kept(pool, talk.thread_id, party.org.id)
            readers += [Reader(_look(talk.thread_id, key), kept) for key in party.speakers]
    await pool.close()
    return bare, iter(_mixed(readers, len(talks)))


def _mixed(readers: list[Reader], talks: int) -> list[Reader]:
    """Let the looks at one thread be far from each other."""
    share = len(readers) // talks
    return [readers[place * share + number] for number in range(share) for place in range(talks)]


async def _talk(field: Field, line: Line, pair: Pair) -> conversations.Talk:
    """Write a thread of fifty messages, by as many people as there are."""
    talk = await conversations.begin(line, pair)
    for number in range(MESSAGES - 1):
        side: Party = pair.other if number % 2 == 0 else pair.one
        token = side.speakers[number // 2 % len(side.speakers)]
        await line.ask(conversations.saying(talk.thread_id, token=token))
        field.progress.tick()
    return talk


def _look(thread_id: object, token: str) -> Ask:
    return client.get(HOST, f"/api/v1/threads/{thread_id}", token=token)


async def _checked(bare: Bare, line: Line, reader: Reader) -> None:
    """Stop unless both sides really open all fifty."""
    answer = await line.ask(reader.ask)
    texts = await bare.open(reader.kept)
    said = [each for each in texts if TEXT.encode() in each]
    if answer.body.count(TEXT.encode()) != MESSAGES or len(said) != MESSAGES:
        raise client.Unexpected("A thread of fifty messages did not open whole.")


async def _ours(field: Field, batch: list[Reader], cost: Cost) -> float:
    before = cpu.spent([field.product.pid]), cpu.spent(cpu.children(field.postmaster))
    # A connection for each round: the server hangs up on one that was idle meanwhile.
    async with client.lines(field.product.port, count=1) as (line,):
        taken = [await _timed(line, each) for each in batch]
    cost.acts += len(taken)
    cost.server += cpu.spent([field.product.pid]) - before[0]
    cost.database += cpu.spent(cpu.children(field.postmaster)) - before[1]
    return 1000 * statistics.median(taken)


async def _timed(line: Line, reader: Reader) -> float:
    begun = time.perf_counter()
    await line.ask(reader.ask)
    return time.perf_counter() - begun


async def _bare(bare: Bare, batch: list[Reader], *, unseals: int) -> float:
    taken: list[float] = []
    for each in batch:
        begun = time.perf_counter()
        await bare.open(each.kept, unseals=unseals)
        taken.append(time.perf_counter() - begun)
    return 1000 * statistics.median(taken)
