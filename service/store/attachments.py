"""Files as rows: what opens one, how the scan of it stands, and what took it along."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from crypto.keys import SealRow
from service import faults
from service.domain import ids
from service.domain.people import Actor
from service.store import queries, rows, steps, thread_writes
from service.store.pool import Connection
from service.store.referrals import KeyUsed
from service.store.rows import AuditRow, DisclosureRow, EpochRow, OnceRow

Q = queries.load("attachments")
PARTS = queries.parts("attachment_writes")


class AttachmentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it is added."""

    id: UUID
    sensitivity: str
    epoch: int
    label: bytes
    head: bytes
    blob_id: UUID
    stored_bytes: int
    referral_id: UUID | None = None
    thread_id: UUID | None = None
    leg_id: UUID | None = None


class Addition(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that adding a file writes; `seen` is what the guard compares."""

    actor: Actor
    now: datetime
    seen: int
    row: AttachmentRow
    worker_id: UUID | None = None
    request_id: str | None = None
    epochs: Sequence[EpochRow] = ()
    seals: Sequence[SealRow] = ()
    disclosures: Sequence[DisclosureRow] = ()
    once: OnceRow | None = None

    @property
    def context_id(self) -> UUID:
        """The referral or thread that the file belongs to."""
        found = self.row.referral_id or self.row.thread_id
        assert found is not None
        return found


class FileRow(msgspec.Struct, frozen=True, kw_only=True):
    """A file as somebody sees it; `sealed` is the asking organization's seal, if it holds one.

    With `shared_by_org_id` it is opened by what that organization shared into a newer epoch.
    """

    id: UUID
    org_id: UUID
    organization: str
    referral_id: UUID | None
    thread_id: UUID | None
    leg_id: UUID | None
    document_id: UUID | None
    message_id: UUID | None
    sensitivity: str
    epoch: int
    context_id: UUID
    label: bytes | None
    head: bytes | None
    shared_by_org_id: UUID | None
    blob_id: UUID
    stored_bytes: int
    state: str
    scanner: str | None
    created_at: datetime
    retract_reason: str | None
    key_id: bytes | None
    sealed: bytes | None

    def __repr__(self) -> str:
        return f"<file {self.id} {self.state}>"

    def seal_of(self, org_id: UUID) -> SealRow | None:
        """Return the asking organization's seal, if it holds one."""
        if self.key_id is None or self.sealed is None:
            return None
        return SealRow(
            context_id=self.context_id,
            sensitivity=self.sensitivity,
            epoch=self.epoch,
            org_id=org_id,
            key_id=self.key_id,
            sealed=self.sealed,
        )


class DueRow(msgspec.Struct, frozen=True, kw_only=True):
    """A file that waits to be looked at."""

    id: UUID
    org_id: UUID
    referral_id: UUID | None
    thread_id: UUID | None
    leg_id: UUID | None
    member_id: UUID | None
    link_id: UUID | None
    context_id: UUID
    sensitivity: str
    epoch: int
    head: bytes
    blob_id: UUID
    tries: int


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Which bytes a row counts on."""

    blob_id: UUID
    id: UUID
    stored_bytes: int


async def add(connection: Connection, given: Addition) -> bool:
    """Write a file in one statement; False means that who may read it has changed meanwhile.

    Raises KeyUsed where its idempotency key was spent, Busy where somebody held it too long.
    """
    document = _document(given)
    statement = _statement(document, thread=given.row.thread_id is not None)
    try:
        found = await connection.fetchval(statement, given.context_id, given.seen, document)
    except asyncpg.UniqueViolationError as conflict:
        name = getattr(conflict, "constraint_name", None)
        if name == "idempotency_pkey":
            raise KeyUsed from conflict
        if name in ("epoch_pkey", "epoch_one_active"):
            # Two opened the next epoch at once; whoever was second writes in the first one's.
            return False
        raise
    except asyncpg.LockNotAvailableError as waited:
        raise faults.Busy(retry_after=1, waited=True) from waited
    return found is not None


def _document(given: Addition) -> dict[str, Any]:
    actor = given.actor
    who = {
        "member_id": actor.member_id,
        "api_key_id": actor.api_key_id,
        "link_id": actor.link_id,
        "worker_id": given.worker_id,
    }
    return {
        "now": given.now,
        "leaves": [],
        "attachments": [{**who, "org_id": actor.org_id, **rows.classed(given.row)}],
        "epochs": [rows.classed(row) for row in given.epochs],
        "seals": [rows.classed(row) for row in given.seals],
        "disclosures": [{"id": ids.new_id(), **rows.classed(row)} for row in given.disclosures],
        "audits": [_audit(given, who)],
        "idempotency": [rows.classed(given.once)] if given.once else [],
    }


def _audit(given: Addition, who: dict[str, Any]) -> dict[str, Any]:
    row = AuditRow(
        org_id=given.actor.org_id,
        action="attachment.add",
        resource_kind="attachment",
        resource_id=given.row.id,
        sensitivity=given.row.sensitivity,
        detail={"bytes": given.row.stored_bytes},
    )
    actor = {"actor_kind": given.actor.kind, "actor_org_id": given.actor.org_id}
    named = {("actor_member_id" if name == "member_id" else name): who[name] for name in who}
    return {"id": ids.new_id(), **actor, **named, "request_id": given.request_id} | rows.classed(
        row
    )


def _statement(document: dict[str, Any], *, thread: bool) -> str:
    names = ["new_attachments"]
    if document["epochs"]:
        names += ["closed_epochs", "new_epochs", "new_seals", "new_disclosures"]
    names += ["new_audits", *(["new_key"] if document["idempotency"] else [])]
    return joined("of_thread" if thread else "of_referral", tuple(names))


@lru_cache(maxsize=16)
def joined(guard: str, names: tuple[str, ...]) -> str:
    """Put the parts of a statement together: $1 the context, $2 what was seen, $3 the document."""
    known = (thread_writes.PARTS if guard == "of_thread" else steps.PARTS) | PARTS
    parts = ",\n".join(known[name] for name in (guard, *names))
    return f"with {parts}\nselect id from guard"


def whole(guard: str) -> str:
    """Return the statement with every part, for the test that prepares it."""
    epochs = ("closed_epochs", "new_epochs", "new_seals", "new_disclosures")
    return joined(guard, ("new_attachments", *epochs, "new_audits", "new_key"))


async def visible(connection: Connection, org_id: UUID, *, ids: Sequence[UUID]) -> list[FileRow]:
    """Read files, as far as this organization sees them."""
    return [FileRow(**dict(row)) for row in await connection.fetch(Q.visible, org_id, list(ids))]


async def in_context(connection: Connection, org_id: UUID, *, context_id: UUID) -> list[FileRow]:
    """Read every file of a referral or thread that this organization sees."""
    found = [row["id"] for row in await connection.fetch(Q.in_context, context_id)]
    return await visible(connection, org_id, ids=found) if found else []


async def said_since(
    connection: Connection, org_id: UUID, *, thread_id: UUID, seq: int, limit: int
) -> list[FileRow]:
    """Read the files of messages from a number on, as far as this organization sees them."""
    found = [row["id"] for row in await connection.fetch(Q.said_since, thread_id, seq, limit)]
    return await visible(connection, org_id, ids=found) if found else []


async def loose(
    connection: Connection, org_id: UUID, *, context_id: UUID, ids: Sequence[UUID]
) -> bool:
    """Hold files that are to be taken along; False where one is not there, or not fit to be."""
    found = await connection.fetch(Q.loose, list(ids), org_id, context_id)
    return {row["id"] for row in found} == set(ids)


async def due(connection: Connection, *, limit: int) -> list[DueRow]:
    """Lease files that wait to be looked at."""
    return [DueRow(**dict(row)) for row in await connection.fetch(Q.due, limit)]


async def held(connection: Connection, row: DueRow) -> SealRow | None:
    """Return the uploader's seal of a file's epoch, if it still holds one."""
    found = await connection.fetchrow(
        Q.held, row.context_id, row.sensitivity, row.epoch, row.org_id
    )
    return SealRow(**dict(found)) if found is not None else None


async def scanned(connection: Connection, file_id: UUID, *, state: str, scanner: str) -> bool:
    """Write down what a look brought; False where another look was first."""
    done: str = await connection.execute(Q.scanned, file_id, state, scanner)
    return done.endswith(" 1")


async def tell(connection: Connection, file_id: UUID, *, reason: str) -> None:
    """Open work for whoever uploaded a file that cannot be handed out."""
    await connection.execute(Q.tell, file_id, ids.new_id(), reason)


async def stale(connection: Connection, *, limit: int) -> list[tuple[UUID, UUID]]:
    """Hold files that nothing took along within a day: their ids, and those of their bytes."""
    return [(row["id"], row["blob_id"]) for row in await connection.fetch(Q.stale, limit)]


async def remove(connection: Connection, file_id: UUID) -> None:
    """Delete the row of a file that nothing took along."""
    await connection.execute(Q.remove, file_id)


async def kept(connection: Connection) -> list[Kept]:
    """List which bytes there should be."""
    return [Kept(**dict(row)) for row in await connection.fetch(Q.blobs)]


READS = {"visible": FileRow, "blobs": Kept}
"""Which Struct the columns of a query feed; a test compares them."""
