"""What a visit through a link reads: the neutral card, and after step-up the sealed words."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("link_views")


class CardRow(msgspec.Struct, frozen=True, kw_only=True):
    """The neutral card of a leg; `spoken` is the patient's language, and nothing else of theirs."""

    reference: str
    priority: str
    sender_name: str
    sender_phone: str | None
    help: str
    area: list[str]
    spoken: str
    state: str
    version: int
    answer_due_at: datetime | None
    expected_by: date | None
    ask_open: bool
    open_items: int


class InboxRow(msgspec.Struct, frozen=True, kw_only=True):
    """A request that waits for the agency, as neutral as its card, and the link to answer it by."""

    leg_id: UUID
    referral_id: UUID
    version: int
    link_id: UUID
    reference: str
    priority: str
    sender_name: str
    help: str
    area: list[str]
    spoken: str
    state: str
    answer_due_at: datetime | None


class NoteRow(msgspec.Struct, frozen=True, kw_only=True):
    """An agency's own note, sealed under its field key at the place of its row."""

    id: UUID
    sealed: bytes
    saved_at: datetime

    def __repr__(self) -> str:
        return f"<sealed note {self.id}>"


class TakenOnRow(msgspec.Struct, frozen=True, kw_only=True):
    """A leg an agency is at work on, and the link by which its outcome is told."""

    leg_id: UUID
    link_id: UUID


class ContentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed content that this organization holds a seal for, or one that was destroyed."""

    id: UUID
    kind: str
    envelope: bytes | None
    sensitivity: str
    epoch: int
    author_org_id: UUID

    def __repr__(self) -> str:
        return f"<sealed content {self.id}>"


class AskedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A question or an answer, by the content that holds its words."""

    step: str
    content_id: UUID


class BookedRow(msgspec.Struct, frozen=True, kw_only=True):
    """The appointment that stands."""

    starts_at: datetime
    modality: str | None


async def card(connection: Connection, leg_id: UUID) -> CardRow | None:
    """Read the card; nothing once the organization has no part any more."""
    row = await connection.fetchrow(Q.card, leg_id)
    return CardRow(**dict(row)) if row is not None else None


async def inbox(
    connection: Connection, org_id: UUID, *, link_id: UUID, limit: int
) -> list[InboxRow]:
    """List what waits for an agency's answer and can be answered from the mailbox of a link."""
    return [
        InboxRow(**dict(row)) for row in await connection.fetch(Q.inbox, org_id, link_id, limit)
    ]


async def gone(
    connection: Connection, org_id: UUID, *, link_id: UUID, leg_ids: list[UUID]
) -> list[str]:
    """Name those of the legs, sent to the mailbox of a link, that wait for no answer any more."""
    found = await connection.fetch(Q.gone, org_id, link_id, leg_ids)
    return [row["reference"] for row in found]


async def taken_on(
    connection: Connection, org_id: UUID, *, link_id: UUID, states: list[str], limit: int
) -> list[TakenOnRow]:
    """List what an agency has taken on that an outcome in one word closes, the latest first."""
    found = await connection.fetch(Q.taken_on, org_id, link_id, states, limit)
    return [TakenOnRow(**dict(row)) for row in found]


async def note(connection: Connection, org_id: UUID, *, leg_id: UUID) -> NoteRow | None:
    """Read an agency's own note on a leg."""
    row = await connection.fetchrow(Q.note, org_id, leg_id)
    return NoteRow(**dict(row)) if row is not None else None


async def keep_note(
    connection: Connection, org_id: UUID, *, leg_id: UUID, note_id: UUID, sealed: bytes
) -> None:
    """Keep an agency's own note; `note_id` is that of the note there is, or a new one."""
    await connection.execute(Q.keep_note, note_id, org_id, leg_id, sealed)


async def drop_note(connection: Connection, org_id: UUID, *, leg_id: UUID) -> None:
    """Throw an agency's own note away."""
    await connection.execute(Q.drop_note, org_id, leg_id)


async def contents(
    connection: Connection, referral_id: UUID, *, leg_id: UUID, org_id: UUID
) -> list[ContentRow]:
    """List what the organization's seals open: the package, the identity, and its leg's words."""
    found = await connection.fetch(Q.contents, referral_id, leg_id, org_id)
    return [ContentRow(**dict(row)) for row in found]


async def asked(connection: Connection, leg_id: UUID) -> list[AskedRow]:
    """List questions and answers of a leg, in their order."""
    return [AskedRow(**dict(row)) for row in await connection.fetch(Q.asked, leg_id)]


async def booked(connection: Connection, leg_id: UUID) -> BookedRow | None:
    """Read the appointment that stands."""
    row: Any = await connection.fetchrow(Q.booked, leg_id)
    return BookedRow(**dict(row)) if row is not None else None


READS = {
    "inbox": InboxRow,
    "taken_on": TakenOnRow,
    "note": NoteRow,
    "card": CardRow,
    "contents": ContentRow,
    "asked": AskedRow,
    "booked": BookedRow,
}
"""Which Struct the columns of a query feed; a test compares them."""
