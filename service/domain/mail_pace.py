"""How often routine mail reaches one recipient: at once, or in a digest on the next morning.

What is urgent never waits. Source: the clocks of referrals.md, nudge budget and daily digest;
docs/decisions/0026.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from service.domain import calendars
from service.domain.calendars import Calendar

NUDGES_A_DAY = 2
"""How many routine reminders reach one recipient by themselves on one day, whoever sends them."""

ITEMS_FOR_A_DIGEST = 3
"""From so many open items that wait for one recipient on, reminders come once a day together."""

MORNING = 8 * 60
"""When a digest leaves: minutes after local midnight."""

_DAY = timedelta(days=1)


class RoutineMail(StrEnum):
    """When what is not urgent comes to a member; urgent mails and escalations come in any case."""

    AT_ONCE = "at_once"
    DIGEST = "digest"
    NONE = "none"


def waits(*, sent_today: int, open_items: int) -> bool:
    """Say whether a routine reminder goes into the digest instead of by itself."""
    return sent_today >= NUDGES_A_DAY or open_items >= ITEMS_FOR_A_DIGEST


def today(now: datetime, calendar: Calendar) -> datetime:
    """Find the local midnight from which on the reminders of a day are counted."""
    return calendars.local_moment(calendars.local(now, calendar.zone).date(), 0, zone=calendar.zone)


def next_morning(now: datetime, calendar: Calendar) -> datetime:
    """Find the first local morning after a moment on which the recipient has a business day."""
    day = calendars.local(now, calendar.zone).date()
    while True:
        at = calendars.local_moment(day, MORNING, zone=calendar.zone)
        if at > now and calendars.is_business_day(day, calendar):
            return at
        day += _DAY
