"""Documents and files taken back, and who had them opened before."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from service.domain import ids
from service.domain.people import Actor
from service.store import queries
from service.store.pool import Connection
from service.store.thread_work import ReaderRow

Q = queries.load("retracting")


class HeadRow(msgspec.Struct, frozen=True, kw_only=True):
    """A document or a file as taking it back needs it; a legal hold is on `held_id`."""

    id: UUID
    referral_id: UUID | None
    thread_id: UUID | None
    leg_id: UUID | None
    held_id: UUID
    author_org_id: UUID
    sensitivity: str
    retracted_at: datetime | None

    @property
    def context_id(self) -> UUID:
        """The referral or thread that it belongs to."""
        found = self.referral_id or self.thread_id
        assert found is not None
        return found


async def head(connection: Connection, record_id: UUID, *, file: bool) -> HeadRow | None:
    """Read the head of a document or of a file, or nothing where this organization sees none."""
    row = await connection.fetchrow(Q.file if file else Q.document, record_id)
    return HeadRow(**dict(row)) if row is not None else None


async def take(
    connection: Connection, record_id: UUID, actor: Actor, *, file: bool, reason: str
) -> bool:
    """Withdraw the keys and leave the tombstone; False where somebody was first."""
    statement = Q.take_file if file else Q.take_document
    found = await connection.fetchval(statement, record_id, actor.org_id, actor.member_id, reason)
    return found is not None


async def told(connection: Connection, row: HeadRow) -> list[UUID]:
    """List the organizations whose people had it before them."""
    rows = await connection.fetch(Q.told, row.referral_id, row.leg_id, row.thread_id)
    return [each["id"] for each in rows]


async def open_task(
    connection: Connection,
    row: HeadRow,
    *,
    file: bool,
    org_id: UUID,
    member_id: UUID | None,
    reason: str,
) -> None:
    """Open work for whoever keeps an organization's privacy."""
    kind = "file_retracted" if file else "document_retracted"
    document_id = None if file else row.id
    about = row.author_org_id
    await connection.execute(
        *(Q.task, ids.new_id(), kind, org_id, member_id, about, document_id, row.thread_id, reason)
    )


async def opened(
    connection: Connection,
    records: Sequence[UUID],
    actor: Actor,
    *,
    file: bool,
    worker_id: UUID | None = None,
) -> None:
    """Keep that somebody had these documents or files opened."""
    if not records:
        return
    made = [ids.new_id() for _ in records]
    who = (actor.org_id, actor.member_id, worker_id, actor.link_id)
    await connection.execute(Q.opened, made, list(records), *who, file)


async def readers(connection: Connection, record_id: UUID, *, file: bool) -> list[ReaderRow]:
    """List who has had a document or a file opened."""
    statement = Q.file_readers if file else Q.document_readers
    return [ReaderRow(**dict(row)) for row in await connection.fetch(statement, record_id)]


READS = {
    "document": HeadRow,
    "file": HeadRow,
    "document_readers": ReaderRow,
    "file_readers": ReaderRow,
}
"""Which Struct the columns of a query feed; a test compares them."""
