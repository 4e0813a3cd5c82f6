"""The ten clocks: nudged half-way, due when the table says, and never before they began."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import calendars, clocks
from service.domain.calendars import ALWAYS, Calendar
from service.domain.clocks import Clock, Hint, Term, Unit
from service.domain.people import Priority

EAST = ZoneInfo("America/New_York")
OFFICE = Calendar(zone="America/New_York")
SHELTER = Calendar(zone="America/New_York", hours=ALWAYS)
R, U, E = Priority.ROUTINE, Priority.URGENT, Priority.EMERGENT
MOMENTS = st.datetimes(datetime(2026, 10, 20), datetime(2027, 4, 5), timezones=st.just(UTC))  # noqa: DTZ001


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=EAST)


def walls(due: clocks.Due) -> list[str]:
    moments = (due.nudge_at, due.due_at, due.moves_at)
    return [each.astimezone(EAST).strftime("%Y-%m-%d %H:%M") for each in moments]


MONDAY = "2026-10-26 10:00"


@pytest.mark.parametrize(
    ("clock", "priority", "nudge", "due_at", "moves"),
    [
        (Clock.ANSWER, R, "2026-10-27 10:00", "2026-10-28 10:00", "2026-10-30 10:00"),
        (Clock.ANSWER, U, "2026-10-26 14:00", "2026-10-27 10:00", None),
        (Clock.ANSWER, E, "2026-10-26 12:00", "2026-10-26 14:00", None),
        (Clock.SUPPLY, R, "2026-10-27 14:00", "2026-10-29 10:00", None),
        (Clock.SCHEDULE, R, "2026-11-02 10:00", "2026-11-09 10:00", None),
        (Clock.SCHEDULE, U, "2026-10-28 14:00", "2026-11-02 10:00", None),
        (Clock.SCHEDULE, E, "2026-10-26 17:00", "2026-10-27 00:00", None),
        (Clock.CHECK, R, "2026-11-02 10:00", "2026-11-09 10:00", None),
        (Clock.CHECK, E, "2026-10-26 22:00", "2026-10-27 10:00", None),
        (Clock.ATTEND, R, "2026-10-27 10:00", "2026-10-28 10:00", None),
        (Clock.REBOOK, R, "2026-10-28 14:00", "2026-11-02 10:00", None),
        (Clock.REPORT, R, "2026-11-02 10:00", "2026-11-09 10:00", None),
        (Clock.REPORT, E, "2026-10-27 10:00", "2026-10-28 10:00", None),
        (Clock.CONFIRM, R, "2026-10-27 14:00", "2026-10-29 10:00", None),
        (Clock.REVIEW, R, "2026-10-29 14:00", "2026-11-04 10:00", None),
        (Clock.ROUTE, R, "2026-10-27 14:00", "2026-10-29 10:00", None),
    ],
)
def test_a_clock_armed_on_a_monday_morning(clock, priority, nudge, due_at, moves):  # noqa: PLR0917
    found = clocks.due(clock, priority=priority, start=at(MONDAY), calendar=OFFICE)
    assert walls(found) == [nudge, due_at, moves or due_at]


def test_an_emergent_clock_runs_through_the_weekend_night():
    saturday = at("2026-10-31 23:00")
    found = clocks.due(Clock.ANSWER, priority=E, start=saturday, calendar=OFFICE)
    # Four hours of the wall clock, in the night that has twenty-five.
    assert walls(found)[1] == "2026-11-01 02:00"


def test_the_same_day_leaves_four_hours_however_late_it_begins():
    late = clocks.due(Clock.SCHEDULE, priority=E, start=at("2026-10-26 22:30"), calendar=OFFICE)
    assert walls(late)[1] == "2026-10-27 02:30"


def test_a_nudge_that_falls_on_closing_waits_for_the_morning():
    # Half of two business days from nine is the first day's closing minute.
    found = clocks.due(Clock.ANSWER, priority=R, start=at("2026-10-26 09:00"), calendar=OFFICE)
    assert walls(found)[0] == "2026-10-27 09:00"


def test_a_waiting_list_is_checked_on_the_date_the_recipient_named():
    named = at("2026-12-01 09:00")
    arm = {"start": at(MONDAY), "calendar": OFFICE, "hint": named}
    assert walls(clocks.due(Clock.CHECK, priority=R, **arm))[1] == "2026-12-01 09:00"
    # A named date may hurry an urgent check, never put it off.
    assert walls(clocks.due(Clock.CHECK, priority=U, **arm))[1] == "2026-11-02 10:00"
    soon = arm | {"hint": at("2026-10-28 09:00")}
    assert walls(clocks.due(Clock.CHECK, priority=U, **soon))[1] == "2026-10-28 09:00"


def test_a_named_date_outside_opening_hours_moves_into_them():
    found = clocks.due(
        Clock.CHECK, priority=R, start=at(MONDAY), calendar=OFFICE, hint=at("2026-11-11 00:00")
    )
    assert walls(found)[1] == "2026-11-12 09:00"


def test_a_course_reports_on_its_next_report_date():
    found = clocks.due(
        Clock.REPORT, priority=R, start=at(MONDAY), calendar=OFFICE, hint=at("2027-01-29 12:00")
    )
    assert walls(found)[1] == "2027-01-29 12:00"


def test_attendance_counts_from_the_end_of_the_appointment():
    found = clocks.due(
        Clock.ATTEND, priority=R, start=at(MONDAY), calendar=OFFICE, hint=at("2026-11-05 11:00")
    )
    assert walls(found) == ["2026-11-06 11:00", "2026-11-09 11:00", "2026-11-09 11:00"]


def test_a_date_that_is_past_is_no_hint():
    past = clocks.due(
        Clock.CHECK, priority=R, start=at(MONDAY), calendar=OFFICE, hint=at("2026-10-01 09:00")
    )
    assert past == clocks.due(Clock.CHECK, priority=R, start=at(MONDAY), calendar=OFFICE)


def test_a_date_means_nothing_to_a_clock_that_ignores_it():
    named = clocks.due(
        Clock.REVIEW, priority=R, start=at(MONDAY), calendar=OFFICE, hint=at("2026-12-01 09:00")
    )
    assert walls(named)[1] == "2026-11-04 10:00"


def test_a_kind_of_service_may_set_its_own_term():
    week = Term(unit=Unit.DAYS, amount=7)
    found = clocks.due(Clock.ANSWER, priority=R, start=at(MONDAY), calendar=OFFICE, setting=week)
    assert walls(found)[1] == "2026-11-02 10:00"


def test_an_emergent_term_in_business_days_runs_on_the_wall_clock_all_the_same():
    term = Term(unit=Unit.BUSINESS_DAYS, amount=1, grace=1)
    friday = at("2026-10-30 16:00")
    found = clocks.due(Clock.ANSWER, priority=E, start=friday, calendar=OFFICE, setting=term)
    assert walls(found)[1:] == ["2026-10-31 16:00", "2026-11-01 16:00"]


def resumed(*, priority, due_at, paused_at, resumed_at, calendar):
    """Let an answer clock run on after a pause, under its default term."""
    term = clocks.DEFAULTS[Clock.ANSWER, priority]
    given = {"priority": priority, "calendar": calendar}
    left = clocks.left_of(term, due_at=due_at, paused_at=paused_at, resumed_at=resumed_at, **given)
    return clocks.run_on(term, start=resumed_at, left=left, **given)


def test_an_answer_clock_goes_on_with_what_was_left_when_it_was_paused():
    armed = clocks.due(Clock.ANSWER, priority=R, start=at(MONDAY), calendar=OFFICE)
    found = resumed(
        priority=R,
        due_at=armed.due_at,
        paused_at=at("2026-10-27 10:00"),
        resumed_at=at("2026-11-02 10:00"),
        calendar=OFFICE,
    )
    # Eight business hours were left of sixteen; the grace follows anew.
    assert walls(found) == ["2026-11-02 14:00", "2026-11-03 10:00", "2026-11-05 10:00"]


def test_a_recipient_that_asked_late_still_gets_a_quarter_of_its_time():
    armed = clocks.due(Clock.ANSWER, priority=R, start=at(MONDAY), calendar=OFFICE)
    found = resumed(
        priority=R,
        due_at=armed.due_at,
        paused_at=at("2026-10-29 10:00"),
        resumed_at=at("2026-11-02 10:00"),
        calendar=OFFICE,
    )
    assert walls(found)[1] == "2026-11-02 14:00"


def test_an_emergent_answer_clock_resumes_on_the_wall():
    found = resumed(
        priority=E,
        due_at=at("2026-10-26 14:00"),
        paused_at=at("2026-10-26 11:00"),
        resumed_at=at("2026-10-26 20:00"),
        calendar=OFFICE,
    )
    assert walls(found)[1] == "2026-10-26 23:00"


CLOCKS = st.sampled_from(Clock)
PRIORITIES = st.sampled_from(Priority)
HINTS = st.none() | MOMENTS
CALENDARS = st.sampled_from([OFFICE, SHELTER])


@given(CLOCKS, PRIORITIES, MOMENTS, HINTS, CALENDARS)
def test_nudge_due_and_moving_on_come_in_order(clock, priority, start, hint, calendar):  # noqa: PLR0917
    found = clocks.due(clock, priority=priority, start=start, calendar=calendar, hint=hint)
    assert start <= found.nudge_at <= found.due_at <= found.moves_at
    assert found.due_at > start


@given(CLOCKS, st.sampled_from([R, U]), MOMENTS, HINTS)
def test_we_speak_to_an_office_only_while_somebody_is_in(clock, priority, start, hint):
    found = clocks.due(clock, priority=priority, start=start, calendar=OFFICE, hint=hint)
    assert calendars.next_open(found.nudge_at, OFFICE) == found.nudge_at
    assert calendars.next_open(found.due_at, OFFICE) == found.due_at


@given(
    MOMENTS,
    st.timedeltas(timedelta(), timedelta(days=5)),
    st.timedeltas(timedelta(), timedelta(days=9)),
)
def test_a_resumed_clock_is_due_after_it_resumed(start, ran, stood):
    armed = clocks.due(Clock.ANSWER, priority=R, start=start, calendar=OFFICE)
    resumed_at = start + ran + stood
    found = resumed(
        priority=R,
        due_at=armed.due_at,
        paused_at=start + ran,
        resumed_at=resumed_at,
        calendar=OFFICE,
    )
    assert resumed_at < found.due_at <= found.moves_at
    assert resumed_at <= found.nudge_at <= found.due_at


def test_every_hint_is_used_by_some_clock():
    assert {term.hint for term in clocks.DEFAULTS.values()} == set(Hint)


def test_three_clocks_wait_for_the_referrer():
    assert {Clock.SUPPLY, Clock.REVIEW, Clock.ROUTE} == clocks.REFERRER_CLOCKS
