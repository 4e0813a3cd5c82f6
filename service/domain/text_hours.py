"""When a phone may be texted: by day in its own zone, once a day, three times a week.

Source: the design of referrals, "8:00-21:00 of their zone; at most one a day and three a week".
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from service.domain import calendars

FROM_HOUR, TO_HOUR = 8, 21
"""The hours in which anybody may be texted at all; a patient may narrow them."""

A_WEEK = 3
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


def by_day(at: datetime, *, zone: str, from_hour: int, to_hour: int) -> bool:
    """Say whether a moment lies within the hours in which this phone may be texted."""
    low, high = _hours(from_hour, to_hour)
    return low <= calendars.local(at, zone).hour < high


def next_by_day(at: datetime, *, zone: str, from_hour: int, to_hour: int) -> datetime:
    """Find the first moment, from this one on, within those hours.

    Where the clocks skip the hour that opens the day, the next valid minute counts.
    """
    if by_day(at, zone=zone, from_hour=from_hour, to_hour=to_hour):
        return at
    low, _ = _hours(from_hour, to_hour)
    day = calendars.local(at, zone).date()
    opens = calendars.local_moment(day, low * 60, zone=zone)
    if opens < at:
        opens = calendars.local_moment(day + _DAY, low * 60, zone=zone)
    return opens


def next_free(
    at: datetime, *, zone: str, from_hour: int, to_hour: int, before: Sequence[datetime]
) -> datetime:
    """Find the first moment by day at which a number that was texted `before` may be texted again.

    One text a day of its own calendar, and three in any seven days.
    """
    lately = sorted(before)
    while True:
        at = next_by_day(at, zone=zone, from_hour=from_hour, to_hour=to_hour)
        day = calendars.local(at, zone).date()
        if any(calendars.local(each, zone).date() == day for each in lately):
            at = calendars.local_moment(day + _DAY, 0, zone=zone)
            continue
        week = [each for each in lately if at - _WEEK < each <= at]
        if len(week) < A_WEEK:
            return at
        at = week[-A_WEEK] + _WEEK


def _hours(from_hour: int, to_hour: int) -> tuple[int, int]:
    """Narrow the hours of the law by the patient's; where nothing is left, the law's hold."""
    low, high = max(from_hour, FROM_HOUR), min(to_hour, TO_HOUR)
    return (low, high) if low < high else (FROM_HOUR, TO_HOUR)
