"""The fields of every step's form; what a step needs the rules say, and it is shown there."""

from typing import Any

import msgspec

from service.domain import outcome as codes
from service.domain.details import CANCELLERS, MODALITIES
from service.domain.rules import Step
from service.web.api import asks

REASONS = (
    "no_longer_needed",
    "patient_declined",
    "found_elsewhere",
    "wrong_patient",
    "wrong_recipient",
    "duplicate",
    "need_not_met",
    "new_information",
    "other",
)
"""Why somebody of the sender takes back, erases or reopens; the rules take any short word."""

CALLS = ("reached", "no_answer", "left_message", "wrong_number")
"""How a call went."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field: its name, kind of input, the list of its options, the error where it is empty."""

    name: str
    kind: str = "text"
    group: str = ""
    options: tuple[str, ...] = ()
    empty: str = "missing"


def _select(name: str, group: str, options: Any) -> Field:
    return Field(
        name=name, kind="select", group=group, options=tuple(str(each) for each in options)
    )


_COMMENT = Field(name="comment", kind="textarea", empty="comment_needed")
_REASON = _select("reason", "reason", REASONS)
_SERVICE = Field(name="service_id", kind="service")
_CALLED = Field(name="called", kind="checkbox")
_OVERRIDE = Field(name="override_reason", kind="textarea")
_NOTE = (
    Field(name="note", kind="textarea"),
    Field(name="author"),
    Field(name="written_on", kind="date"),
)
_BOOKS = (
    Field(name="starts_on", kind="date"),
    Field(name="starts_at", kind="time"),
    _select("modality", "modality", ("in_person", "phone", "video", "home")),
    Field(name="site_id", kind="site"),
)
"""An appointment; with an acceptance it is two steps of one form."""

_ENDS = ("unresponsive", "organization_left")

FIELDS: dict[Step, tuple[Field, ...]] = {
    Step.SEND: (_CALLED, _OVERRIDE),
    Step.ADD_LEG: (_SERVICE, _CALLED, _OVERRIDE),
    Step.REDIRECT: (_SERVICE, _COMMENT, _CALLED, _OVERRIDE),
    Step.CLOSE_WITHOUT_SERVICE: (
        _select("reason", "close", codes.CloseReason),
        Field(name="patient_informed", kind="checkbox"),
        Field(name="attempts", kind="number"),
        _COMMENT,
    ),
    Step.REVIEW: (_COMMENT,),
    Step.REOPEN: (_REASON, _COMMENT),
    Step.HAND_BACK: (_COMMENT,),
    Step.VOID: (_REASON, _COMMENT),
    Step.WITHDRAW: (_REASON, _COMMENT),
    Step.REQUEST_CANCEL: (_REASON, _COMMENT),
    Step.ASK: (Field(name="items", kind="textarea"), Field(name="due_on", kind="date")),
    Step.SUPPLY: (Field(name="items", kind="textarea", empty="supplied"),),
    Step.ACCEPT: (
        Field(name="owner_name", kind="colleague"),
        Field(name="owner_phone", kind="tel"),
        Field(name="expected_by", kind="date"),
        *_BOOKS,
    ),
    Step.DECLINE: (
        _select("reason", "decline", codes.DeclineReason),
        _COMMENT,
        Field(name="no_capacity_until", kind="date"),
    ),
    Step.WAITLIST: (
        Field(name="expected_on", kind="date"),
        Field(name="waitlist_position", kind="number"),
    ),
    Step.SCHEDULE: (*_BOOKS, Field(name="comment")),
    Step.CANCEL_APPOINTMENT: (_select("by_whom", "by_whom", CANCELLERS), _COMMENT),
    Step.START: (
        Field(name="service_on", kind="date"),
        Field(name="next_report_on", kind="date"),
        *_NOTE,
    ),
    Step.COMPLETE: (
        _select("outcome", "outcome", codes.Outcome),
        _select("need_met", "need_met", codes.NeedMet),
        Field(name="service_on", kind="date"),
        _COMMENT,
        *_NOTE,
    ),
    Step.GIVE_UP: (
        _select("reason", "unable", [c for c in codes.UnableReason if c not in _ENDS]),
        Field(name="attempts", kind="number"),
        _COMMENT,
    ),
    Step.END_UNRESPONSIVE: (_select("reason", "unable", _ENDS), _COMMENT),
    Step.REQUEST_ADDENDUM: (_COMMENT,),
    Step.ADDENDUM: _NOTE,
    Step.LOG_ATTEMPT: (_select("attempt_result", "attempt_result", CALLS), _COMMENT),
}
"""The fields of each step; one that is not here has none."""

ON_BEHALF = (
    _select("source", "source", asks.HeardBy),
    Field(name="spoke_to"),
)
"""What is asked besides where somebody enters another's answer."""

assert set(MODALITIES) == {"in_person", "phone", "video", "home"}


def fields_of(step: Step, *, on_behalf: bool) -> tuple[Field, ...]:
    """List the fields of a step's form."""
    return (*FIELDS.get(step, ()), *(ON_BEHALF if on_behalf else ()))
