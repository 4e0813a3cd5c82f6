"""Seal the record: number new lines in their logs, grow the trees, sign a checkpoint.

It works behind the lines it seals: acts commit theirs and wait for nobody.
"""

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from crypto import checkpoint, merkle
from service import faults
from service.actions.office import Office
from service.store import record
from service.store.pool import Connection, Scope
from service.store.record import Fresh, Leaf

BATCH = 5000
"""Lines sealed in one transaction; a crash costs at most their work, done again."""


class RecordChanged(faults.Fault):
    """What the sealer kept of the record is not what it signed."""

    slug = "record-changed"
    advice = "Run `loopkeeper audit verify`; sealing goes on once what was changed is put back."


async def seal_record(office: Office, *, limit: int = BATCH) -> int:
    """Seal one batch and return how many lines it had; none where another sealer is at work.

    Raises RecordChanged rather than sign on top of what it never signed.
    """
    async with office.db.transaction(Scope()) as connection:
        if not await record.alone(connection):
            return 0
        horizon, at = await record.horizon(connection)
        lines = await record.fresh(connection, limit=limit)
        if lines:
            heads = await _grow(connection, lines)
            await _sign(office, connection, heads, at_us=record.microseconds(at))
        last = lines[-1] if len(lines) == limit else None
        await record.move(connection, last=last, horizon=horizon)
    return len(lines)


async def _grow(connection: Connection, lines: Sequence[Fresh]) -> list[checkpoint.Head]:
    """Add lines to the trees of their logs, each in the order given."""
    ordered = sorted(lines, key=lambda line: line.log_id.bytes)
    by_log = {key: list(found) for key, found in groupby(ordered, key=lambda line: line.log_id)}
    known = await record.heads(connection, list(by_log))
    heads: list[checkpoint.Head] = []
    leaves: list[Leaf] = []
    for log_id, found in by_log.items():
        frontier = await _frontier(connection, log_id, known.get(log_id))
        for line in found:
            node = frontier.push(line.leaf)
            leaves.append(
                Leaf(
                    log_id=log_id,
                    seq=frontier.size,
                    audit_id=line.id,
                    leaf=line.leaf,
                    node=node,
                )
            )
        heads.append(checkpoint.Head(log_id=log_id, size=frontier.size, root=frontier.root()))
    await record.add_leaves(connection, leaves)
    return heads


async def _frontier(
    connection: Connection, log_id: UUID, head: checkpoint.Head | None
) -> merkle.Frontier:
    if head is None:
        return merkle.Frontier()
    kept = await record.nodes(connection, log_id, ends=merkle.ends(head.size))
    if len(kept) != head.size.bit_count():
        raise RecordChanged
    frontier = merkle.Frontier(head.size, kept)
    if frontier.root() != head.root:
        raise RecordChanged
    return frontier


async def _sign(
    office: Office, connection: Connection, heads: Sequence[checkpoint.Head], *, at_us: int
) -> None:
    before = await record.newest(connection)
    made = checkpoint.after(
        before.checkpoint.digest() if before else checkpoint.FIRST,
        heads,
        number=before.checkpoint.number + 1 if before else 1,
        at_us=at_us,
    )
    signed = await office.keys.sign_checkpoint(made)
    await record.add_checkpoint(connection, signed, heads=heads)
