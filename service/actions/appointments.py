"""A day's appointments, and what became of each: seen or not, said for all of them at once.

Every mark is a step like any other: decided, recorded and told alone, and one that cannot be taken
any more keeps none of the others back.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from service import faults
from service.actions import permission, take_step, worklists
from service.actions.office import Office
from service.actions.take_step import Order, Wish
from service.actions.worklists import Listed
from service.domain.details import Details
from service.domain.people import Actor, Source
from service.domain.policy import Action
from service.domain.rules import Step
from service.store import lists
from service.store.lists import BookedRow
from service.store.pool import Scope

MARKS = ("seen", "no_show")
"""What became of an appointment, in the words of its form."""


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """The open appointments of a day, and what may be told of whom they are for."""

    booked: Sequence[BookedRow]
    listed: Listed


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one appointment, on the version of its leg that was looked at."""

    leg_id: UUID
    seen: int
    came: bool


async def of_day(
    office: Office,
    actor: Actor,
    *,
    since: datetime,
    until: datetime,
    request_id: str | None = None,
) -> Day:
    """List one's own open appointments of a span; that they were shown is on record first."""
    org_id, _ = permission.own(actor, Action.REFERRAL_LIST)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        booked = await lists.booked(connection, org_id, since=since, until=until)
    ids = list(dict.fromkeys(row.referral_id for row in booked))
    listed = await worklists.chosen(office, actor, ids, name="appointments", request_id=request_id)
    return Day(booked=booked, listed=listed)


async def mark(
    office: Office,
    actor: Actor,
    marks: Sequence[Mark],
    *,
    day: date,
    request_id: str | None = None,
) -> dict[UUID, faults.Fault]:
    """Take each mark's step; return by leg why any was refused."""
    refused: dict[UUID, faults.Fault] = {}
    for each in marks:
        wish = (
            Wish(step=Step.START, details=Details(service_on=day))
            if each.came
            else Wish(step=Step.NO_SHOW)
        )
        order = Order(
            leg_id=each.leg_id,
            wishes=(wish,),
            seen=each.seen,
            source=Source.WEB,
            request_id=request_id,
        )
        try:
            await take_step.take_step(office, actor, order)
        except (
            faults.Stale,
            faults.StepRefused,
            faults.Invalid,
            faults.Missing,
            faults.Refused,
        ) as fault:
            refused[each.leg_id] = fault
    return refused
