"""What the API takes about conversations."""

from typing import Annotated
from uuid import UUID

import msgspec

from service.actions.thread_guests import Invited
from service.domain import threads as rules
from service.domain.details import Moment
from service.domain.outcome import ConsentBasis
from service.domain.people import SensitivityClass
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
    attachments: asks.Files = ()


class PageAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which messages: the newest, or those before a number."""

    before: Seq | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = rules.PAGE


class ForwardBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is let in, what is said about it to everybody, and how much of the past goes along."""

    participant: Invited
    text: Words
    history: rules.History = rules.History.NONE
    from_message_id: UUID | None = None


class RetractBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a message is taken back, coded and in words for those who take part."""

    reason: rules.RetractReason
    comment: asks.Text = ""


class NoteBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one's own organization notes for itself."""

    text: Words


class DraftBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody has begun to write; an empty text takes the draft away."""

    text: asks.Text
    reply_to: UUID | None = None


class ReadBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far one has read: 0 marks all of it unread."""

    read_seq: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class ListAsk(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"since": "from", "until": "to"},
):
    """Which conversations: with whom, active between two moments, unread, of a reference."""

    participant: UUID | None = None
    reference: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    referral_id: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None
    unread: bool = False
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    after: Annotated[str, msgspec.Meta(max_length=400)] | None = None
