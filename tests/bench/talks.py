"""Conversations for the bench: many, each with a member who writes in it, and the floor's copy.

A member may send twenty messages at once, so a round is shared by many members, each with a key and
a conversation of their own; a member's messages follow each other on one connection.
"""

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from crypto import token
from service.domain import ids
from tests.bench import client
from tests.bench.client import Ask, Line, Script
from tests.bench.ground import HOST, Network, Party
from tests.bench.written import FLOOR_SCHEMA, OWNER_SCHEMA, Fresh, Journey, Statement

WORDS = ("The fridge does not work, and the oven only now and then. " * 40)[:2048]
"""A message of 2 KB."""

IN_A_ROW = 18
"""Messages that one member sends without being asked to wait, besides the one that began it."""

_ROLES = ["clinician", "coordinator"]
_COPIED = ("thread", "thread_party", "message_read")
_WRITTEN = ("message", "outbox", "audit", "idempotency")


class Talk(msgspec.Struct, frozen=True):
    """A conversation, and the member of its sender who writes in it."""

    org_id: UUID
    member_id: UUID
    key: str
    recipient_id: UUID
    recipient_member_id: UUID
    thread_id: UUID


class _Begun(msgspec.Struct, frozen=True):
    thread_id: UUID


class Said(msgspec.Struct, frozen=True):
    """What an answer says of a message."""

    message_id: UUID


async def begin(
    owner: asyncpg.Connection, network: Network, lines: list[Line], *, count: int
) -> list[Talk]:
    """Hire so many members, and let each begin a conversation over HTTP."""
    dice = random.Random(3)
    share = -(-count // len(network.senders))
    hired = [await _hired(owner, party, share) for party in network.senders]
    members = iter(list(itertools.chain.from_iterable(zip(*hired, strict=True)))[:count])
    made: list[Talk] = []

    async def drive(line: Line) -> None:
        for party, member_id, key in members:
            other = dice.choice(network.recipients)
            talk = Talk(party.org.id, member_id, key, other.org.id, _member(other), UUID(int=0))
            answer = await line.ask(_starting(talk))
            begun = msgspec.json.decode(answer.body, type=_Begun)
            made.append(msgspec.structs.replace(talk, thread_id=begun.thread_id))

    await client.together(drive(line) for line in lines)
    return made


def _member(party: Party) -> UUID:
    found = party.org.actor.member_id
    assert found is not None
    return found


async def _hired(
    owner: asyncpg.Connection, party: Party, count: int
) -> list[tuple[Party, UUID, str]]:
    """Write members with a key each; nobody of them ever signs in."""
    share = range(count)
    people = [(ids.new_id(), ids.new_id(), token.new_secret("lk_")) for _ in share]
    await owner.executemany(
        "insert into lk.person (id, login_token, login_sealed, name, created_at)"
        " values ($1, $2, '', 'Bench', lk.now())",
        [(person, person.bytes) for person, _, _ in people],
    )
    await owner.executemany(
        "insert into lk.member (org_id, id, person_id, name, roles, created_at)"
        " values ($1, $2, $3, 'Bench', $4, lk.now())",
        [(party.org.id, member, person, _ROLES) for person, member, _ in people],
    )
    await owner.executemany(
        "insert into lk.api_key (org_id, id, member_id, name, secret_hash, created_by_member_id,"
        " created_at) values ($1, $2, $3, 'bench', $4, $3, lk.now())",
        [(party.org.id, ids.new_id(), member, key.digest) for _, member, key in people],
    )
    return [(party, member, key.text) for _, member, key in people]


def _starting(talk: Talk) -> Ask:
    guest = {"org_id": talk.recipient_id, "member_ids": [talk.recipient_member_id]}
    body = {"subject": "A question", "text": "Good morning.", "participants": [guest]}
    return _post("/api/v1/threads", body, talk)


def saying(talk: Talk) -> Ask:
    """Spell the request that sends one message of 2 KB."""
    return _post(f"/api/v1/threads/{talk.thread_id}/messages", {"text": WORDS}, talk)


def _post(path: str, body: Any, talk: Talk) -> Ask:
    return client.post(
        HOST,
        path,
        body=msgspec.json.encode(body),
        status=201,
        key=ids.new_id().hex,
        token=talk.key,
    )


def scripts(talks: Iterator[Talk]) -> Iterator[Script]:
    """Ask for messages without end, one member's after the other."""
    for talk in talks:
        yield tuple(saying(talk) for _ in range(IN_A_ROW))


async def floor_of(owner: asyncpg.Connection, line: Line, talks: list[Talk]) -> list[Journey]:
    """Send one message, and spell what it wrote as the floor's statement in every conversation."""
    first = talks[0]
    sent = msgspec.json.decode((await line.ask(saying(first))).body, type=Said)
    for name in (*_COPIED, *_WRITTEN):
        await owner.execute(
            f"create table if not exists {FLOOR_SCHEMA}.{name}"
            f" (like {OWNER_SCHEMA}.{name} including all)"
        )
    for name in _COPIED:
        await owner.execute(
            f"insert into {FLOOR_SCHEMA}.{name} select * from {OWNER_SCHEMA}.{name}"
        )
    rows = {
        name: dict(await owner.fetchrow(statement, sent.message_id, first.thread_id))
        for name, statement in _ROWS.items()
    }
    return [Journey(_statement(rows, first, talk), ()) for talk in talks]


_ROWS = {
    "message": "select * from lk.message where id = $1 and thread_id = $2",
    "outbox": "select * from lk.outbox where thread_id = $2 and $1::uuid is not null"
    " order by id desc limit 1",
    "audit": "select * from lk.audit where action = 'message.send' and resource_id = $2"
    " and $1::uuid is not null",
    "idempotency": "select * from lk.idempotency where resource_id = $1 and $2::uuid is not null",
}
"""The rows one message wrote."""


_MOVED = (
    """p0 as (update {floor}.thread set version = version + 1, last_seq = last_seq + 1
              where id = $1 returning last_seq)""",
    "p1 as (update {floor}.thread_party set touched_at = $2 where thread_id = $1)",
    """p2 as (update {floor}.message_read
                set read_seq = (select last_seq from p0), read_at = $2
              where member_id = $3 and thread_id = $1)""",
)
"""What one message moves."""


def _statement(rows: dict[str, dict[str, Any]], first: Talk, talk: Talk) -> Statement:
    """Spell one act: what was new is inserted, what moved is updated, in one CTE."""
    same = dict(zip(msgspec.structs.astuple(first), msgspec.structs.astuple(talk), strict=True))
    values: list[Any] = [talk.thread_id, datetime.now(UTC), talk.member_id]
    parts = [each.format(floor=FLOOR_SCHEMA) for each in _MOVED]
    for number, (name, row) in enumerate(rows.items(), start=3):
        columns = [column for column, value in row.items() if value is not None]
        taken = [_taken((name, column), row[column], same, values) for column in columns]
        parts.append(
            f"p{number} as (insert into {FLOOR_SCHEMA}.{name} ({', '.join(columns)})"
            f" select {', '.join(taken)} from p0)"
        )
    return Statement(
        sql=f"with {', '.join(parts)} select 1",
        values=tuple(values),
        read=talk.org_id,
        captured_at=datetime.now(UTC),
    )


def _taken(place: tuple[str, str], value: Any, same: dict[Any, Any], values: list[Any]) -> str:
    if place == ("message", "seq"):
        return "p0.last_seq"
    if place[1] == "id":
        value = Fresh(len(values))
    elif place == ("idempotency", "key"):
        value = Fresh(len(values), text=True)
    else:
        value = same.get(value, value) if isinstance(value, UUID) else value
    values.append(value)
    return f"${len(values)}"
