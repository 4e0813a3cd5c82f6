"""Climb the ladder of a timer that nobody answered: a second contact, a coordinator, those above.

Each rung is one transaction: it looks, speaks, opens its work and lets the same timer wait for the
next. Source: the design of clocks; docs/decisions/0020.
"""

from datetime import datetime

from service.actions import escalate
from service.actions.escalate import Owner
from service.domain import ladder as rungs
from service.domain import waiting
from service.domain.clocks import REFERRER_CLOCKS, Clock
from service.domain.effects import EffectKind
from service.domain.people import Priority
from service.store import ladder, timers
from service.store.pool import Connection, Scope
from service.store.referrals import calendar_of
from service.store.timers import Waited
from workers.desk import Desk

AHEAD = 200


async def climb(connection: Connection, waited: Waited) -> None:
    """Do what the rung of a timer says, and let it wait for the next."""
    match waited.rung:
        case rungs.SECOND:
            await _second(connection, waited)
        case rungs.MOVES:
            await _moves(connection, waited)
        case _:
            await _reports(connection, waited)


async def _second(connection: Connection, waited: Waited) -> None:
    """Tell somebody else there; where no mail reaches one, the owner is to call."""
    if waited.final_at > waited.now:
        other = await ladder.second(connection, waited.turn_org_id, first=waited.first_member_id)
        if other is not None:
            await ladder.tell(
                connection, EffectKind.NUDGE, waited, org_id=waited.turn_org_id, member_id=other
            )
        elif Clock(waited.clock) not in REFERRER_CLOCKS:
            owner = Owner(org_id=waited.owner_org_id, member_id=waited.owner_member_id)
            await _work(connection, waiting.SECOND, waited, owner)
    await ladder.climbed(
        connection, waited.id, rung=rungs.MOVES, due_at=max(waited.final_at, waited.now)
    )


async def _moves(connection: Connection, waited: Waited) -> None:
    """Let a coordinator own it from now on, with the work that goes with it."""
    owner = await escalate.move(connection, waited)
    if owner.member_id == waited.owner_member_id:
        # It stays; whoever answers for it hears that this is now theirs to call about.
        await ladder.tell(
            connection,
            EffectKind.NUDGE,
            waited,
            org_id=owner.org_id,
            member_id=owner.member_id,
        )
    await _work(connection, waiting.OVERDUE, waited, owner)
    await _next(connection, waited)


async def _reports(connection: Connection, waited: Waited) -> None:
    """Tell those above the owner, and open the work again where somebody called it done."""
    owner = Owner(org_id=waited.owner_org_id, member_id=waited.owner_member_id)
    for member_id in await ladder.above(connection, owner.org_id, owner=owner.member_id):
        await ladder.tell(
            connection, EffectKind.REPORT, waited, org_id=owner.org_id, member_id=member_id
        )
    await _work(connection, waiting.OVERDUE, waited, owner)
    await _next(connection, waited)


async def _work(connection: Connection, prefix: str, waited: Waited, owner: Owner) -> None:
    await ladder.open_task(
        connection,
        f"{prefix}{waited.clock}",
        waited,
        org_id=owner.org_id,
        member_id=owner.member_id,
        due_at=_after(waited),
    )


def _after(waited: Waited) -> datetime:
    return rungs.reports_at(
        waited.now,
        rung=waited.rung,
        priority=Priority(waited.priority),
        calendar=calendar_of(waited.calendar),
    )


async def _next(connection: Connection, waited: Waited) -> None:
    await ladder.climbed(connection, waited.id, rung=waited.rung + 1, due_at=_after(waited))


async def plan_ahead(desk: Desk) -> None:
    """Say of what was armed to whom it will move, so that everybody can read it."""
    async with desk.db.transaction(Scope()) as connection:
        eyes = await timers.coordinators(connection)
    if eyes is None:
        return
    async with desk.db.transaction(Scope(org_id=eyes)) as connection:
        await escalate.plan_ahead(connection, eyes, limit=AHEAD)
