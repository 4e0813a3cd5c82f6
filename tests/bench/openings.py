"""P8: opening a conversation of fifty messages, beside the least that it can cost.

The least: fifty full orders of opening (unwrap, derive, compare, verify, decrypt, unpad) as calls
of the library, one query for fifty rows, one durable insert; in this process, round by round.
"""

import secrets
import statistics
import time
from collections.abc import Awaitable, Callable

import asyncpg
import msgspec

from crypto import envelope, header, primitives
from service.domain import ids
from tests.bench import client, figures, talks
from tests.bench.client import Line
from tests.bench.figures import Figure
from tests.bench.ground import HOST
from tests.bench.talks import Talk

MESSAGES = 50
OPENINGS = 40
GOAL = 2.0

_QUERY = (
    "select id, seq, envelope, author_org_id, created_at from lk.message"
    " where thread_id = $1 order by seq desc limit 50"
)
_INSERT = (
    "insert into lk.audit (id, at, actor_kind, action, resource_kind, resource_id)"
    " values ($1, lk.now(), 'system', 'bench.read', 'thread', $2)"
)


class Least(msgspec.Struct):
    """Fifty envelopes of this process's own, with what opens them."""

    rek: bytes
    sender: primitives.VerifyingKey
    sealed: list[envelope.Parts]

    def open(self) -> None:
        """Open them all, each in the full order; they were taken apart before."""
        for parts in self.sealed:
            envelope.open_parts(parts, self.rek, sender=self.sender)


def least() -> Least:
    """Seal fifty messages of the same size as those of the product."""
    private, public = primitives.sign_generate()
    signing = primitives.signing_key(private)
    rek = secrets.token_bytes(32)
    stamp = header.Stamp(
        sensitivity="general",
        message_id=ids.new_id(),
        context_id=ids.new_id(),
        epoch=1,
        revision=1,
        sender_org=ids.new_id(),
        sender_key_id=b"\0" * 8,
        created_ms=0,
        content_type="application/json",
        recipients_digest=b"\0" * 32,
        flags=0,
    )
    words = msgspec.json.encode({"text": talks.WORDS})
    sealed = [envelope.build(rek, words, stamp=stamp, sender=signing) for _ in range(MESSAGES)]
    parts = [envelope.split(value) for value in sealed]
    return Least(rek, primitives.verifying_key(public), parts)


async def fill(line: Line, talk: Talk, colleagues: list[Talk]) -> None:
    """Say what is missing to fifty messages, each colleague a few, as their limit has it."""
    left = MESSAGES - 1
    for each in colleagues:
        for _ in range(min(left, talks.IN_A_ROW)):
            await line.ask(talks.saying(msgspec.structs.replace(each, thread_id=talk.thread_id)))
            left -= 1


async def measure(
    owner: asyncpg.Connection, line: Line, talk: Talk, *, rounds: int, openings: int = OPENINGS
) -> list[Figure]:
    """Measure both sides in turns, and make their figure."""
    bare = least()
    ask = client.get(HOST, f"/api/v1/threads/{talk.thread_id}", token=talk.key)
    await line.ask(ask)

    async def ours() -> None:
        await line.ask(ask)

    async def theirs() -> None:
        bare.open()
        await owner.fetch(_QUERY, talk.thread_id)
        await owner.execute(_INSERT, ids.new_id(), talk.thread_id)

    found: list[tuple[float, float]] = []
    for turn in range(rounds):
        pair = [(0, ours), (1, theirs)]
        taken = [0.0, 0.0]
        for place, act in pair if turn % 2 == 0 else reversed(pair):
            taken[place] = await _median(act, openings)
        found.append((taken[0], taken[1]))
    ratio = statistics.median(product / floor for product, floor in found)
    product, floor = (statistics.median(each[n] for each in found) for n in (0, 1))
    figure = Figure(
        name="P8 opening 50 messages, audited",
        value=round(1000 * product, 2),
        unit="ms",
        baseline=round(1000 * floor, 2),
        ratio=round(ratio, 3),
        goal=GOAL,
        holds=ratio <= GOAL,
    )
    crypto = figures.told("P8: of that, 50 full open orders bare", 1000 * _spent(bare), "ms")
    return [figure, crypto]


async def _median(act: Callable[[], Awaitable[None]], count: int) -> float:
    taken = []
    for _ in range(count):
        begun = time.perf_counter()
        await act()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def _spent(bare: Least) -> float:
    begun = time.perf_counter()
    bare.open()
    return time.perf_counter() - begun
