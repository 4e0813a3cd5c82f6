"""Terms that people set: the narrowest wins, nonsense is refused, and the past is foreseen."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import clocks, foresight, ladder, terms
from service.domain.calendars import Calendar
from service.domain.clocks import Clock, Hint, Term, Unit
from service.domain.foresight import Outcome, Waited
from service.domain.people import Priority
from service.domain.terms import Reckoning

OFFICE = Calendar(zone="America/Los_Angeles")
MONDAY = datetime(2026, 10, 26, 17, tzinfo=UTC)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
E, U, R = Priority.EMERGENT, Priority.URGENT, Priority.ROUTINE


def business(amount: int, grace: int = 0) -> Term:
    return Term(unit=Unit.BUSINESS_DAYS, amount=amount, grace=grace)


def test_what_is_set_stands_in_for_the_default_but_for_its_sense_of_dates() -> None:
    default = clocks.DEFAULTS[Clock.REPORT, R]
    assert terms.in_force(Clock.REPORT, R) == default
    found = terms.in_force(Clock.REPORT, R, {Clock.REPORT: business(3)})
    assert (found.amount, found.hint) == (3, Hint.REPLACES)
    assert terms.in_force(Clock.REPORT, R, {Clock.ANSWER: business(3)}) == default


@pytest.mark.parametrize(
    ("priority", "term", "fields"),
    [
        (R, business(2, 2), []),
        (R, business(0), ["amount"]),
        (R, business(251), ["amount"]),
        (R, business(2, 61), ["grace"]),
        (R, business(2, -1), ["grace"]),
        (R, Term(unit=Unit.SAME_DAY), ["unit"]),
        (R, Term(unit=Unit.DAYS, amount=366), ["amount"]),
        (E, business(1), ["unit"]),
        (E, Term(unit=Unit.HOURS, amount=4), []),
        (E, Term(unit=Unit.HOURS, amount=4, grace=1), ["grace"]),
        (U, Term(unit=Unit.HOURS, amount=24 * 91), ["amount"]),
    ],
)
def test_what_is_no_term_is_told_by_its_field(
    priority: Priority, term: Term, fields: list[str]
) -> None:
    assert [each["field"] for each in terms.wrong(priority, term)] == fields


@given(
    st.sampled_from(sorted(clocks.DEFAULTS, key=str)),
    st.integers(0, 365 * 24 * 60).map(lambda each: NEW_YEAR + timedelta(minutes=each)),
    st.none() | st.timedeltas(timedelta(hours=1), timedelta(days=20)),
)
def test_what_is_kept_with_a_timer_reckons_it_as_it_was(
    place: tuple[Clock, Priority], start: datetime, ahead: timedelta | None
) -> None:
    clock, priority = place
    hint = None if ahead is None else start + ahead
    kept = Reckoning(term=clocks.DEFAULTS[place], priority=priority, hint=hint)
    was = clocks.due(clock, priority=priority, start=start, calendar=OFFICE, hint=hint)
    assert terms.due(kept, clock=clock, start=start, calendar=OFFICE) == was


def waited(days: float, *, reckoning: Reckoning | None = None) -> Waited:
    kept = reckoning or Reckoning(term=clocks.DEFAULTS[Clock.ANSWER, R], priority=R)
    until = MONDAY + timedelta(days=days)
    return Waited(referral_id=uuid4(), start=MONDAY, until=until, calendar=OFFICE, reckoning=kept)


def test_last_month_is_reckoned_again_under_another_term() -> None:
    # Answered the same day, the day after, and nine days later.
    waits = [waited(0.1), waited(1.1), waited(9)]
    place = {"clock": Clock.ANSWER, "priority": R}
    assert foresight.outcome(waits, **place) == Outcome(referrals=3, nudged=2, moved=1)
    longer = foresight.outcome(waits, term=business(10), **place)
    assert longer == Outcome(referrals=3, nudged=1, moved=0)
    shorter = foresight.outcome(waits, term=Term(unit=Unit.HOURS, amount=1), **place)
    assert shorter.nudged == 3


def test_a_referral_that_waited_twice_counts_once() -> None:
    one = waited(9)
    found = foresight.outcome([one, one], clock=Clock.ANSWER, priority=R)
    assert found == Outcome(referrals=1, nudged=1, moved=1)


def test_a_wait_that_ran_on_keeps_the_share_that_was_left() -> None:
    term = clocks.DEFAULTS[Clock.ANSWER, R]
    half = Reckoning(term=term, priority=R, left=timedelta(hours=8).total_seconds())
    place = {"clock": Clock.ANSWER, "priority": R}
    moves = ladder.climbs(half, clock=Clock.ANSWER, started_at=MONDAY, calendar=OFFICE).moves_at
    over = moves - MONDAY + timedelta(minutes=1)
    waits = [waited(over / timedelta(days=1), reckoning=half)]
    assert foresight.outcome(waits, **place).moved == 1
    assert foresight.outcome(waits, term=business(4, 4), **place).moved == 0
    assert foresight.outcome(waits, term=term, **place).moved == 1
