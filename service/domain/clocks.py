"""The ten clocks: which one runs in which state, and when it nudges, is due and moves on.

Business days and hours are the recipient's calendar and zone; emergent runs on the wall clock. A
clock is armed from an event's time, never from `updated_at`. Source: the design's clock table.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec

from service.domain import calendars
from service.domain.calendars import Calendar
from service.domain.leg import LegState
from service.domain.people import Priority
from service.domain.referral import ReferralState


class Clock(StrEnum):
    """What is being waited for."""

    ANSWER = "answer"
    SUPPLY = "supply"
    SCHEDULE = "schedule"
    CHECK = "check"
    ATTEND = "attend"
    REBOOK = "rebook"
    REPORT = "report"
    CONFIRM = "confirm"
    REVIEW = "review"
    ROUTE = "route"


class Unit(StrEnum):
    """How a term is counted."""

    HOURS = "hours"
    SAME_DAY = "same_day"
    BUSINESS_DAYS = "business_days"
    DAYS = "days"


class Hint(StrEnum):
    """What a date named by the recipient means to a clock."""

    IGNORED = "ignored"
    COUNTS_FROM = "counts_from"
    CAPS = "caps"
    REPLACES = "replaces"


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """How long one clock waits: an amount of a unit, and business days of grace after it."""

    unit: Unit
    amount: int = 1
    grace: int = 0
    hint: Hint = Hint.IGNORED


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """The moments of an armed clock, in UTC: nudge, due, and the end of grace, in this order.

    From `moves_at` on others than the one whose turn it is are called in.
    """

    nudge_at: datetime
    due_at: datetime
    moves_at: datetime


def _wall(hours: int, hint: Hint = Hint.IGNORED) -> Term:
    return Term(unit=Unit.HOURS, amount=hours, hint=hint)


def _business(days: int, hint: Hint = Hint.IGNORED, *, grace: int = 0) -> Term:
    return Term(unit=Unit.BUSINESS_DAYS, amount=days, grace=grace, hint=hint)


def _days(days: int, hint: Hint = Hint.IGNORED) -> Term:
    return Term(unit=Unit.DAYS, amount=days, hint=hint)


_E, _U, _R = Priority.EMERGENT, Priority.URGENT, Priority.ROUTINE

DEFAULTS: Mapping[tuple[Clock, Priority], Term] = {
    (Clock.ANSWER, _E): _wall(4),
    (Clock.ANSWER, _U): _business(1),
    (Clock.ANSWER, _R): _business(2, grace=2),
    (Clock.SUPPLY, _E): _wall(4),
    (Clock.SUPPLY, _U): _business(1),
    (Clock.SUPPLY, _R): _business(3),
    (Clock.SCHEDULE, _E): Term(unit=Unit.SAME_DAY),
    (Clock.SCHEDULE, _U): _business(5),
    (Clock.SCHEDULE, _R): _days(14),
    # A date the recipient names may hurry an urgent check, never put it off.
    (Clock.CHECK, _E): _wall(24, Hint.CAPS),
    (Clock.CHECK, _U): _business(5, Hint.CAPS),
    (Clock.CHECK, _R): _days(14, Hint.REPLACES),
    # An emergent day is a day of the wall clock: 24 hours, weekends too.
    (Clock.ATTEND, _E): _wall(24, Hint.COUNTS_FROM),
    (Clock.ATTEND, _U): _business(1, Hint.COUNTS_FROM),
    (Clock.ATTEND, _R): _business(2, Hint.COUNTS_FROM),
    (Clock.REBOOK, _E): _wall(24),
    (Clock.REBOOK, _U): _business(2),
    (Clock.REBOOK, _R): _business(5),
    (Clock.REPORT, _E): _wall(48, Hint.REPLACES),
    (Clock.REPORT, _U): _business(5, Hint.REPLACES),
    (Clock.REPORT, _R): _business(10, Hint.REPLACES),
    (Clock.CONFIRM, _E): _wall(4),
    (Clock.CONFIRM, _U): _business(1),
    (Clock.CONFIRM, _R): _business(3),
    (Clock.REVIEW, _E): _wall(24),
    (Clock.REVIEW, _U): _business(3),
    (Clock.REVIEW, _R): _business(7),
    (Clock.ROUTE, _E): _wall(4),
    (Clock.ROUTE, _U): _business(1),
    (Clock.ROUTE, _R): _business(3),
}
"""How long each clock waits by default; a kind of service may set its own term."""

_LEG_CLOCKS: Mapping[LegState, Clock] = {
    LegState.SENT: Clock.ANSWER,
    LegState.RECEIVED: Clock.ANSWER,
    LegState.NEEDS_INFO: Clock.SUPPLY,
    LegState.ACCEPTED: Clock.SCHEDULE,
    LegState.WAITLISTED: Clock.CHECK,
    LegState.SCHEDULED: Clock.ATTEND,
    LegState.NO_SHOW: Clock.REBOOK,
    LegState.APPT_CANCELLED: Clock.REBOOK,
    LegState.IN_SERVICE: Clock.REPORT,
    LegState.ADDENDUM_REQUESTED: Clock.REPORT,
    LegState.CANCEL_REQUESTED: Clock.CONFIRM,
}

_REFERRAL_CLOCKS: Mapping[ReferralState, Clock] = {
    ReferralState.AWAITING_REVIEW: Clock.REVIEW,
    ReferralState.NEEDS_ROUTING: Clock.ROUTE,
}

REFERRER_CLOCKS = frozenset({Clock.SUPPLY, Clock.REVIEW, Clock.ROUTE})
"""Clocks that wait for the referring side; the others wait for the recipient."""

SAME_DAY_FLOOR = timedelta(hours=4)
"""The least that "the same day" leaves, however late in the day it begins."""


def clock_of_leg(state: LegState) -> Clock | None:
    """Say which clock runs while a leg is in this state; every live state has one."""
    return _LEG_CLOCKS.get(state)


def clock_of_referral(state: ReferralState) -> Clock | None:
    """Say which clock of its own a referral has in this state; with_recipient has its legs'."""
    return _REFERRAL_CLOCKS.get(state)


def due(
    clock: Clock,
    *,
    priority: Priority,
    start: datetime,
    calendar: Calendar,
    hint: datetime | None = None,
    setting: Term | None = None,
) -> Due:
    """Reckon when a clock armed at `start` nudges, is due, and moves on.

    `hint` is the next-check date, the appointment's end or the next report date; one that is past
    already is no hint. `setting` stands in for the default term of the clock and priority.
    """
    term = setting or DEFAULTS[clock, priority]
    wall = _on_wall(term, priority)
    named = hint if hint is not None and hint > start else None
    since = named if named is not None and term.hint is Hint.COUNTS_FROM else start
    due_at = _end(term, since, calendar=calendar, wall=wall)
    if named is not None:
        due_at = _with_hint(term.hint, due_at, _opened(named, calendar=calendar, wall=wall))
    return _due(since, due_at, calendar=calendar, wall=wall, grace=term.grace)


def left_of(
    term: Term,
    *,
    priority: Priority,
    due_at: datetime,
    paused_at: datetime,
    resumed_at: datetime,
    calendar: Calendar,
) -> timedelta:
    """Say how much of a term is left to a clock that stood still: of the wall, or of office time.

    `due_at` is the due moment it had then. At least a quarter of its term is left, so that the
    recipient who asked late is not overdue the moment the answer comes.
    """
    whole = length(term, priority=priority, start=resumed_at, calendar=calendar)
    if _on_wall(term, priority):
        return max(due_at - paused_at, whole / 4)
    return max(calendars.business_time_between(paused_at, due_at, calendar), whole / 4)


def length(term: Term, *, priority: Priority, start: datetime, calendar: Calendar) -> timedelta:
    """Say how long a term is from a start: of the wall, or of office time."""
    wall = _on_wall(term, priority)
    end = _end(term, start, calendar=calendar, wall=wall)
    return end - start if wall else calendars.business_time_between(start, end, calendar)


def run_on(
    term: Term, *, priority: Priority, start: datetime, left: timedelta, calendar: Calendar
) -> Due:
    """Reckon a clock that runs on with the time that was left when it paused."""
    wall = _on_wall(term, priority)
    until = start + left if wall else calendars.add_business_time(start, left, calendar)
    return _due(start, until, calendar=calendar, wall=wall, grace=term.grace)


def _on_wall(term: Term, priority: Priority) -> bool:
    return priority is Priority.EMERGENT or term.unit in {Unit.HOURS, Unit.SAME_DAY}


def _end(term: Term, start: datetime, *, calendar: Calendar, wall: bool) -> datetime:
    match term.unit:
        case Unit.HOURS:
            return start.astimezone(UTC) + timedelta(hours=term.amount)
        case Unit.SAME_DAY:
            return _end_of_day(start, calendar)
        case Unit.BUSINESS_DAYS if not wall:
            return calendars.add_business_days(start, term.amount, calendar)
        case _:
            return _opened(_days_later(start, term.amount, calendar), calendar=calendar, wall=wall)


def _end_of_day(start: datetime, calendar: Calendar) -> datetime:
    today = calendars.local(start, calendar.zone).date()
    midnight = calendars.local_moment(today, calendars.MINUTES_A_DAY, zone=calendar.zone)
    return max(midnight, start.astimezone(UTC) + SAME_DAY_FLOOR)


def _days_later(start: datetime, days: int, calendar: Calendar) -> datetime:
    wall = calendars.local(start, calendar.zone)
    day = wall.date() + timedelta(days=days)
    return calendars.local_moment(day, wall.hour * 60 + wall.minute, zone=calendar.zone)


def _opened(at: datetime, *, calendar: Calendar, wall: bool) -> datetime:
    return at.astimezone(UTC) if wall else calendars.next_open(at, calendar)


def _with_hint(hint: Hint, due_at: datetime, named: datetime) -> datetime:
    match hint:
        case Hint.REPLACES:
            return named
        case Hint.CAPS:
            return min(due_at, named)
        case _:
            return due_at


def _due(start: datetime, due_at: datetime, *, calendar: Calendar, wall: bool, grace: int) -> Due:
    after = _business(grace)
    moves_at = _end(after, due_at, calendar=calendar, wall=wall) if grace else due_at
    return Due(
        nudge_at=_half_way(start, due_at, calendar=calendar, wall=wall),
        due_at=due_at,
        moves_at=moves_at,
    )


def _half_way(start: datetime, due_at: datetime, *, calendar: Calendar, wall: bool) -> datetime:
    if wall:
        return (start + (due_at - start) / 2).astimezone(UTC)
    half = calendars.business_time_between(start, due_at, calendar) / 2
    nudge = calendars.add_business_time(start, half, calendar)
    # Half of the time may be up just as the office closes: speak when somebody is in.
    return min(calendars.next_open(nudge, calendar), due_at)
