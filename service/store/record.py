"""The record's logs as the sealer sees them: lines without a number, kept nodes, checkpoints."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from crypto import checkpoint, inclusion, layout
from service.store import queries
from service.store.pool import Connection

Q = queries.load("record")

NETWORK_LOG = UUID(int=0)
"""The log of the lines that belong to no organization."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BEFORE_THE_ROW = 3


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """A line that has no number yet: whose log it belongs to, and the hash of all its columns."""

    log_id: UUID
    id: UUID
    xact: str
    leaf: bytes


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """A line's place in its log, and the node that is kept with it."""

    log_id: UUID
    seq: int
    audit_id: UUID
    leaf: bytes
    node: bytes


def leaf_of(columns: Iterable[bytes | None]) -> bytes:
    """Hash one line; every column counts, in the order of the table, as PostgreSQL sends it."""
    return inclusion.leaf_of(layout.columns(columns))


async def alone(connection: Connection) -> bool:
    """Say whether this transaction is the one sealer at work."""
    return bool(await connection.fetchval(Q.lock))


async def horizon(connection: Connection) -> tuple[str, datetime]:
    """Return the oldest transaction that may still write, and the real time."""
    row = await connection.fetchrow(Q.horizon)
    return row["horizon"], row["at"]


async def fresh(connection: Connection, *, limit: int) -> list[Fresh]:
    """List lines without a number, in the order their transactions began to write."""
    return [
        Fresh(
            log_id=row["log_id"],
            id=row["id"],
            xact=row["xact"],
            leaf=leaf_of(tuple(row)[_BEFORE_THE_ROW:]),
        )
        for row in await connection.fetch(Q.fresh, limit)
    ]


async def newest(connection: Connection) -> checkpoint.Signed | None:
    """Return the newest checkpoint, or nothing before the first."""
    row = await connection.fetchrow(Q.newest)
    return signed(row) if row is not None else None


def signed(row: Any) -> checkpoint.Signed:
    """Read a row of checkpoints."""
    return checkpoint.Signed(
        checkpoint=checkpoint.Checkpoint(
            number=row["number"],
            at_us=microseconds(row["at"]),
            previous=row["previous"],
            heads=row["heads"],
            heads_root=row["heads_root"],
        ),
        key_id=row["key_id"],
        signature=row["signature"],
    )


def microseconds(at: datetime) -> int:
    """Return a moment as whole microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


async def heads(connection: Connection, log_ids: Sequence[UUID]) -> dict[UUID, checkpoint.Head]:
    """Return how far each of these logs has come; one that is new is not there."""
    rows = await connection.fetch(Q.heads, list(log_ids))
    return {row["log_id"]: checkpoint.Head(**dict(row)) for row in rows}


async def nodes(connection: Connection, log_id: UUID, *, ends: Sequence[int]) -> list[bytes]:
    """Return the kept nodes with these ends, in their order."""
    if not ends:
        return []
    return [row["node"] for row in await connection.fetch(Q.nodes, log_id, list(ends))]


async def add_leaves(connection: Connection, made: Sequence[Leaf]) -> None:
    """Give lines their numbers."""
    await connection.execute(
        Q.add_leaves,
        [leaf.log_id for leaf in made],
        [leaf.seq for leaf in made],
        [leaf.audit_id for leaf in made],
        [leaf.leaf for leaf in made],
        [None if leaf.seq & 1 else leaf.node for leaf in made],
    )


async def add_checkpoint(
    connection: Connection, made: checkpoint.Signed, *, heads: Sequence[checkpoint.Head]
) -> None:
    """Write a signed checkpoint with the heads it names."""
    body = made.checkpoint
    await connection.execute(
        Q.add_checkpoint,
        body.number,
        _EPOCH + body.at_us * _MICROSECOND,
        body.previous,
        body.heads,
        body.heads_root,
        made.key_id,
        made.signature,
    )
    ways = checkpoint.ways(heads)
    await connection.execute(
        Q.add_heads,
        body.number,
        [head.log_id for head in heads],
        [head.size for head in heads],
        [head.root for head in heads],
        [way.place for way in ways],
        [way.path for way in ways],
    )


async def move(connection: Connection, *, last: Fresh | None, horizon: str) -> None:
    """Go on behind the last line of a full batch, or from the oldest transaction under way."""
    where = (last.xact, last.id) if last is not None else (horizon, NETWORK_LOG)
    await connection.execute(Q.move, *where, horizon)
