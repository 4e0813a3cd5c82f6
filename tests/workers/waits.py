"""How to come to where each clock runs, and how to let its rungs come."""

from __future__ import annotations

from service.domain.clocks import Clock
from service.domain.rules import Step
from workers import clockwork, guard

WAYS: dict[Clock, tuple[tuple[str, Step], ...]] = {
    Clock.ANSWER: (),
    Clock.SUPPLY: (("rx", Step.ASK),),
    Clock.SCHEDULE: (("rx", Step.ACCEPT),),
    Clock.CHECK: (("rx", Step.ACCEPT), ("rx", Step.WAITLIST)),
    Clock.ATTEND: (("rx", Step.ACCEPT), ("rx", Step.SCHEDULE)),
    Clock.REBOOK: (("rx", Step.ACCEPT), ("rx", Step.SCHEDULE), ("rx", Step.CANCEL_APPOINTMENT)),
    Clock.REPORT: (("rx", Step.ACCEPT), ("rx", Step.START)),
    Clock.CONFIRM: (("rx", Step.RECEIVE), ("ref", Step.REQUEST_CANCEL)),
    Clock.REVIEW: (("rx", Step.ACCEPT), ("rx", Step.COMPLETE)),
    Clock.ROUTE: (("rx", Step.DECLINE),),
}
"""How to come to where each clock runs."""


async def network(shop):
    cco = await shop.house.organization("Network", kind="coordination", cco=True)
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization("Harbor", kind="social_service")
    return cco, clinic, bank


async def walked(shop, clinic, bank, clock: Clock):
    taken = await shop.house.sent(clinic, [bank])
    leg_id = taken.plan.referral.legs[0].id
    for who, step in WAYS[clock]:
        actor = bank.actor if who == "rx" else clinic.actor
        taken = await shop.house.step(actor, leg_id, step)
    return taken, leg_id


async def due(shop, clock: Clock) -> None:
    """Let the next rung of one clock be due, as if time had passed, and the others lie ahead."""
    await shop.owner.execute(
        "update lk.timer set due_at = lk.now(),"
        " late_at = greatest(late_at, lk.now() + interval '1 day'),"
        " second_at = greatest(second_at, lk.now() + interval '2 days'),"
        " final_at = greatest(final_at, lk.now() + interval '3 days')"
        " where clock = $1 and state = 'armed'",
        clock,
    )


async def running(shop, clock: Clock) -> list:
    return await shop.rows("select * from lk.timer where clock = $1 and state = 'armed'", clock)


async def escalated(shop, clock: Clock = Clock.ANSWER, *, times: int = 4) -> None:
    watching = guard.Guard()
    for _ in range(times):
        await due(shop, clock)
        await clockwork.tick(shop.desk, watching)
