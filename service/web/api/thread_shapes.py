"""What the API answers about conversations."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from service.actions.list_threads import Entry
from service.actions.read_thread import Line, Sheet
from service.actions.start_thread import Said
from service.domain import threads as rules
from service.domain.threads import MessageState


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Where something that was said stands."""

    thread_id: UUID
    reference: str
    message_id: UUID
    seq: int
    version: int
    web_url: str


class Participant(msgspec.Struct, frozen=True, kw_only=True):
    """An organization in a thread; `from_seq` is the first message it was given."""

    org_id: UUID
    name: str
    channel: str
    from_seq: int
    since: datetime
    until: datetime | None


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A person whom messages are told to."""

    org_id: UUID
    member_id: UUID
    name: str


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message, or what is left of it."""

    id: UUID
    seq: int
    state: MessageState
    author_org_id: UUID
    author_org: str
    author: str
    at: datetime
    text: str | None = None
    reply_to: UUID | None = None
    by_link: bool = False
    retracted_at: datetime | None = None
    retract_reason: str | None = None
    retract_comment: str | None = None


class InternalNote(msgspec.Struct, frozen=True, kw_only=True):
    """A note that only the reader's own organization has."""

    id: UUID
    member_id: UUID
    author: str
    at: datetime
    text: str | None


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who had a message opened before it was taken back."""

    org_id: UUID
    org: str
    member_id: UUID | None
    member: str | None
    by_link: bool
    opened_at: datetime


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a message that was taken back, and who had it opened."""

    message_id: UUID
    reason: rules.RetractReason
    opened_by: tuple[Reader, ...]


class KeptNote(msgspec.Struct, frozen=True, kw_only=True):
    """A note that was kept."""

    id: UUID


class DraftShape(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has begun to write."""

    text: str
    reply_to: UUID | None
    saved_at: datetime


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """How far one has read now."""

    read_seq: int


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """The version after a change of who takes part."""

    id: UUID
    version: int


class Partner(msgspec.Struct, frozen=True, kw_only=True):
    """An organization of a conversation, in a list."""

    org_id: UUID
    name: str


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation of a list."""

    id: UUID
    reference: str
    subject: str | None
    sensitivity: str
    referral_id: UUID | None
    referral_reference: str | None
    participants: tuple[Partner, ...]
    last_seq: int
    unread: int
    last_at: datetime
    web_url: str


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One page of conversations, the one last spoken in first."""

    items: tuple[Item, ...]
    next: str | None


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as its reader sees it, one page of it, oldest first."""

    id: UUID
    reference: str
    subject: str | None
    sensitivity: str
    version: int
    last_seq: int
    from_seq: int
    created_at: datetime
    referral_id: UUID | None
    referral_reference: str | None
    participants: tuple[Participant, ...]
    members: tuple[Named, ...]
    messages: tuple[Message, ...]
    internal_notes: tuple[InternalNote, ...]
    unread_from: int | None
    before: int | None
    redisclosure_notice: bool
    web_url: str


def web_url(public_url: str, thread_id: UUID) -> str:
    """Return where people see this thread."""
    return f"{public_url}/threads/{thread_id}"


def receipt_of(said: Said, *, public_url: str) -> Receipt:
    """Spell where something that was said stands."""
    return Receipt(**msgspec.structs.asdict(said), web_url=web_url(public_url, said.thread_id))


def message_of(line: Line) -> Message:
    """Spell one message."""
    card = line.card
    return Message(
        id=card.id,
        seq=card.seq,
        state=line.state,
        author_org_id=card.author_org_id,
        author_org=line.author_org,
        author=line.author,
        at=card.created_at,
        text=line.text,
        reply_to=card.reply_to,
        by_link=card.by_link,
        retracted_at=card.retracted_at,
        retract_reason=card.retract_reason,
        retract_comment=line.comment,
    )


def thread_of(sheet: Sheet, *, public_url: str) -> Thread:
    """Spell a thread; `before` leads to the page of older messages."""
    first = sheet.lines[0].card.seq if sheet.lines else sheet.from_seq
    same: dict[str, Any] = {
        name: getattr(sheet, name) for name in Thread.__struct_fields__ if hasattr(sheet, name)
    }
    return Thread(
        **{name: value for name, value in same.items() if name != "members"},
        participants=tuple(
            Participant(
                org_id=each.org_id,
                name=each.name,
                channel=each.channel,
                from_seq=each.from_seq,
                since=each.started_at,
                until=each.ended_at,
            )
            for each in sheet.parties
        ),
        members=tuple(Named(**msgspec.structs.asdict(each)) for each in sheet.members),
        messages=tuple(message_of(line) for line in sheet.lines),
        internal_notes=tuple(
            InternalNote(
                id=note.card.id,
                member_id=note.card.member_id,
                author=note.card.name,
                at=note.card.created_at,
                text=note.text,
            )
            for note in sheet.notes
        ),
        before=first if first > sheet.from_seq else None,
        redisclosure_notice=sheet.notice,
        web_url=web_url(public_url, sheet.id),
    )


def item_of(entry: Entry, *, public_url: str) -> Item:
    """Spell one conversation of a list."""
    row = entry.row
    return Item(
        id=row.id,
        reference=row.reference,
        subject=entry.subject,
        sensitivity=row.sensitivity,
        referral_id=row.referral_id,
        referral_reference=row.referral_reference,
        participants=tuple(msgspec.convert(each, Partner) for each in row.participants),
        last_seq=row.last_seq,
        unread=entry.unread,
        last_at=row.touched_at,
        web_url=web_url(public_url, row.id),
    )
