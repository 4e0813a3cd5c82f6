"""The ladder of a clock: whose turn it is hears twice, a second contact once, then it moves.

Rungs: 0 half-way, 1 due, 2 the second contact, 3 a coordinator owns it, from 4 on those above hear
of it, every week until it moves.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from service.domain import calendars, terms
from service.domain.calendars import Calendar
from service.domain.clocks import Clock, Due
from service.domain.people import Priority
from service.domain.plan import TimerRow
from service.domain.terms import Reckoning

HALF_WAY, DUE, SECOND, MOVES, REPORTS = range(5)
"""The rung that a timer stands on names what happens at its next tick."""

_PAUSE = {Priority.EMERGENT: timedelta(minutes=30), Priority.URGENT: timedelta(hours=2)}
"""How long a rung above the due time waits where the clock has no grace: wall time, office time.

A routine one waits a business day.
"""

_REPORT_AFTER = {Priority.EMERGENT: timedelta(hours=4)}
_WEEK = 7
_MORNING = 9 * 60


class Rungs(msgspec.Struct, frozen=True, kw_only=True):
    """When each rung is climbed, in this order."""

    nudge_at: datetime
    due_at: datetime
    second_at: datetime
    moves_at: datetime


def rungs(due: Due, *, priority: Priority, calendar: Calendar) -> Rungs:
    """Say when a clock calls in others: within its grace, or after pauses of the priority."""
    if due.moves_at > due.due_at:
        second, moves = _within(due, priority=priority, calendar=calendar), due.moves_at
    else:
        second = _later(due.due_at, priority=priority, calendar=calendar)
        moves = _later(second, priority=priority, calendar=calendar)
    return Rungs(nudge_at=due.nudge_at, due_at=due.due_at, second_at=second, moves_at=moves)


def _within(due: Due, *, priority: Priority, calendar: Calendar) -> datetime:
    if priority is Priority.EMERGENT:
        return due.due_at + (due.moves_at - due.due_at) / 2
    half = calendars.business_time_between(due.due_at, due.moves_at, calendar) / 2
    second = calendars.add_business_time(due.due_at, half, calendar)
    return min(calendars.next_open(second, calendar), due.moves_at)


def _later(at: datetime, *, priority: Priority, calendar: Calendar) -> datetime:
    pause = _PAUSE.get(priority)
    if priority is Priority.EMERGENT and pause is not None:
        return at + pause
    if pause is not None:
        then = calendars.add_business_time(at, pause, calendar)
        return calendars.next_open(then, calendar)
    return calendars.add_business_days(at, 1, calendar)


def armed(
    reckoning: Reckoning,
    *,
    clock: Clock,
    calendar: Calendar,
    turn_org_id: UUID,
    started_at: datetime,
    leg_id: UUID | None,
    spoken: bool = False,
) -> TimerRow:
    """Make the timer of a clock; one whose half-way word was `spoken` begins at its due time."""
    at = climbs(reckoning, clock=clock, started_at=started_at, calendar=calendar)
    return TimerRow(
        clock=clock,
        turn_org_id=turn_org_id,
        started_at=started_at,
        due_at=at.due_at if spoken else at.nudge_at,
        late_at=at.due_at,
        second_at=at.second_at,
        final_at=at.moves_at,
        reckoning=reckoning,
        leg_id=leg_id,
        rung=DUE if spoken else HALF_WAY,
    )


def climbs(
    reckoning: Reckoning, *, clock: Clock, started_at: datetime, calendar: Calendar
) -> Rungs:
    """Say when each rung of a timer is climbed, by what is kept with it and a calendar."""
    due = terms.due(reckoning, clock=clock, start=started_at, calendar=calendar)
    return rungs(due, priority=reckoning.priority, calendar=calendar)


def reports_at(
    moved_at: datetime, *, rung: int, priority: Priority, calendar: Calendar
) -> datetime:
    """Say when those above hear of what moved: the day after, then every week in the morning."""
    if rung < REPORTS:
        if priority in _REPORT_AFTER:
            return moved_at + _REPORT_AFTER[priority]
        return calendars.add_business_days(moved_at, 1, calendar)
    day = calendars.local(moved_at, calendar.zone).date() + timedelta(days=_WEEK)
    morning = calendars.local_moment(day, _MORNING, zone=calendar.zone)
    return calendars.next_open(morning, calendar)
