"""Timers: silence once answered, the clock's own step, the chores; and the clock's guard."""

from __future__ import annotations

from service.domain.clocks import Clock
from service.domain.rules import Step
from tests.workers.waits import network, walked
from workers import clockwork, guard


async def test_a_timer_whose_leg_moved_on_is_disarmed_without_a_word(shop) -> None:
    _, clinic, bank = await network(shop)
    await walked(shop, clinic, bank, Clock.SCHEDULE)
    await shop.owner.execute(
        "update lk.timer set state = 'armed', ended_at = null, rung = 2, due_at = lk.now()"
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
    for _ in range(4):
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
    for _ in range(3):
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
