"""What the API takes and answers about conversations."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from service.actions.read_thread import Line, Sheet
from service.actions.start_thread import Said
from service.actions.thread_guests import Invited
from service.domain import threads as rules
from service.domain.outcome import ConsentBasis
from service.domain.people import SensitivityClass
from service.domain.threads import MessageState
from service.web.api import asks

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=rules.LONGEST_TEXT)]
"""What somebody says; sealed before it is stored."""

Participants = Annotated[tuple[Invited, ...], msgspec.Meta(min_length=1, max_length=20)]
Seq = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class NewThreadBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A subject, the first words, and to whom; about a patient it says on what basis."""

    subject: asks.Name
    text: Words
    participants: Participants
    referral_id: UUID | None = None
    patient_id: UUID | None = None
    sensitivity: SensitivityClass | None = None
    consent_basis: ConsentBasis | None = None
    consent_id: UUID | None = None


class MessageBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said, and to which message it is the answer."""

    text: Words
    reply_to: UUID | None = None


class PageAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which messages: the newest, or those before a number."""

    before: Seq | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = rules.PAGE


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
