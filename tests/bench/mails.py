"""P4: how long a step takes to become a mail that a mail server has accepted.

Steps without an undo hold (a question, its answer, again and again) are asked for at a steady rate,
whether or not the last ones are answered yet. Every such step tells exactly one mailbox. Relay and
courier are real processes. The time runs from the moment of the step's transaction, which is the
effect's `created_at`, to the moment the sink took the mail.
"""

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import msgspec

from service.domain.rules import Step
from tests.bench import client, figures, ground, journeys, sink
from tests.bench.client import Line
from tests.bench.figures import Figure
from tests.bench.ground import Ground
from tests.bench.journeys import Receipt, Sent
from tests.bench.throughput import Field, sent

RATE = 200
P50_GOAL_MS, P99_GOAL_MS = 100.0, 500.0
_DRAIN_S = 30.0
_WARM_S = 2.0

_EFFECTS = """
select d.message_id, extract(epoch from o.created_at)::float8 as created
  from lk.outbox o left join lk.delivery d on d.effect_id = o.id
 where o.created_at > to_timestamp($1) and o.code = any($2)"""


class Slower(RuntimeError):
    """Mails were still missing when the time to wait for them was over."""


async def measure(
    where: Ground, field: Field, owner: asyncpg.Connection, log: Path
) -> list[Figure]:
    """Measure P4 with the workers running, and only what was said after they were warm."""
    field.progress.begin("P4 commit to mail: sending")
    # A step of each referral at a time: its leg is asked again only when the last was answered.
    legs = await sent(field, RATE // 2 + field.size.clients)
    async with field.product.lines() as lines:
        talks = [await _begun(lines[0], each, field) for each in legs]
    # A step that waits for the morning's mail has no time to be measured: here all want it at once.
    await owner.execute("update lk.organization set routine_mail = 'at_once'")
    # What the figures before this one have left to be told is not this one's load.
    await owner.execute("update lk.outbox set state = 'cancelled' where state = 'pending'")
    with ExitStack() as stack:
        for name in ("relay", "courier"):
            stack.enter_context(ground.worker(where, name))
        await _paced(field, talks, seconds=_WARM_S)
        await _quiet(owner)
        await owner.execute("vacuum analyze")
        field.progress.begin(f"P4 commit to mail at {RATE} steps/s")
        begun = time.time()
        rate = await _paced(field, talks, seconds=field.size.mail_seconds)
        waits = await _waits(owner, log, since=begun)
    field.progress.done()
    milliseconds = [1000 * wait for wait in waits]
    return [
        figures.within(
            "P4 commit to mail, p50", client.percentile(milliseconds, 0.5), goal=P50_GOAL_MS
        ),
        figures.within(
            "P4 commit to mail, p99", client.percentile(milliseconds, 0.99), goal=P99_GOAL_MS
        ),
        figures.told("P4 steps a second reached", rate, "1/s"),
        figures.told("P4 mails", len(waits), ""),
    ]


class Talk(msgspec.Struct):
    """A referral whose parties ask and answer each other; the version its leg has now."""

    sent: Sent
    version: int
    asks: bool = True


_ASK, _SUPPLY = (
    next((s, b) for s, b in journeys.STEPS if s is step) for step in (Step.ASK, Step.SUPPLY)
)


async def _begun(line: Line, each: Sent, field: Field) -> Talk:
    ask = journeys.stepping(each, Step.RECEIVE, {}, version=field.versions[0])
    answer = await line.ask(ask)
    return Talk(each, msgspec.json.decode(answer.body, type=Receipt).legs[0].version)


async def _paced(field: Field, talks: list[Talk], *, seconds: float) -> float:
    """Take steps at the wanted rate over the kept connections; return the rate reached."""
    begun = time.perf_counter()
    turns = iter(enumerate(itertools.islice(itertools.cycle(talks), int(seconds * RATE))))
    async with field.product.lines() as lines:
        await client.together(_driven(line, turns, begun, field) for line in lines)
    return int(seconds * RATE) / (time.perf_counter() - begun)


async def _driven(
    line: Line, turns: Iterator[tuple[int, Talk]], begun: float, field: Field
) -> None:
    for number, talk in turns:
        await asyncio.sleep(begun + number / RATE - time.perf_counter())
        step, body = _ASK if talk.asks else _SUPPLY
        answer = await line.ask(journeys.stepping(talk.sent, step, body, version=talk.version))
        talk.version = msgspec.json.decode(answer.body, type=Receipt).legs[0].version
        talk.asks = not talk.asks
        field.progress.tick()


async def _quiet(owner: asyncpg.Connection) -> None:
    """Wait until nothing is due any more; what other figures sent is not this one's load."""
    until = time.monotonic() + 6 * _DRAIN_S
    while await owner.fetchval(_DUE):
        if time.monotonic() > until:
            raise Slower("The workers did not get through what was due before.")
        await asyncio.sleep(0.2)


_DUE = "select exists (select 1 from lk.outbox where state = 'pending' and next_at < lk.now())"


async def _waits(owner: asyncpg.Connection, log: Path, *, since: float) -> list[float]:
    until = time.monotonic() + _DRAIN_S
    while True:
        effects = await owner.fetch(_EFFECTS, since, [Step.ASK.value, Step.SUPPLY.value])
        taken = sink.taken(log)
        if effects and all(row["message_id"] in taken for row in effects):
            return [taken[row["message_id"]] - row["created"] for row in effects]
        if time.monotonic() > until:
            missing = sum(row["message_id"] not in taken for row in effects)
            raise Slower(f"{missing} of {len(effects)} mails did not arrive.")
        await asyncio.sleep(0.2)
