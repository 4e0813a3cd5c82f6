"""What another term would have meant: past waits reckoned again by what arms clocks."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from service.domain import clocks, ladder, terms
from service.domain.calendars import Calendar
from service.domain.clocks import Clock, Term
from service.domain.people import Priority
from service.domain.terms import Reckoning


class Waited(msgspec.Struct, frozen=True, kw_only=True):
    """One wait of a clock that began: until when it lasted, or `now` where it still does."""

    referral_id: UUID
    start: datetime
    until: datetime
    calendar: Calendar
    reckoning: Reckoning


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of waits under a term: referrals that waited, were nudged, and moved."""

    referrals: int
    nudged: int
    moved: int


def outcome(
    waits: list[Waited], *, clock: Clock, priority: Priority, term: Term | None = None
) -> Outcome:
    """Reckon what would have become of waits under a term, or became under the one each had.

    A wait that ran on after a pause keeps the share of its term that was left.
    """
    nudged: set[UUID] = set()
    moved: set[UUID] = set()
    for each in waits:
        under = each.reckoning if term is None else _under(each, clock, priority, term)
        at = ladder.climbs(under, clock=clock, started_at=each.start, calendar=each.calendar)
        if each.until >= at.nudge_at:
            nudged.add(each.referral_id)
        if each.until >= at.moves_at:
            moved.add(each.referral_id)
    return Outcome(
        referrals=len({each.referral_id for each in waits}), nudged=len(nudged), moved=len(moved)
    )


def _under(wait: Waited, clock: Clock, priority: Priority, term: Term) -> Reckoning:
    whole = terms.in_force(clock, priority, {clock: term})
    if wait.reckoning.left is None:
        return msgspec.structs.replace(wait.reckoning, term=whole)
    was = clocks.length(
        wait.reckoning.term, priority=priority, start=wait.start, calendar=wait.calendar
    )
    new = clocks.length(whole, priority=priority, start=wait.start, calendar=wait.calendar)
    left = timedelta(seconds=wait.reckoning.left)
    share = left / was if was else 1.0
    return msgspec.structs.replace(wait.reckoning, term=whole, left=(new * share).total_seconds())
