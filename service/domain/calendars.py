"""Business time: when an organization is open, and how long until so much open time has passed.

All moments are aware datetimes and come back in UTC. An organization is open from its opening
minute up to, but not including, its closing minute, on days that are no holiday and no closure.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count, islice, takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

MINUTES_A_DAY = 24 * 60
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_MONDAY, _THURSDAY = 0, 3

Hours = tuple[int, int] | None
"""Opening and closing minute since local midnight, or None for a day off."""

OFFICE_HOURS: tuple[Hours, ...] = (*((9 * 60, 17 * 60),) * 5, None, None)
"""Monday to Friday, nine to five: what an organization has until it says otherwise."""

ALWAYS: tuple[Hours, ...] = ((0, MINUTES_A_DAY),) * 7
"""Open around the clock, every day."""


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """When an organization is open: seven days from Monday, in its own zone, and its closures.

    A calendar that is never open in a week is refused with ValueError: a clock on it would wait
    for ever. So is an unknown zone, and hours that do not lie in order inside one day.
    """

    zone: str
    hours: tuple[Hours, ...] = OFFICE_HOURS
    closures: frozenset[date] = frozenset()
    keeps_holidays: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be reckoned with."""
        _zone(self.zone)
        if len(self.hours) != 7 or not any(self.hours):
            raise ValueError("a week has seven days, and at least one with hours")
        if not all(_in_order(hours) for hours in self.hours):
            raise ValueError("a day's hours run from its opening to its closing minute")


def _in_order(hours: Hours) -> bool:
    return hours is None or 0 <= hours[0] < hours[1] <= MINUTES_A_DAY


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as reason:
        raise ValueError("no such time zone") from reason


def is_zone(name: str) -> bool:
    """Say whether a time zone of that name exists."""
    try:
        _zone(name)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=64)
def federal_holidays(year: int) -> frozenset[date]:
    """List the days of a year on which United States federal offices rest.

    A holiday on a Saturday is observed the Friday before, on a Sunday the Monday after; both the
    day itself and the observed day are in the list. Source: 5 U.S.C. 6103.
    """
    fixed = (
        date(year, 1, 1),
        date(year, 6, 19),
        date(year, 7, 4),
        date(year, 11, 11),
        date(year, 12, 25),
        date(year + 1, 1, 1),
    )
    floating = (
        _nth(date(year, 1, 1), _MONDAY, 3),
        _nth(date(year, 2, 1), _MONDAY, 3),
        _nth(date(year, 5, 25), _MONDAY, 1),
        _nth(date(year, 9, 1), _MONDAY, 1),
        _nth(date(year, 10, 1), _MONDAY, 2),
        _nth(date(year, 11, 1), _THURSDAY, 4),
    )
    days = {*fixed, *floating, *map(_observed, fixed)}
    return frozenset(day for day in days if day.year == year)


def _nth(first: date, weekday: int, count: int) -> date:
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _observed(day: date) -> date:
    return day + {5: -_DAY, 6: _DAY}.get(day.weekday(), timedelta())


def is_business_day(day: date, calendar: Calendar) -> bool:
    """Say whether the organization opens at all on this local date."""
    if calendar.hours[day.weekday()] is None or day in calendar.closures:
        return False
    return not (calendar.keeps_holidays and day in federal_holidays(day.year))


@lru_cache(maxsize=8192)
def local_moment(day: date, minute: int, *, zone: str) -> datetime:
    """Find the moment of a local wall time, `minute` minutes after midnight of `day`, in UTC.

    A time the clocks skip moves to the next valid minute; of one they repeat, the first counts.
    """
    where = _zone(zone)
    wall = datetime.combine(day, time()) + minute * _MINUTE
    moment = wall.replace(tzinfo=where).astimezone(UTC)
    if moment.astimezone(where).replace(tzinfo=None) == wall:
        return moment
    early = wall.replace(tzinfo=where, fold=1).astimezone(UTC)
    return _gap_end(early, moment, where)


def _gap_end(before: datetime, after: datetime, where: ZoneInfo) -> datetime:
    """Find the minute between two moments at which the offset changes."""
    offset = after.astimezone(where).utcoffset()
    low, high = 0, int((after - before) / _MINUTE)
    while high - low > 1:
        middle = (low + high) // 2
        if (before + middle * _MINUTE).astimezone(where).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return before + high * _MINUTE


def openings(start: date, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """List the spans in which the organization is open, from a local date on, without end."""
    day = start
    while True:
        hours = calendar.hours[day.weekday()]
        if hours is not None and is_business_day(day, calendar):
            opens, closes = (local_moment(day, minute, zone=calendar.zone) for minute in hours)
            # Hours that lie wholly inside a skipped hour are no opening at all.
            if opens < closes:
                yield opens, closes
        day += _DAY


def _from(at: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """List the spans that end after a moment, the first one cut off at it."""
    start = local(at, calendar.zone).date()
    return ((max(opens, at), closes) for opens, closes in openings(start, calendar) if closes > at)


def local(at: datetime, zone: str) -> datetime:
    """Show a moment on the wall clock of a zone; a moment without an offset is a ValueError."""
    if at.tzinfo is None:
        raise ValueError("a moment without an offset names no moment")
    return at.astimezone(_zone(zone))


def next_open(at: datetime, calendar: Calendar) -> datetime:
    """Find the first moment, from this one on, at which the organization is open."""
    opens, _ = next(_from(at, calendar))
    return opens.astimezone(UTC)


def add_business_days(start: datetime, days: int, calendar: Calendar) -> datetime:
    """Find the same local wall time, so many business days later, moved into opening hours.

    What arrives outside opening hours arrives at the next opening, and is counted from there: a
    recipient never loses hours in which nobody was in. Where that time is before opening or after
    closing on the day it falls on, the next opening follows.
    """
    arrived = next_open(start, calendar)
    if days == 0:
        return arrived
    wall = local(arrived, calendar.zone)
    later = (wall.date() + step * _DAY for step in count(1))
    open_days = (day for day in later if is_business_day(day, calendar))
    day = next(islice(open_days, days - 1, None))
    due = local_moment(day, wall.hour * 60 + wall.minute, zone=calendar.zone)
    within = timedelta(seconds=wall.second, microseconds=wall.microsecond)
    return next_open(due + within, calendar)


def add_business_time(start: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    """Find the earliest moment by which so much opening time has passed since the start."""
    left = amount
    spans = _from(start, calendar)
    opens, closes = next(spans)
    while left > closes - opens:
        left -= closes - opens
        opens, closes = next(spans)
    return (opens + left).astimezone(UTC)


def business_time_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Sum the opening time between two moments; nothing if they are the wrong way round."""
    spans = takewhile(lambda span: span[0] < end, _from(start, calendar))
    return sum((min(closes, end) - opens for opens, closes in spans), timedelta())
