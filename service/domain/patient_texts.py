"""What a patient's contact is texted: a table, a row a kind, and what plans each of them.

A patient never moves a leg, and no text tells what a request is about. Source: the design of
referrals, "What a patient's contact is texted".
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from service.domain import calendars, facts
from service.domain.effects import Effect, EffectKind
from service.domain.facts import LegFacts
from service.domain.leg import LegState
from service.domain.people import Priority
from service.domain.plan import Act, EventRow, Plan
from service.domain.referral import OPEN, ReferralState
from service.domain.rules import Machine, Step


class TextPurpose(StrEnum):
    """What a number may be texted for; each is allowed, and taken back, by itself."""

    NEWS = "news"
    REMINDERS = "reminders"
    QUESTIONS = "questions"


EVERY_PURPOSE = frozenset(TextPurpose)
"""What is allowed where somebody says yes to texts and makes no difference."""


class TextKind(StrEnum):
    """What a text is about; its template has the same name."""

    SENT = "sent"
    ACCEPTED = "accepted"
    BOOKED = "booked"
    WEEK_BEFORE = "week_before"
    DAY_BEFORE = "day_before"
    SEEN = "seen"
    HELPED = "helped"
    NO_SHOW = "no_show"
    DECLINED = "declined"
    CLOSED = "closed"


class Reply(StrEnum):
    """What a phone that wrote to us is answered; it goes at once, by night, too."""

    STOP_DONE = "stop_done"
    STARTED = "started"
    WRONG_DONE = "wrong_done"
    HELP = "help"
    CALL_DONE = "call_done"
    NOT_UNDERSTOOD = "not_understood"
    THANKS = "thanks"
    BARRIER = "barrier"


_TO_THE_SILENT = {
    "stopped": frozenset({Reply.STOP_DONE, Reply.HELP}),
    "wrong": frozenset({Reply.WRONG_DONE, Reply.HELP}),
}


def may_reply(reply: Reply, state: str) -> bool:
    """Say whether a number in this state is answered so: who said stop hears that it was heard."""
    return state == "open" or reply in _TO_THE_SILENT.get(state, frozenset())


class Question(StrEnum):
    """What one digit answers; one of them is open for a number at a time."""

    CONFIRM = "confirm"
    SEEN = "seen"
    HELPED = "helped"
    BARRIER = "barrier"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of text: what for, what it asks, and whether it is worth a call where no text goes.

    `told_by_call` is no where another text says it again, or the patient is there when it happens.
    """

    purpose: TextPurpose
    asks: Question | None = None
    told_by_call: bool = True


_NEWS, _REMINDERS, _QUESTIONS = TextPurpose.NEWS, TextPurpose.REMINDERS, TextPurpose.QUESTIONS
TABLE: dict[TextKind, Row] = {
    TextKind.SENT: Row(purpose=_NEWS, told_by_call=False),
    TextKind.ACCEPTED: Row(purpose=_NEWS),
    TextKind.BOOKED: Row(purpose=_NEWS),
    TextKind.WEEK_BEFORE: Row(purpose=_REMINDERS, told_by_call=False),
    TextKind.DAY_BEFORE: Row(purpose=_REMINDERS, asks=Question.CONFIRM),
    TextKind.SEEN: Row(purpose=_QUESTIONS, asks=Question.SEEN),
    TextKind.HELPED: Row(purpose=_QUESTIONS, asks=Question.HELPED),
    TextKind.NO_SHOW: Row(purpose=_NEWS, asks=Question.BARRIER),
    TextKind.DECLINED: Row(purpose=_NEWS),
    TextKind.CLOSED: Row(purpose=_NEWS),
}
"""The ten texts of the design."""

OF_APPOINTMENTS = frozenset({TextKind.BOOKED, TextKind.WEEK_BEFORE, TextKind.DAY_BEFORE})
"""Texts somebody waits for: where nobody knows whether one arrived, a person says it again."""

RANK = 6
"""Behind every mail that is owed now."""

_MORNING = 10 * 60
"""Minutes after midnight at which reminders and questions go out, where the appointment is."""

_AT_ONCE = {Step.ACCEPT: TextKind.ACCEPTED, Step.SCHEDULE: TextKind.BOOKED}
_UNDOABLE = {Step.NO_SHOW: TextKind.NO_SHOW, Step.DECLINE: TextKind.DECLINED}
_OF_THE_ORDER = {
    Step.SEND: TextKind.SENT,
    Step.REVIEW: TextKind.CLOSED,
    Step.CLOSE_WITHOUT_SERVICE: TextKind.CLOSED,
}
_BEFORE = {TextKind.WEEK_BEFORE: 7, TextKind.DAY_BEFORE: 1}
_HELPED_AFTER_DAYS = 14


def planned(plan: Plan, acts: tuple[Act, ...]) -> tuple[Effect, ...]:
    """List the texts that a plan causes, each at the time it is meant for."""
    act = acts[0]
    return tuple(
        text
        for event in plan.events
        for text in (_of_order(event, plan, act), *_of_leg(event, plan, act))
        if text is not None
    )


def _of_order(event: EventRow, plan: Plan, act: Act) -> Effect | None:
    kind = _OF_THE_ORDER.get(event.rule.step)
    if event.rule.machine is not Machine.REFERRAL or kind is None:
        return None
    held = event.rule.step is Step.SEND and plan.referral.hold_until
    return _text(kind, plan, event, due_at=plan.referral.hold_until or act.now if held else act.now)


def _of_leg(event: EventRow, plan: Plan, act: Act) -> Iterator[Effect]:
    leg = plan.referral.leg(event.leg_id)
    if leg is None:
        return
    step = event.rule.step
    for table in (_AT_ONCE, _UNDOABLE):
        if step in table:
            yield _text(table[step], plan, event, leg=leg, due_at=act.now + _window(step, plan))
    if step is Step.SCHEDULE:
        yield from _around_appointment(event, leg, plan, act)
    if step is Step.COMPLETE:
        day = leg.service_on or act.now.date()
        due = calendars.local_moment(
            day + timedelta(days=_HELPED_AFTER_DAYS), _MORNING, zone=_zone(leg, plan)
        )
        yield _text(TextKind.HELPED, plan, event, leg=leg, due_at=max(due, act.now))


def _around_appointment(event: EventRow, leg: LegFacts, plan: Plan, act: Act) -> Iterator[Effect]:
    if leg.appointment_at is None:
        return
    zone = _zone(leg, plan)
    starts = calendars.local(leg.appointment_at, zone).date()
    for kind, days in _BEFORE.items():
        due = calendars.local_moment(starts - timedelta(days=days), _MORNING, zone=zone)
        if due > act.now:
            yield _text(kind, plan, event, leg=leg, due_at=due)
    ends = calendars.local(leg.appointment_ends_at or leg.appointment_at, zone).date()
    due = calendars.local_moment(ends + timedelta(days=1), _MORNING, zone=zone)
    yield _text(TextKind.SEEN, plan, event, leg=leg, due_at=max(due, act.now))


def _zone(leg: LegFacts, plan: Plan) -> str:
    found = plan.referral.calendars.get(leg.org_id)
    return found.zone if found is not None else "UTC"


def _window(step: Step, plan: Plan) -> timedelta:
    """Hold back what can be taken back: nobody takes back what a patient has read."""
    undoable = step in _UNDOABLE or step is Step.ACCEPT
    if not undoable or plan.referral.priority is not Priority.ROUTINE:
        return timedelta()
    return timedelta(seconds=facts.UNDO_SECONDS)


def _text(
    kind: TextKind, plan: Plan, event: EventRow, *, due_at: datetime, leg: LegFacts | None = None
) -> Effect:
    return Effect(
        kind=EffectKind.TEXT,
        org_id=plan.referral.sender_org_id,
        due_at=due_at,
        leg_id=leg.id if leg is not None else None,
        seq=event.seq,
        undo_of_seq=event.seq,
        code=str(kind),
        rank=RANK,
    )


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How what a text speaks of stands at the moment it would leave.

    `same_booking` says that no other appointment was made since; `taken` that some recipient took
    the referral on.
    """

    referral_state: str
    leg_state: str | None = None
    outcome: str | None = None
    appointment_at: datetime | None = None
    same_booking: bool = False
    taken: bool = False
    now: datetime


_SEEN_IN = frozenset({LegState.SCHEDULED, LegState.IN_SERVICE, LegState.COMPLETED})
_SEEN_WITHIN = timedelta(days=7)
_SERVED = frozenset({"served", "partly_served"})


def why_moot(kind: TextKind, at: Standing) -> str | None:
    """Return why a text has nothing to say any more, or None; codes only."""
    return None if _HOLDS[kind](at) else "moved_on"


def _not_taken_yet(at: Standing) -> bool:
    return at.referral_state == ReferralState.WITH_RECIPIENT and not at.taken


def _taken_on(at: Standing) -> bool:
    is_open = ReferralState(at.referral_state) in OPEN
    return is_open and at.leg_state in (LegState.ACCEPTED, LegState.WAITLISTED)


def _booked(at: Standing) -> bool:
    ahead = at.appointment_at is not None and at.appointment_at > at.now
    return ahead and at.same_booking and at.leg_state == LegState.SCHEDULED


def _was_booked(at: Standing) -> bool:
    day = at.appointment_at
    lately = day is not None and day < at.now < day + _SEEN_WITHIN
    # What the agency says counts for nothing here: it is the patient who is asked.
    return lately and at.same_booking and at.leg_state in _SEEN_IN


def _helped(at: Standing) -> bool:
    return at.leg_state == LegState.COMPLETED and at.outcome in _SERVED


_HOLDS: dict[TextKind, Callable[[Standing], bool]] = {
    TextKind.SENT: _not_taken_yet,
    TextKind.ACCEPTED: _taken_on,
    TextKind.BOOKED: _booked,
    TextKind.WEEK_BEFORE: _booked,
    TextKind.DAY_BEFORE: _booked,
    TextKind.SEEN: _was_booked,
    TextKind.HELPED: _helped,
    TextKind.NO_SHOW: lambda at: at.leg_state == LegState.NO_SHOW,
    TextKind.DECLINED: lambda at: at.referral_state == ReferralState.NEEDS_ROUTING,
    TextKind.CLOSED: lambda at: at.referral_state == ReferralState.CLOSED,
}
"""What must still be so for each of them to be worth a word."""
