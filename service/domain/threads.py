"""Conversations: who takes part, how much of the past they get, why words are taken back."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from service.domain.people import Capacity, Channel, SensitivityClass

LONGEST_TEXT = 20_000
"""Characters of a message or note."""

PAGE = 50
"""Messages that one opening shows."""


class History(StrEnum):
    """How much of what was said before a newcomer is given: keys, rows and all."""

    ALL = "all"
    FROM = "from"
    NONE = "none"


class RetractReason(StrEnum):
    """Why something is taken back; the words about it are sealed."""

    WRONG_PATIENT = "wrong_patient"
    WRONG_RECIPIENT = "wrong_recipient"
    WRONG_CONTENT = "wrong_content"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OTHER = "other"


WHY_RETRACTED: dict[str, str] = {
    RetractReason.WRONG_PATIENT: "It was taken back: it was about another patient.",
    RetractReason.WRONG_RECIPIENT: "It was taken back: it was not meant for everybody who had it.",
    RetractReason.WRONG_CONTENT: "It was taken back: it said something wrong.",
    RetractReason.CONSENT_WITHDRAWN: "It was taken back: the patient took the consent back.",
    RetractReason.OTHER: "It was taken back by whoever filed it.",
}
"""What somebody is told who asks for a document or a file that is not there any more."""


class MessageState(StrEnum):
    """What a reader gets of a message: its words, its tombstone, or why it is closed to them.

    Unreadable: no key opens it any more. Absent: it was said while they did not take part.
    """

    READABLE = "readable"
    RETRACTED = "retracted"
    UNREADABLE = "unreadable"
    ABSENT = "absent"


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """An organization that somebody wants in a thread, as the directory and the referral know it.

    `capacity` and `classes` are of its part in the thread's referral, `leg_id` its leg there.
    """

    org_id: UUID
    channel: Channel
    active: bool
    covered: bool
    part2_program: bool = False
    capacity: Capacity | None = None
    classes: tuple[str, ...] = ()
    leg_id: UUID | None = None


class NotHere(StrEnum):
    """Why an organization cannot be in this thread, before any consent is looked at."""

    UNKNOWN = "unknown"
    OFFLINE = "offline"
    NEEDS_A_LEG = "needs_a_leg"
    NOT_YOUR_CIRCLE = "not_your_circle"
    CLASS = "class"


_WRITES_BY_RECIPIENT = frozenset({Capacity.SENDER, Capacity.CCO})
_NEVER_BY_LINK = frozenset({SensitivityClass.PART2, SensitivityClass.PSYCHOTHERAPY})


def not_here(
    guest: Guest, *, sensitivity: SensitivityClass, inviter: Capacity | None, on_referral: bool
) -> NotHere | None:
    """Say why an organization cannot be let in at all; None leaves the word to the consent.

    Of a referral a recipient writes to its sender and the coordinators only: whether it may name
    another recipient would tell it who else was asked.
    """
    if not guest.active:
        return NotHere.UNKNOWN
    if guest.channel is Channel.OFFLINE:
        return NotHere.OFFLINE
    if guest.channel is Channel.LINK and (guest.leg_id is None or sensitivity in _NEVER_BY_LINK):
        return NotHere.CLASS if guest.leg_id else NotHere.NEEDS_A_LEG
    if not on_referral or inviter is Capacity.SENDER:
        return None
    if inviter is Capacity.RECIPIENT and guest.capacity not in _WRITES_BY_RECIPIENT:
        return NotHere.NOT_YOUR_CIRCLE
    if guest.capacity is None:
        return NotHere.NOT_YOUR_CIRCLE
    return None


def in_circle(guest: Guest, *, sensitivity: SensitivityClass) -> bool:
    """Say whether the referral's own circle holds this class for an organization already."""
    if guest.capacity is None:
        return False
    return guest.capacity is Capacity.SENDER or sensitivity.value in guest.classes


def may_hang(sensitivity: SensitivityClass, *, referral: SensitivityClass) -> bool:
    """Say whether a conversation of a class may hang on a referral of this one.

    What is said there is about the referral, so it is of its class: whoever may not have that reads
    none of it, and the notice against passing it on goes along. Only a general one leads to others.
    """
    return sensitivity is referral or referral is SensitivityClass.GENERAL


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a message is announced to: a person, an organization's mailbox, or a leg's agency."""

    org_id: UUID
    member_id: UUID | None = None
    leg_id: UUID | None = None


def audience(
    parties: Iterable[Any], members: Iterable[tuple[UUID, UUID]], *, author: tuple[UUID, Any]
) -> tuple[Told, ...]:
    """List who hears of a message: never its author; organizations without a name at their mailbox.

    `parties` have org_id and leg_id; `author` is organization and member.
    """
    named = list(members)
    told = [
        Told(org_id=org_id, member_id=member_id)
        for org_id, member_id in named
        if (org_id, member_id) != author
    ]
    spoken_for = {org_id for org_id, _ in named} | {author[0]}
    return (
        *told,
        *(
            Told(org_id=party.org_id, leg_id=party.leg_id)
            for party in parties
            if party.org_id not in spoken_for
        ),
    )
