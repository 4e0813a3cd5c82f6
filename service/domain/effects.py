"""Whom a step tells, and how long the telling waits: a table, a row a step."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from service.domain.rules import Step


class EffectKind(StrEnum):
    """What the courier is to carry; a mail has three template files, a text one a language."""

    INVITE = "invite"
    NOTICE = "notice"
    RECEIPT = "receipt"
    FILLED = "filled"
    CANCEL_REQUEST = "cancel_request"
    CLOSED = "closed"
    CORRECTION = "correction"
    NUDGE = "nudge"
    DIGEST = "digest"
    MESSAGE = "message"
    LINK_CODE = "link_code"
    LINK_FRESH = "link_fresh"
    LINK_FROZEN = "link_frozen"
    PERSON_INVITE = "person_invite"
    PASSWORD_LINK = "password_link"  # noqa: S105 - a kind of mail
    SECURITY = "security"
    BREAK_GLASS = "break_glass"
    TAKEN_BACK = "taken_back"
    TEXT = "text"
    PATIENT_CODE = "patient_code"
    WEBHOOK = "webhook"
    MOVED = "moved"
    REPORT = "report"


PERSONAL = frozenset({EffectKind.PERSON_INVITE, EffectKind.PASSWORD_LINK, EffectKind.SECURITY})
"""Mails about a person's own sign-in: to that person and nobody else, cover or mailbox."""


ROUTINE = frozenset({EffectKind.NOTICE, EffectKind.NUDGE, EffectKind.MESSAGE})
"""Mails that may wait for a digest, or be done without, where what they are about is not urgent."""


class Audience(StrEnum):
    """Who is told: the accountable member, or the recipient's organization at its mailbox."""

    OWNER = "owner"
    RECIPIENT = "recipient"


class Tell(msgspec.Struct, frozen=True, kw_only=True):
    """One notice a step causes; `waits` holds it back for the undo window unless urgent."""

    to: Audience
    kind: EffectKind
    waits: bool = False


_OWNER = Tell(to=Audience.OWNER, kind=EffectKind.NOTICE)
_OWNER_LATER = Tell(to=Audience.OWNER, kind=EffectKind.NOTICE, waits=True)
_RECIPIENT = Tell(to=Audience.RECIPIENT, kind=EffectKind.NOTICE)
_CLOSED = Tell(to=Audience.RECIPIENT, kind=EffectKind.CLOSED)

TELLS: dict[Step, tuple[Tell, ...]] = {
    Step.SEND: (Tell(to=Audience.RECIPIENT, kind=EffectKind.INVITE),),
    Step.ASK: (_OWNER,),
    Step.SUPPLY: (_RECIPIENT,),
    Step.ACCEPT: (_OWNER_LATER,),
    Step.DECLINE: (_OWNER_LATER,),
    Step.REDIRECT: (_OWNER, _CLOSED),
    Step.WAITLIST: (_OWNER,),
    Step.SCHEDULE: (_OWNER,),
    Step.NO_SHOW: (_OWNER_LATER,),
    Step.CANCEL_APPOINTMENT: (_OWNER,),
    Step.COMPLETE: (_OWNER,),
    Step.GIVE_UP: (_OWNER,),
    Step.REQUEST_CANCEL: (Tell(to=Audience.RECIPIENT, kind=EffectKind.CANCEL_REQUEST),),
    Step.CONFIRM_CANCEL: (_OWNER,),
    Step.WITHDRAW: (_CLOSED,),
    Step.VOID: (_CLOSED,),
    Step.END_UNRESPONSIVE: (_CLOSED,),
    Step.FILLED: (Tell(to=Audience.RECIPIENT, kind=EffectKind.FILLED, waits=True),),
    Step.REQUEST_ADDENDUM: (_RECIPIENT,),
    Step.ADDENDUM: (_OWNER,),
    Step.DROP_ADDENDUM: (_RECIPIENT,),
}
"""Steps that are told to somebody else; the others are in SILENT."""

SILENT: dict[Step, str] = {
    Step.CREATE: "nobody knows of it until it is sent",
    Step.DISCARD: "nobody ever knew of it",
    Step.RECALL: "the invitations it takes back have not left yet",
    Step.ADD_LEG: "the leg that is sent with it speaks",
    Step.LEG_ENDED: "the leg that ended spoke",
    Step.OUTCOME_BACK: "the leg whose outcome it is spoke",
    Step.LATE_DOCUMENT: "the leg it came to spoke, by its addendum",
    Step.CLOSE_WITHOUT_SERVICE: "every leg has ended and spoke; the owner does it",
    Step.REVIEW: "it is between the sender and its own list",
    Step.REOPEN: "nobody is asked for anything until a leg is sent",
    Step.RECEIVE: "looking is no answer; the referral's page shows it",
    Step.START: "the next report or outcome speaks",
    Step.LOG_ATTEMPT: "who called knows it; the history shows it to others",
    Step.ESCALATE: "the ladder writes to both owners in the transaction of its rung",
    Step.HAND_BACK: "who takes it back does it; the list of whoever had it is shorter",
    Step.UNDO: "it calls back what waits and corrects what left, leg by leg",
}
"""Steps that tell nobody by themselves, and why; every other step of a rule is in TELLS."""

RECEIPTED = frozenset(
    {
        Step.ACCEPT,
        Step.DECLINE,
        Step.ASK,
        Step.COMPLETE,
        Step.GIVE_UP,
        Step.SCHEDULE,
        Step.WAITLIST,
        Step.CONFIRM_CANCEL,
        Step.UNDO,
    }
)
"""Answers by link that are confirmed to the agency by mail, without health data."""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the outbox: a kind, ids and a code, never a word about anybody."""

    kind: EffectKind
    org_id: UUID
    due_at: datetime
    leg_id: UUID | None = None
    member_id: UUID | None = None
    seq: int | None = None
    undo_of_seq: int | None = None
    code: str | None = None
    rank: int = 5
