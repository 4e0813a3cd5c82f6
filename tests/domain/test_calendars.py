"""Business time over weekends, holidays, closures, and the nights on which clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import calendars
from service.domain.calendars import ALWAYS, OFFICE_HOURS, Calendar

NEW_YORK = "America/New_York"
EAST = ZoneInfo(NEW_YORK)
OFFICE = Calendar(zone=NEW_YORK)
SHELTER = Calendar(zone=NEW_YORK, hours=ALWAYS, keeps_holidays=False)
NIGHT_HOURS = ((60, 180),) * 7
NIGHTLY = Calendar(zone=NEW_YORK, hours=NIGHT_HOURS, keeps_holidays=False)
SATURDAYS = Calendar(zone=NEW_YORK, hours=(*((8 * 60, 12 * 60),) * 4, None, (600, 720), None))
CALENDARS = st.sampled_from(
    [
        OFFICE,
        SHELTER,
        NIGHTLY,
        SATURDAYS,
        Calendar(zone="America/Los_Angeles", closures=frozenset({date(2026, 11, 2)})),
        Calendar(zone="Australia/Lord_Howe", hours=ALWAYS),
    ]
)
# Both nights of the American change of clocks, Thanksgiving, Christmas and New Year lie within.
MOMENTS = st.datetimes(datetime(2026, 10, 20), datetime(2027, 4, 5), timezones=st.just(UTC))  # noqa: DTZ001


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=EAST)


def wall(moment: datetime) -> str:
    assert moment.tzinfo is UTC
    return moment.astimezone(EAST).replace(tzinfo=None).isoformat(" ", "minutes")


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-10-26 15:00", 1, "2026-10-27 15:00"),
        ("2026-10-30 15:00", 1, "2026-11-02 15:00"),  # over a weekend and the change of clocks
        ("2026-10-30 18:00", 1, "2026-11-03 09:00"),  # after closing: counts from Monday morning
        ("2026-10-31 12:00", 1, "2026-11-03 09:00"),  # on a Saturday: the same
        ("2026-10-30 07:00", 1, "2026-11-02 09:00"),  # before opening: counts from nine
        ("2026-10-30 17:00", 1, "2026-11-03 09:00"),  # the closing minute itself is closed
        ("2026-11-10 10:30", 1, "2026-11-12 10:30"),  # over Veterans Day
        ("2026-11-25 10:30", 2, "2026-11-30 10:30"),  # over Thanksgiving and a weekend
        ("2027-03-12 10:30", 1, "2027-03-15 10:30"),  # over the other change of clocks
        ("2026-10-31 12:00", 0, "2026-11-02 09:00"),
    ],
)
def test_business_days_end_at_the_same_wall_time(start: str, days: int, due: str):
    assert wall(calendars.add_business_days(at(start), days, OFFICE)) == due


def test_a_time_that_the_day_does_not_have_moves_to_the_next_opening():
    # Thursday is open until noon, Friday not at all, Saturday from ten to twelve.
    due = calendars.add_business_days(at("2026-10-29 08:30"), 1, SATURDAYS)
    assert wall(due) == "2026-10-31 10:00"
    due = calendars.add_business_days(at("2026-10-31 11:30"), 1, SATURDAYS)
    assert wall(due) == "2026-11-02 11:30"


def test_closures_of_the_organization_are_days_off():
    closed = Calendar(zone=NEW_YORK, closures=frozenset({date(2026, 10, 27)}))
    assert (
        wall(calendars.add_business_days(at("2026-10-26 15:00"), 1, closed)) == "2026-10-28 15:00"
    )


def test_who_does_not_keep_holidays_works_on_them():
    christmas = at("2026-12-25 10:00")
    assert calendars.next_open(christmas, SHELTER) == christmas
    assert wall(calendars.next_open(christmas, OFFICE)) == "2026-12-28 09:00"


def test_a_skipped_hour_moves_to_the_next_valid_minute():
    moment = calendars.local_moment(date(2027, 3, 14), 2 * 60 + 30, zone=NEW_YORK)
    assert wall(moment) == "2027-03-14 03:00"
    lord_howe = calendars.local_moment(date(2026, 10, 4), 2 * 60 + 10, zone="Australia/Lord_Howe")
    assert lord_howe == datetime(2026, 10, 3, 15, 30, tzinfo=UTC)


def test_a_skipped_day_moves_to_its_end():
    moment = calendars.local_moment(date(2011, 12, 30), 12 * 60, zone="Pacific/Apia")
    assert moment.astimezone(ZoneInfo("Pacific/Apia")).date() == date(2011, 12, 31)


def test_of_a_repeated_hour_the_first_counts():
    moment = calendars.local_moment(date(2026, 11, 1), 90, zone=NEW_YORK)
    assert moment == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_a_due_moment_in_the_skipped_hour_is_the_next_valid_minute():
    due = calendars.add_business_days(at("2027-03-13 02:30"), 1, SHELTER)
    assert wall(due) == "2027-03-14 03:00"


def test_hours_that_lie_inside_a_skipped_hour_are_no_opening():
    small = Calendar(zone=NEW_YORK, hours=((130, 170),) * 7, keeps_holidays=False)
    assert wall(calendars.next_open(at("2027-03-14 00:30"), small)) == "2027-03-15 02:10"


def test_the_night_of_the_change_has_an_hour_more_or_less():
    def night(day: str, next_day: str) -> timedelta:
        return calendars.business_time_between(at(day), at(next_day), SHELTER)

    assert night("2026-11-01 00:00", "2026-11-02 00:00") == timedelta(hours=25)
    assert night("2027-03-14 00:00", "2027-03-15 00:00") == timedelta(hours=23)


def test_business_time_runs_only_while_somebody_is_in():
    friday, monday = at("2026-10-30 16:00"), at("2026-11-02 10:00")
    assert calendars.business_time_between(friday, monday, OFFICE) == timedelta(hours=2)
    assert calendars.business_time_between(monday, friday, OFFICE) == timedelta()
    assert (
        wall(calendars.add_business_time(friday, timedelta(hours=2), OFFICE)) == "2026-11-02 10:00"
    )


def test_business_time_may_end_at_the_closing_minute():
    start = at("2026-10-30 16:00")
    assert (
        wall(calendars.add_business_time(start, timedelta(hours=1), OFFICE)) == "2026-10-30 17:00"
    )


@given(MOMENTS, st.integers(0, 12), CALENDARS)
def test_a_due_moment_is_in_opening_hours_and_never_before_its_start(start, days, calendar):
    due = calendars.add_business_days(start, days, calendar)
    assert due >= start
    assert calendars.next_open(due, calendar) == due


@given(MOMENTS, st.integers(1, 12), CALENDARS)
def test_so_many_business_days_lie_between(start, days, calendar):
    zone = ZoneInfo(calendar.zone)
    first = calendars.next_open(start, calendar).astimezone(zone).date()
    last = calendars.add_business_days(start, days, calendar).astimezone(zone).date()
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    open_days = [day for day in between if calendars.is_business_day(day, calendar)]
    assert len(open_days) in {days, days + 1}


@given(MOMENTS, MOMENTS, st.integers(0, 8), CALENDARS)
def test_who_starts_later_is_never_due_earlier(one, two, days, calendar):
    # In a repeated hour two moments share a wall time and may change places by that hour.
    first, second = sorted((one, two))
    slack = timedelta(hours=1)
    due = [calendars.add_business_days(start, days, calendar) for start in (first, second)]
    assert due[0] <= due[1] + slack


@given(MOMENTS, st.timedeltas(timedelta(), timedelta(hours=80)), CALENDARS)
def test_added_business_time_is_the_business_time_between(start, amount, calendar):
    end = calendars.add_business_time(start, amount, calendar)
    assert calendars.business_time_between(start, end, calendar) == amount


@given(MOMENTS, MOMENTS, MOMENTS, CALENDARS)
def test_business_time_adds_up(one, two, three, calendar):
    a, b, c = sorted((one, two, three))
    parts = [calendars.business_time_between(*pair, calendar) for pair in ((a, b), (b, c))]
    assert sum(parts, timedelta()) == calendars.business_time_between(a, c, calendar)


@given(MOMENTS, CALENDARS)
def test_the_next_opening_is_the_first_open_moment(at_, calendar):
    opening = calendars.next_open(at_, calendar)
    assert opening >= at_
    assert calendars.next_open(opening, calendar) == opening
    assert calendars.business_time_between(at_, opening, calendar) == timedelta()


def test_federal_holidays_are_those_of_the_year():
    assert sorted(calendars.federal_holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 2, 16),
        date(2026, 5, 25),
        date(2026, 6, 19),
        date(2026, 7, 3),
        date(2026, 7, 4),
        date(2026, 9, 7),
        date(2026, 10, 12),
        date(2026, 11, 11),
        date(2026, 11, 26),
        date(2026, 12, 25),
    ]


def test_a_holiday_on_a_weekend_is_observed_beside_it():
    assert date(2027, 7, 5) in calendars.federal_holidays(2027)
    assert date(2027, 12, 31) in calendars.federal_holidays(2027)
    assert date(2027, 12, 24) in calendars.federal_holidays(2027)


@pytest.mark.parametrize(
    "broken",
    [
        {"zone": "Nowhere/Atlantis"},
        {"zone": ""},
        {"zone": "../../etc/passwd"},
        {"zone": NEW_YORK, "hours": (None,) * 7},
        {"zone": NEW_YORK, "hours": OFFICE_HOURS[:5]},
        {"zone": NEW_YORK, "hours": ((600, 500), *OFFICE_HOURS[1:])},
        {"zone": NEW_YORK, "hours": ((0, 1441), *OFFICE_HOURS[1:])},
    ],
)
def test_a_calendar_that_cannot_be_reckoned_with_is_refused(broken):
    with pytest.raises(ValueError, match=r"zone|week|hours"):
        Calendar(**broken)


def test_a_moment_without_an_offset_is_refused():
    with pytest.raises(ValueError, match="offset"):
        calendars.next_open(datetime(2026, 11, 2, 9), OFFICE)  # noqa: DTZ001
