"""Which clocks run after a step: timers to arm, timers to disarm, and the due times legs keep."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec

from service.domain import calendars, clocks
from service.domain import referral as orders
from service.domain.calendars import Calendar
from service.domain.clocks import Clock, Due
from service.domain.facts import ArmedTimer, LegFacts, ReferralFacts
from service.domain.leg import LegState
from service.domain.plan import Act, TimerRow
from service.domain.rules import Step

Key = tuple[UUID | None, Clock]

_REARMING = frozenset({Step.SCHEDULE, Step.WAITLIST, Step.START, Step.ASK, Step.ADDENDUM})
"""Steps that name a new date: the clock of the same state starts again."""

_MORNING = 9 * 60


def after(start: datetime, *, seconds: int) -> datetime:
    """Return the moment so many seconds later."""
    return start + timedelta(seconds=seconds)


def timers(
    before: ReferralFacts, now_facts: ReferralFacts, act: Act
) -> tuple[tuple[TimerRow, ...], tuple[UUID, ...], dict[UUID, LegFacts]]:
    """Compare what runs with what should run: rows to arm, ids to disarm, legs with new dues."""
    wanted = _wanted(now_facts)
    kept = {
        (timer.leg_id, Clock(timer.clock))
        for timer in before.timers
        if _stays(timer, wanted=wanted, before=before, act=act)
    }
    disarm = tuple(
        timer.id
        for timer in before.timers
        if (timer.leg_id, Clock(timer.clock)) not in kept
    )
    arm: list[TimerRow] = []
    timed: dict[UUID, LegFacts] = {}
    for key in sorted(wanted - kept, key=str):
        row, leg = _armed(key, now_facts, act)
        arm.append(row)
        if leg is not None:
            timed[leg.id] = leg
    return tuple(arm), disarm, timed


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
        if leg.unreviewed:
            # The review clock runs for each outcome that came back, not for the referral.
            wanted.add((leg.id, Clock.REVIEW))
    if referral.state is orders.ReferralState.NEEDS_ROUTING:
        wanted.add((None, Clock.ROUTE))
    return wanted


def _stays(
    timer: ArmedTimer, *, wanted: set[Key], before: ReferralFacts, act: Act
) -> bool:
    key = (timer.leg_id, Clock(timer.clock))
    if key not in wanted:
        return False
    own = timer.leg_id is not None and timer.leg_id == act.leg_id
    return not (own and act.step in _REARMING and _renames(act, key[1]))


def _renames(act: Act, clock: Clock) -> bool:
    renewed = {
        Step.SCHEDULE: Clock.ATTEND,
        Step.WAITLIST: Clock.CHECK,
        Step.START: Clock.REPORT,
        Step.ASK: Clock.SUPPLY,
        Step.ADDENDUM: Clock.REVIEW,
    }
    return renewed.get(act.step) is clock


def _armed(key: Key, referral: ReferralFacts, act: Act) -> tuple[TimerRow, LegFacts | None]:
    leg_id, clock = key
    leg = referral.leg(leg_id)
    turn = _turn(clock, referral, leg)
    calendar = referral.calendars[turn]
    due = _due(clock, referral, leg, calendar=calendar, now=act.now)
    row = TimerRow(
        clock=clock,
        turn_org_id=turn,
        started_at=act.now,
        due_at=due.nudge_at,
        final_at=due.moves_at,
        leg_id=leg_id,
    )
    return row, _with_due(leg, clock, due)


def _turn(clock: Clock, referral: ReferralFacts, leg: LegFacts | None) -> UUID:
    if leg is None or clock in clocks.REFERRER_CLOCKS:
        return referral.sender_org_id
    return leg.org_id


def _due(
    clock: Clock,
    referral: ReferralFacts,
    leg: LegFacts | None,
    *,
    calendar: Calendar,
    now: datetime,
) -> Due:
    resumed = (
        leg is not None
        and clock is Clock.ANSWER
        and leg.state is LegState.RECEIVED
        and leg.asked_at is not None
        and leg.answer_due_at is not None
    )
    if resumed and leg is not None and leg.answer_due_at and leg.asked_at:
        return clocks.resume(
            clock,
            priority=referral.priority,
            due_at=leg.answer_due_at,
            paused_at=leg.asked_at,
            resumed_at=now,
            calendar=calendar,
        )
    return clocks.due(
        clock,
        priority=referral.priority,
        start=now,
        calendar=calendar,
        hint=_hint(clock, leg, calendar),
    )


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


def _with_due(leg: LegFacts | None, clock: Clock, due: Due) -> LegFacts | None:
    if leg is None:
        return None
    if clock is Clock.ANSWER:
        return msgspec.structs.replace(leg, answer_due_at=due.due_at)
    if clock is Clock.SUPPLY:
        return msgspec.structs.replace(leg, ask_due_at=due.due_at)
    return leg
