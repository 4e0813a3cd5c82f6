"""What the proof of one line is made of: the line, its log's newest head, the nodes kept."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from crypto import checkpoint, layout
from service.store import queries, record
from service.store.pool import Connection

Q = queries.load("record_proofs")

_BEFORE_THE_ROW = 2


class Provable(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it is hashed, whose act it was, and its number; None before it is sealed."""

    member_id: UUID | None
    seq: int | None
    columns: bytes


class NewestHead(msgspec.Struct, frozen=True, kw_only=True):
    """A log's size under its newest checkpoint, and the way to what is signed there."""

    size: int
    way: checkpoint.Way
    signed: checkpoint.Signed


async def line(connection: Connection, org_id: UUID, *, line_id: UUID) -> Provable | None:
    """Read one line of an organization, or nothing."""
    row = await connection.fetchrow(Q.line, org_id, line_id)
    if row is None:
        return None
    return Provable(
        member_id=row["actor_member_id"],
        seq=row["seq"],
        columns=layout.columns(tuple(row)[_BEFORE_THE_ROW:]),
    )


async def newest_head(connection: Connection, org_id: UUID) -> NewestHead | None:
    """Read how far a log has come; nothing before it was sealed."""
    row = await connection.fetchrow(Q.newest_head, org_id)
    if row is None:
        return None
    way = checkpoint.Way(row["place"], row["path"])
    return NewestHead(size=row["size"], way=way, signed=record.signed(row))


async def kept(
    connection: Connection, org_id: UUID, *, ends: Sequence[int]
) -> dict[int, tuple[bytes, bytes]]:
    """Return leaf and node at these places of a log."""
    rows = await connection.fetch(Q.kept, org_id, list(ends))
    return {row["seq"]: (row["leaf"], row["node"]) for row in rows}
