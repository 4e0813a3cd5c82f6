"""Clockwork: fires timers that are due, watches the clock, sweeps away what is over.

Half-way and at its due time a timer nudges whoever's turn it is; then it climbs its ladder, a rung
a transaction. No clock ever closes a referral.
"""

import asyncio
from uuid import UUID

from service import faults, logs
from service.actions import forgotten, take_step
from service.actions.take_step import Order, Wish
from service.domain.clocks import Clock
from service.domain.people import Actor, ActorKind
from service.domain.rules import Step
from service.store import ladder as rungs
from service.store import timers
from service.store.pool import Scope
from service.store.timers import DueTimer, Waited
from workers import ladder, moot, nightly, pace, recalendar, watches
from workers.desk import Desk
from workers.guard import Guard

TICK_S = 1.0
BATCH = 500
SWEEP_S = 60.0


async def run(desk: Desk, *, stop: asyncio.Event) -> None:
    """Tick every second until told to stop; losing PostgreSQL only makes it wait."""
    guard, turns = Guard(), pace.Turns()

    async def fire() -> None:
        fired = await tick(desk, guard)
        await forgotten.answer_all(desk.office)
        await ladder.plan_ahead(desk)
        await recalendar.reckon(desk)
        if turns.every(5.0):
            await desk.beat("clockwork", fired=fired)
        if turns.every(SWEEP_S):
            await sweep(desk)
            await nightly.prove(desk)
        if fired < BATCH:
            await pace.rest(stop, TICK_S)

    await pace.steadily("clockwork", fire, stop=stop, wait=TICK_S)


async def tick(desk: Desk, guard: Guard) -> int:
    """Fire one batch of what is due; return how many timers moved.

    None fires while the clock jumped, or while a restore is held.
    """
    async with desk.db.transaction(Scope()) as connection:
        if not await timers.alone(connection) or not await guard.may_fire(connection):
            return 0
        if await timers.held(connection):
            return 0
        nudged = await timers.nudge(connection, limit=BATCH)
        late = await timers.overdue(connection, limit=BATCH)
    for timer in late:
        await _alone(desk, timer)
    return nudged + len(late) + await watches.tick(desk)


async def _alone(desk: Desk, timer: DueTimer) -> None:
    """Run one timer out; what is wrong with one must not keep the others waiting."""
    try:
        await run_out(desk, timer)
    except faults.Busy:
        raise
    except Exception as error:  # noqa: BLE001 - it is logged, and an overdue timer raises an alarm
        logs.broke("timer not fired", error, clock=timer.clock, worker="clockwork")


async def run_out(desk: Desk, timer: DueTimer) -> None:
    """Let a timer call in others: look first, then climb, or take the clock's own step.

    A cancellation that nobody was there to confirm is confirmed by the clock (L16).
    """
    async with desk.db.transaction(_eyes(timer)) as connection:
        await rungs.hold(connection, timer.referral_id)
        waited = await timers.look(connection, timer.id)
        if waited is None:
            return
        if not _still_waits(waited):
            await timers.disarm(connection, timer.id)
            return
        if not _nobody_there(waited):
            await ladder.climb(connection, waited)
            return
    if timer.leg_id is not None:
        await _confirm(desk, timer, sender_org_id=waited.sender_org_id)


def _eyes(timer: DueTimer) -> Scope:
    """Whose eyes a rung needs: the coordinators', on the one referral of the timer."""
    return Scope(org_id=timer.eyes, opening=timer.referral_id)


def _still_waits(waited: Waited) -> bool:
    return moot.still_waits(
        Clock(waited.clock),
        referral_state=waited.referral_state,
        leg_state=waited.leg_state,
        ask_open=bool(waited.ask_open),
        reviewed=waited.reviewed_at is not None,
    )


def _nobody_there(waited: Waited) -> bool:
    return waited.clock == Clock.CONFIRM and waited.received_at is None


async def _confirm(desk: Desk, timer: DueTimer, *, sender_org_id: UUID) -> None:
    actor = Actor(kind=ActorKind.CLOCK, org_id=sender_org_id)
    order = Order(leg_id=timer.leg_id, wishes=(Wish(step=Step.CONFIRM_CANCEL),))
    try:
        await take_step.take_step(desk.office, actor, order)
    except faults.Stale:
        # The leg moved between the look and the step: the next tick looks again.
        return
    except (faults.StepRefused, faults.Invalid):
        async with desk.db.transaction(_eyes(timer)) as connection:
            await rungs.hold(connection, timer.referral_id)
            waited = await timers.look(connection, timer.id)
            if waited is not None:
                await ladder.climb(connection, waited)


async def sweep(desk: Desk) -> None:
    """Do the chores, a transaction each."""
    for chore in timers.CHORES:
        async with desk.db.transaction(Scope()) as connection:
            if await timers.alone(connection):
                await connection.execute(chore)
