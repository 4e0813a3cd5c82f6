"""Terms that people set: how long a clock waits for one kind of service and priority.

The narrowest wins: a kind of service and a priority, then the priority alone, then the default.
What a date named by the recipient means to a clock is no term, and is never set.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from service.domain import clocks
from service.domain.calendars import Calendar
from service.domain.clocks import Clock, Due, Term, Unit
from service.domain.people import Priority

LONGEST: Mapping[Unit, int] = {Unit.HOURS: 24 * 90, Unit.DAYS: 365, Unit.BUSINESS_DAYS: 250}
"""The most a term may be: beyond it, a referral would wait and nobody hear of it for a year."""

LONGEST_GRACE = 60
"""The most business days of grace."""


class Reckoning(msgspec.Struct, frozen=True, kw_only=True):
    """How a timer was reckoned, kept with it: what was promised under one term stays so.

    `left`: seconds that were left when it ran on after a pause, of the wall or of office time.
    """

    term: Term
    priority: Priority
    hint: datetime | None = None
    left: float | None = None


def in_force(
    clock: Clock, priority: Priority, settings: Mapping[Clock, Term] | None = None
) -> Term:
    """Return the term of a clock: the one that is set, with the default's sense of dates."""
    default = clocks.DEFAULTS[clock, priority]
    found = (settings or {}).get(clock)
    return default if found is None else msgspec.structs.replace(found, hint=default.hint)


def due(reckoning: Reckoning, *, clock: Clock, start: datetime, calendar: Calendar) -> Due:
    """Reckon a timer by what is kept with it, in the calendar of now."""
    term, priority = reckoning.term, reckoning.priority
    if reckoning.left is None:
        return clocks.due(
            clock,
            priority=priority,
            start=start,
            calendar=calendar,
            hint=reckoning.hint,
            setting=term,
        )
    left = timedelta(seconds=reckoning.left)
    return clocks.run_on(term, priority=priority, start=start, left=left, calendar=calendar)


def wrong(priority: Priority, term: Term) -> list[dict[str, str]]:
    """List what is wrong with a term that somebody wants to set."""
    found: list[dict[str, str]] = []
    if term.unit is Unit.SAME_DAY:
        found.append({"field": "unit", "detail": "Count in hours, days or business days."})
        return found
    if priority is Priority.EMERGENT and term.unit is not Unit.HOURS:
        detail = "What is emergent runs on the wall clock: count in hours."
        found.append({"field": "unit", "detail": detail})
    if not 1 <= term.amount <= LONGEST[term.unit]:
        detail = f"Give a number from 1 to {LONGEST[term.unit]}."
        found.append({"field": "amount", "detail": detail})
    most = 0 if priority is Priority.EMERGENT else LONGEST_GRACE
    if not 0 <= term.grace <= most:
        detail = (
            "What is emergent has no grace." if not most else f"Give 0 to {most} business days."
        )
        found.append({"field": "grace", "detail": detail})
    return found
