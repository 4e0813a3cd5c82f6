"""The record as its verifier reads it: all of it, page by page, as the role that sees it all."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crypto import checkpoint
from service.domain import fhir_audit
from service.store import queries, record
from service.store.pool import Connection

Q = queries.load("record_reading")

PAGE = 2000
_BEFORE_THE_ROW = 6
_STEADY = """set transaction isolation level repeatable read, read only;
  set local statement_timeout = 0"""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many leaves, heads and checkpoints are stored."""

    leaves: int
    heads: int
    checkpoints: int


class Grown(msgspec.Struct, frozen=True, kw_only=True):
    """A log's size and root under the checkpoint of a number."""

    size: int
    root: bytes
    number: int


class Unsealed(msgspec.Struct, frozen=True, kw_only=True):
    """How many lines have no number yet, and how old the oldest of them is."""

    count: int
    seconds: float


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a log: what is kept there, and the hash of the line that is there now.

    `leaf` is None where the line is gone, or belongs to another log.
    """

    seq: int
    audit_id: UUID
    kept: bytes
    node: bytes | None
    leaf: bytes | None


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint, and the heads that stand under it in the database."""

    signed: checkpoint.Signed
    heads: tuple[checkpoint.Head, ...]
    ways: tuple[checkpoint.Way, ...]


async def hold_still(connection: Connection) -> None:
    """Let a transaction that begins see one moment throughout, however long it reads."""
    await connection.execute(_STEADY)


async def counts(connection: Connection) -> Counts:
    """Say how much is stored."""
    return Counts(**dict(await connection.fetchrow(Q.counts)))


async def checkpoints(connection: Connection) -> AsyncIterator[Named]:
    """Read the chain from its beginning."""
    number = 0
    while rows := await connection.fetch(Q.checkpoints, number, PAGE):
        for row in rows:
            yield _named(row)
        number = rows[-1]["number"]


def _named(row: Any) -> Named:
    told = zip(row["logs"], row["sizes"], row["roots"], strict=True)
    heads = tuple(checkpoint.Head(log_id=log, size=size, root=root) for log, size, root in told)
    ways = tuple(map(checkpoint.Way, row["places"], row["paths"]))
    return Named(signed=record.signed(row), heads=heads, ways=ways)


async def heads(connection: Connection, log_id: UUID) -> AsyncIterator[Grown]:
    """Read how a log grew, from its beginning."""
    size = -1
    while rows := await connection.fetch(Q.heads, log_id, size, PAGE):
        for row in rows:
            yield Grown(**dict(row))
        size = rows[-1]["size"]


async def lines(connection: Connection, log_id: UUID) -> AsyncIterator[list[Line]]:
    """Read a log from its beginning, a page at a time."""
    seq = 0
    while rows := await connection.fetch(Q.lines, log_id, seq, PAGE):
        yield [_line(row, log_id) for row in rows]
        seq = rows[-1]["seq"]


def _line(row: Any, log_id: UUID) -> Line:
    ours = row["there"] and row["log_id"] == log_id
    return Line(
        seq=row["seq"],
        audit_id=row["audit_id"],
        kept=row["leaf_hash"],
        node=row["node"],
        leaf=record.leaf_of(tuple(row)[_BEFORE_THE_ROW:]) if ours else None,
    )


async def unsealed(connection: Connection, *, log_id: UUID | None) -> Unsealed:
    """Count the lines without a number, of one log or of all."""
    return Unsealed(**dict(await connection.fetchrow(Q.unsealed, log_id)))


async def exported(
    connection: Connection,
    *,
    org_id: UUID | None,
    since: datetime | None,
    until: datetime | None,
) -> AsyncIterator[fhir_audit.Line]:
    """Read the lines of an organization, or all, of a span of time; in the order of their ids."""
    last = UUID(int=0)
    while rows := await connection.fetch(Q.exported, last, org_id, since, until, PAGE):
        for row in rows:
            yield fhir_audit.Line(**dict(row))
        last = rows[-1]["id"]


READS = {
    "counts": Counts,
    "heads": Grown,
    "unsealed": Unsealed,
    "exported": fhir_audit.Line,
}
"""Which Struct the columns of a query feed; a test compares them."""
