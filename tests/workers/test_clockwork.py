"""Timers: a nudge half-way, a task at the end, silence once answered; and the clock's guard."""

from __future__ import annotations

import pytest

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
    """Let the next tick of one clock be due, as if the time had passed."""
    await shop.owner.execute(
        "update lk.timer set final_at = lk.now() + (final_at - due_at) + interval '1 day',"
        " due_at = lk.now() where clock = $1 and state = 'armed' and rung = 0",
        clock,
    )
    await shop.owner.execute(
        "update lk.timer set due_at = lk.now() where clock = $1 and state = 'armed' and rung = 1",
        clock,
    )


@pytest.mark.parametrize("clock", list(Clock), ids=str)
async def test_each_of_the_ten_clocks_nudges_and_then_becomes_a_task(shop, clock) -> None:
    cco, clinic, bank = await network(shop)
    await walked(shop, clinic, bank, clock)
    await shop.owner.execute("update lk.outbox set state = 'cancelled'")
    watching = guard.Guard()
    await due(shop, clock)
    assert await clockwork.tick(shop.desk, watching) == 1
    [timer] = await shop.rows("select * from lk.timer where clock = $1 and state = 'armed'", clock)
    assert timer["rung"] == 1
    assert timer["due_at"] == timer["final_at"]
    async with shop.working():
        await shop.drained()
        assert len(shop.mails) == 1
        await due(shop, clock)
        assert await clockwork.tick(shop.desk, watching) == 1
        await shop.drained()
    assert len(shop.mails) == 2
    assert all("waiting" in mail["Subject"] for mail in shop.mails)
    turn = clinic if clock in (Clock.SUPPLY, Clock.REVIEW, Clock.ROUTE) else bank
    to_person = all("ana" in mail["To"] for mail in shop.mails)
    assert to_person == (turn is clinic)
    [task] = await shop.rows("select * from lk.human_task where kind like 'overdue%'")
    assert (task["kind"], task["org_id"]) == (f"overdue_{clock}", cco.id)
    assert task["about_org_id"] == turn.id
    assert not await shop.rows("select 1 from lk.timer where clock = $1 and state = 'armed'", clock)


async def test_an_overdue_task_is_moot_once_the_recipient_answers(shop) -> None:
    _, clinic, bank = await network(shop)
    _, leg_id = await walked(shop, clinic, bank, Clock.ANSWER)
    watching = guard.Guard()
    for _ in range(2):
        await due(shop, Clock.ANSWER)
        await clockwork.tick(shop.desk, watching)
    await shop.house.step(bank.actor, leg_id, Step.ACCEPT)
    [task] = await shop.rows("select * from lk.human_task where kind like 'overdue%'")
    assert task["state"] == "moot"
    [timer] = await shop.rows("select * from lk.timer where state = 'armed'")
    assert timer["clock"] == Clock.SCHEDULE


async def test_without_coordinators_the_sender_has_the_overdue_task(shop) -> None:
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization("Harbor", kind="social_service")
    await walked(shop, clinic, bank, Clock.ANSWER)
    watching = guard.Guard()
    for _ in range(2):
        await due(shop, Clock.ANSWER)
        await clockwork.tick(shop.desk, watching)
    [task] = await shop.rows("select * from lk.human_task where kind like 'overdue%'")
    assert (task["org_id"], task["member_id"]) == (clinic.id, clinic.actor.member_id)


async def test_protected_care_that_is_overdue_stays_with_its_owner(shop) -> None:
    _, clinic, bank = await network(shop)
    await walked(shop, clinic, bank, Clock.ANSWER)
    await shop.owner.execute("update lk.referral set class = 'part2'")
    watching = guard.Guard()
    for _ in range(2):
        await due(shop, Clock.ANSWER)
        await clockwork.tick(shop.desk, watching)
    [task] = await shop.rows("select * from lk.human_task where kind like 'overdue%'")
    assert (task["org_id"], task["member_id"]) == (clinic.id, clinic.actor.member_id)


async def test_a_timer_whose_leg_moved_on_is_disarmed_without_a_word(shop) -> None:
    _, clinic, bank = await network(shop)
    await walked(shop, clinic, bank, Clock.SCHEDULE)
    await shop.owner.execute(
        "update lk.timer set state = 'armed', ended_at = null, rung = 1, due_at = lk.now()"
        " where clock = 'answer'"
    )
    before = len(await shop.effects())
    await clockwork.tick(shop.desk, guard.Guard())
    assert len(await shop.effects()) == before
    [timer] = await shop.rows("select state from lk.timer where clock = 'answer'")
    assert timer["state"] == "disarmed"


async def test_a_first_nudge_that_comes_too_late_is_left_out(shop) -> None:
    _, clinic, bank = await network(shop)
    await walked(shop, clinic, bank, Clock.ANSWER)
    await shop.skip(days=30)
    watching = guard.Guard()
    await clockwork.tick(shop.desk, watching)
    await clockwork.tick(shop.desk, watching)
    assert len(await shop.effects("kind = 'nudge'")) == 1
    assert len(await shop.rows("select 1 from lk.human_task where kind = 'overdue_answer'")) == 1


async def test_a_cancellation_nobody_was_there_to_confirm_is_confirmed_by_the_clock(shop) -> None:
    _, clinic, _ = await network(shop)
    partner = await shop.house.organization("Lab", kind="specialty", channel="partner")
    taken = await shop.house.sent(clinic, [partner])
    leg_id = taken.plan.referral.legs[0].id
    await shop.house.step(clinic.actor, leg_id, Step.REQUEST_CANCEL)
    await shop.skip(days=30)
    watching = guard.Guard()
    await clockwork.tick(shop.desk, watching)
    await clockwork.tick(shop.desk, watching)
    [leg] = await shop.rows("select state from lk.leg")
    assert leg["state"] == "cancelled"
    [event] = await shop.rows("select * from lk.event where step = 'confirm_cancel'")
    assert (event["party"], event["actor_kind"]) == ("CLOCK", "clock")
    [referral] = await shop.rows("select state from lk.referral")
    assert referral["state"] == "needs_routing"


async def test_no_clock_ever_closes_a_referral(shop) -> None:
    _, clinic, bank = await network(shop)
    await walked(shop, clinic, bank, Clock.ANSWER)
    watching = guard.Guard()
    for _ in range(4):
        await shop.skip(days=60)
        await clockwork.tick(shop.desk, watching)
    [referral] = await shop.rows("select state from lk.referral")
    assert referral["state"] == "with_recipient"


async def test_a_clock_that_jumps_freezes_firing_and_opens_one_task(shop) -> None:
    cco, clinic, bank = await network(shop)
    await walked(shop, clinic, bank, Clock.ANSWER)
    watching = guard.Guard()
    await clockwork.tick(shop.desk, watching)
    await shop.owner.execute(
        "create or replace function lk.raw_now() returns timestamptz language sql volatile"
        " as $$ select clock_timestamp() + interval '31 seconds' $$"
    )
    await shop.skip(days=30)
    for _ in range(3):
        assert await clockwork.tick(shop.desk, watching) == 0
    [task] = await shop.rows("select * from lk.human_task where kind = 'clock_jump'")
    assert task["org_id"] == cco.id
    # Another process finds it frozen too, until somebody lets go.
    assert await clockwork.tick(shop.desk, guard.Guard()) == 0
    await shop.owner.execute("update lk.clock_watch set frozen_at = null")
    assert await clockwork.tick(shop.desk, watching) > 0


async def test_a_demo_that_skips_a_day_is_no_jump(shop) -> None:
    _, clinic, bank = await network(shop)
    await walked(shop, clinic, bank, Clock.ANSWER)
    watching = guard.Guard()
    await clockwork.tick(shop.desk, watching)
    await shop.skip(days=30)
    assert await clockwork.tick(shop.desk, watching) > 0


async def test_chores_sweep_what_is_long_over_and_nothing_else(shop) -> None:
    _, clinic, bank = await network(shop)
    await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    async with shop.working():
        await shop.drained()
    await shop.owner.execute(
        "insert into lk.idempotency (principal, key, body_mac, route, status, created_at, org_id)"
        " select $1, 'k' || n, '\\x00', 'r', 201, lk.now() - n * interval '5 days', $2"
        " from generate_series(0, 3) n",
        clinic.actor.member_id,
        clinic.id,
    )
    await shop.skip(hours=71)
    await clockwork.sweep(shop.desk)
    assert [row["state"] for row in await shop.rows("select state from lk.delivery")] == ["sent"]
    await shop.skip(hours=2)
    await clockwork.sweep(shop.desk)
    assert [row["state"] for row in await shop.rows("select state from lk.delivery")] == ["unknown"]
    left = await shop.rows("select key from lk.idempotency order by key")
    assert [row["key"] for row in left] == ["k0"]
