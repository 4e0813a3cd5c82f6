"""What is asked of the product in P3: threads of two organizations, and what is said there."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import msgspec

from service.domain import ids
from tests.bench import client, journeys, written
from tests.bench.client import Ask, Line, Script
from tests.bench.ground import HOST, Network, Party
from tests.bench.written import Journey

TEXT = ("She has no ride on Tuesday; can the delivery come to the door instead? " * 29)[:2048]
"""What a message says: 2 KB."""

SAID = 16
"""Messages that follow the first one of a thread, said by either side in turn."""


class Pair(msgspec.Struct, frozen=True):
    """Two people of two organizations, each by a key of their own."""

    one: Party
    other: Party
    one_key: str
    other_key: str


class Talk(msgspec.Struct, frozen=True):
    """A thread that was begun, and between whom."""

    pair: Pair
    thread_id: UUID


class Begun(msgspec.Struct, frozen=True):
    """What an answer says of a thread."""

    thread_id: UUID


def pairs(network: Network) -> Iterator[Pair]:
    """Say without end who talks to whom; everybody has a turn before anybody has another."""
    for number in itertools.count():
        seat, place = divmod(number, len(network.senders))
        one = network.senders[place]
        other = network.recipients[(place + seat) % len(network.recipients)]
        yield Pair(
            one=one,
            other=other,
            one_key=one.speakers[seat % len(one.speakers)],
            other_key=other.speakers[seat % len(other.speakers)],
        )


def beginning(pair: Pair) -> Ask:
    """Spell the request that begins a thread with its first message."""
    body = {
        "subject": "A delivery to the door",
        "text": TEXT,
        "participants": [{"org_id": pair.other.org.id}],
    }
    return _post("/api/v1/threads", body, token=pair.one_key)


def saying(thread_id: UUID, *, token: str) -> Ask:
    """Spell the request that says something in a thread."""
    return _post(f"/api/v1/threads/{thread_id}/messages", {"text": TEXT}, token=token)


def _post(path: str, body: dict[str, object], *, token: str) -> Ask:
    spelled = msgspec.json.encode(body)
    return client.post(HOST, path, body=spelled, status=201, key=ids.new_id().hex, token=token)


async def begin(line: Line, pair: Pair) -> Talk:
    """Begin one thread."""
    answer = await line.ask(beginning(pair))
    return Talk(pair, msgspec.json.decode(answer.body, type=Begun).thread_id)


async def record(line: Line, owner: asyncpg.Connection, network: Network) -> list[Journey]:
    """Hold one conversation for each sender and turn what was written into statements."""
    known = await written.tables(owner, "thread")
    found: list[Journey] = []
    for pair in itertools.islice(pairs(network), len(network.senders)):
        talk = await begin(line, pair)
        recorder = written.Recorder(talk.thread_id, pair.one.org.id, known)
        statements = []
        for ask in (None, *_said(talk)):
            if ask is not None:
                await line.ask(ask)
            rows = await written.snapshot(owner, known, talk.thread_id)
            statements.append(recorder.act(rows, captured_at=datetime.now(UTC)))
        found.append(Journey(statements[0], tuple(statements[1:])))
    return found


def messages(talks: Iterator[Talk]) -> Iterator[Script]:
    """Say what there is to say in each thread, each message after the other."""
    for talk in talks:
        yield tuple(_said(talk))


def _said(talk: Talk) -> Iterator[Ask]:
    for turn in range(SAID):
        key = talk.pair.other_key if turn % 2 == 0 else talk.pair.one_key
        yield saying(talk.thread_id, token=key)


def floor_messages(seeds: Iterator[tuple[UUID, int]]) -> Iterator[Script]:
    """Ask the floor for the messages of threads that it has begun before."""
    for seed, journey in seeds:
        yield tuple(
            journeys.floor_act(seed, journey, step, said=TEXT, auto=False) for step in range(SAID)
        )
