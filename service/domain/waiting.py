"""Which clocks run after a step: timers to arm, timers to disarm, and the due times legs keep."""

from datetime import UTC, date, datetime
from uuid import UUID

import msgspec

from service.domain import calendars, clocks, ladder, terms
from service.domain import referral as orders
from service.domain.calendars import Calendar
from service.domain.clocks import Clock
from service.domain.facts import ArmedTimer, LegFacts, OpenTask, ReferralFacts
from service.domain.leg import LegState
from service.domain.plan import Act, TimerRow
from service.domain.rules import Step
from service.domain.terms import Reckoning

Key = tuple[UUID | None, Clock]

_RENEWS = {
    Step.SCHEDULE: Clock.ATTEND,
    Step.WAITLIST: Clock.CHECK,
    Step.START: Clock.REPORT,
    Step.ASK: Clock.SUPPLY,
    Step.ADDENDUM: Clock.REVIEW,
}
"""Steps that name a new date: the clock of the same state starts again."""

_MORNING = 9 * 60


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What changes about waiting: timers to arm, ids to disarm, tasks that no longer matter."""

    arm: tuple[TimerRow, ...]
    disarm: tuple[UUID, ...]
    moot: tuple[UUID, ...]
    timed: dict[UUID, LegFacts]


OVERDUE, SECOND = "overdue_", "second_"
"""Tasks of these prefixes and a clock's name: what the clock waits for is asked for by a person.

The first is the coordinator's once it has moved; the second a call where no mail reaches another.
"""


def waiting(before: ReferralFacts, now_facts: ReferralFacts, acts: tuple[Act, ...]) -> Waiting:
    """Compare what is waited for with what should be, and answer the difference."""
    wanted = _wanted(now_facts)
    running = [(timer.id, (timer.leg_id, Clock(timer.clock))) for timer in before.timers]
    spent = [(task.id, key) for task in before.tasks if (key := _stands_for(task)) is not None]
    kept = {key for _, key in (*running, *spent) if key in wanted and not _renewed(key, acts)}
    rows = [
        _armed(key, now_facts, before=before, now=acts[0].now)
        for key in sorted(wanted - kept, key=str)
    ]
    timed: dict[UUID, LegFacts] = {}
    for row in rows:
        leg = now_facts.leg(row.leg_id)
        if leg is not None:
            timed[leg.id] = _with_due(timed.get(leg.id, leg), row)
    answered = _answered(before, now_facts)
    return Waiting(
        arm=tuple(rows),
        disarm=tuple(timer_id for timer_id, key in running if key not in kept),
        moot=(*(task_id for task_id, key in spent if key not in kept), *answered),
        timed=timed,
    )


def _stands_for(task: OpenTask) -> Key | None:
    """Say which clock a task goes along with, if any."""
    for prefix in (OVERDUE, SECOND):
        if task.kind.startswith(prefix):
            return task.leg_id, Clock(task.kind.removeprefix(prefix))
    return None


def timer_of(kind: str, leg_id: UUID | None, referral: ReferralFacts) -> ArmedTimer | None:
    """Find the timer that an overdue task goes along with, if it runs."""
    if not kind.startswith(OVERDUE):
        return None
    key = leg_id, Clock(kind.removeprefix(OVERDUE))
    return next((each for each in referral.timers if (each.leg_id, Clock(each.clock)) == key), None)


def rearmed(referral: ReferralFacts, *, now: datetime) -> tuple[TimerRow, ...]:
    """List clocks to wind up afresh: wanted and not running.

    Whoever resolves an overdue task leaves the timer it goes with out of the picture; the clock
    then starts at its due time, because the nudge was given when it ran the first time.
    """
    running = {(timer.leg_id, Clock(timer.clock)) for timer in referral.timers}
    return tuple(
        _wound_up(key, referral, now=now) for key in sorted(_wanted(referral) - running, key=str)
    )


def _wound_up(key: Key, referral: ReferralFacts, *, now: datetime) -> TimerRow:
    leg_id, clock = key
    leg = referral.leg(leg_id)
    turn = _turn(clock, referral, leg)
    calendar = referral.calendars[turn]
    term = terms.in_force(clock, referral.priority, referral.terms)
    return ladder.armed(
        Reckoning(term=term, priority=referral.priority),
        clock=clock,
        calendar=calendar,
        turn_org_id=turn,
        started_at=now,
        leg_id=leg_id,
        spoken=True,
    )


def _answered(before: ReferralFacts, now_facts: ReferralFacts) -> tuple[UUID, ...]:
    """List calls that need not be made: the recipient has answered meanwhile."""
    return tuple(
        task.id
        for task in before.tasks
        if task.kind == "call_recipient"
        and (leg := now_facts.leg(task.leg_id)) is not None
        and leg.state not in (LegState.SENT, LegState.RECEIVED)
    )


def _renewed(key: Key, acts: tuple[Act, ...]) -> bool:
    """Whether one of the acts names a new date for this very clock, or a new owner for them all."""
    leg_id, clock = key
    return any(
        act.step is Step.HAND_BACK or (act.leg_id == leg_id and _RENEWS.get(act.step) is clock)
        for act in acts
    )


def _wanted(referral: ReferralFacts) -> set[Key]:
    if referral.state not in orders.OPEN:
        return set()
    wanted: set[Key] = set()
    for leg in referral.legs:
        clock = clocks.clock_of_leg(leg.state)
        if clock is not None:
            wanted.add((leg.id, clock))
        if leg.live and leg.ask_open:
            wanted.add((leg.id, Clock.SUPPLY))
        if leg.unreviewed and referral.state is orders.ReferralState.AWAITING_REVIEW:
            # It runs for each outcome that came back, and only while somebody may review it.
            wanted.add((leg.id, Clock.REVIEW))
    if referral.state is orders.ReferralState.NEEDS_ROUTING:
        wanted.add((None, Clock.ROUTE))
    return wanted


def _armed(key: Key, referral: ReferralFacts, *, before: ReferralFacts, now: datetime) -> TimerRow:
    leg_id, clock = key
    leg = referral.leg(leg_id)
    turn = _turn(clock, referral, leg)
    paused_at = _stopped_at(leg, before) if clock is Clock.ANSWER else None
    calendar = referral.calendars[turn]
    reckoning = _reckoning(clock, referral, leg, calendar=calendar, now=now, paused_at=paused_at)
    return ladder.armed(
        reckoning,
        clock=clock,
        calendar=calendar,
        turn_org_id=turn,
        started_at=now,
        leg_id=leg_id,
    )


def _turn(clock: Clock, referral: ReferralFacts, leg: LegFacts | None) -> UUID:
    if leg is None or clock in clocks.REFERRER_CLOCKS:
        return referral.sender_org_id
    return leg.org_id


def _stopped_at(leg: LegFacts | None, before: ReferralFacts) -> datetime | None:
    """Say when the answer clock of a leg stopped: at the question, or at the answer taken back."""
    was = before.leg(leg.id) if leg is not None else None
    if was is None or was.answer_due_at is None:
        return None
    if was.state is LegState.NEEDS_INFO:
        return was.asked_at
    last = before.last_event(was.id)
    return last.entered_at if last is not None else None


def _reckoning(
    clock: Clock,
    referral: ReferralFacts,
    leg: LegFacts | None,
    *,
    calendar: Calendar,
    now: datetime,
    paused_at: datetime | None,
) -> Reckoning:
    term = terms.in_force(clock, referral.priority, referral.terms)
    if leg is not None and paused_at is not None and leg.answer_due_at is not None:
        # The clock stood still meanwhile; it runs on with what was left.
        left = clocks.left_of(
            term,
            priority=referral.priority,
            due_at=leg.answer_due_at,
            paused_at=paused_at,
            resumed_at=now,
            calendar=calendar,
        )
        return Reckoning(term=term, priority=referral.priority, left=left.total_seconds())
    hint = _hint(clock, leg, calendar)
    return Reckoning(term=term, priority=referral.priority, hint=hint)


def _hint(clock: Clock, leg: LegFacts | None, calendar: Calendar) -> datetime | None:
    if leg is None:
        return None
    match clock:
        case Clock.CHECK:
            return _morning(leg.next_check_on, calendar)
        case Clock.REPORT:
            return _morning(leg.next_report_on, calendar)
        case Clock.ATTEND:
            return leg.appointment_ends_at
        case _:
            return None


def _morning(day: date | None, calendar: Calendar) -> datetime | None:
    if day is None:
        return None
    moment = calendars.local_moment(day, _MORNING, zone=calendar.zone)
    return moment.astimezone(UTC)


def _with_due(leg: LegFacts, row: TimerRow) -> LegFacts:
    match Clock(row.clock):
        case Clock.ANSWER:
            return msgspec.structs.replace(leg, answer_due_at=row.late_at)
        case Clock.SUPPLY:
            return msgspec.structs.replace(leg, ask_due_at=row.late_at)
        case _:
            return leg
