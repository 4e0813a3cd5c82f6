"""The ladder: two nudges, a second contact, a new owner, those above; and silence once answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service import faults
from service.actions import human_tasks, keep_assignment
from service.actions.keep_assignment import NewRule
from service.actions.take_step import OnBehalf
from service.domain.clocks import REFERRER_CLOCKS, Clock
from service.domain.people import Role, Source
from service.domain.rules import Step
from service.store import reading
from service.store.pool import Scope
from service.web.api import shapes
from tests.workers.waits import due, escalated, network, running, walked
from workers import clockwork, guard, ladder


@pytest.mark.parametrize("clock", list(Clock), ids=str)
async def test_each_of_the_ten_clocks_climbs_the_ladder(shop, clock) -> None:
    cco, clinic, bank = await network(shop)
    turn = clinic if clock in REFERRER_CLOCKS else bank
    second = await shop.house.member(turn.id, name="Rosa Lee")
    await walked(shop, clinic, bank, clock)
    await shop.owner.execute("update lk.outbox set state = 'cancelled'")
    await shop.owner.execute("update lk.organization set routine_mail = 'at_once'")
    watching = guard.Guard()
    for rung in range(3):
        await due(shop, clock)
        assert await clockwork.tick(shop.desk, watching) == 1
        [timer] = await running(shop, clock)
        assert timer["rung"] == rung + 1
    async with shop.working():
        await shop.drained()
    nudges = await shop.effects("kind = 'nudge' and state = 'done'")
    assert [each["org_id"] for each in nudges] == [turn.id] * 3
    # Half-way, due, and then somebody else there by name.
    [other] = [each["member_id"] for each in nudges if each["member_id"] is not None]
    assert other in {second.member_id, turn.actor.member_id}
    assert len(shop.mails) == 3
    await due(shop, clock)
    assert await clockwork.tick(shop.desk, watching) == 1
    [referral] = await shop.rows("select * from lk.referral")
    assert referral["owner_member_id"] == cco.actor.member_id
    [event] = await shop.rows("select * from lk.event where step = 'escalate'")
    assert (event["party"], event["rule_id"]) == ("CLOCK", "R12")
    [task] = await shop.rows("select * from lk.human_task where kind like 'overdue%'")
    assert (task["kind"], task["org_id"]) == (f"overdue_{clock}", cco.id)
    assert (task["member_id"], task["about_org_id"]) == (cco.actor.member_id, turn.id)
    moved = await shop.effects("kind = 'moved'")
    assert {(each["member_id"], each["code"]) for each in moved} == {
        (clinic.actor.member_id, "from_you"),
        (cco.actor.member_id, "to_you"),
    }
    assert [timer["rung"] for timer in await running(shop, clock)] == [4]


async def test_those_above_hear_of_it_every_week_until_it_moves(shop) -> None:
    cco, clinic, bank = await network(shop)
    boss = await shop.house.member(cco.id, roles=frozenset({Role.ORG_ADMIN}), name="Mo Diaz")
    _, leg_id = await walked(shop, clinic, bank, Clock.ANSWER)
    await escalated(shop)
    reports = f"kind = 'report' and member_id = '{boss.member_id}'"
    watching = guard.Guard()
    await shop.owner.execute("update lk.outbox set state = 'cancelled' where state = 'pending'")
    for week in range(1, 4):
        [timer] = await running(shop, Clock.ANSWER)
        [(wait,)] = [
            (row["wait"],)
            for row in await shop.rows(
                "select due_at - lk.now() as wait from lk.timer where id = $1", timer["id"]
            )
        ]
        if week > 1:
            assert timedelta(days=5) < wait < timedelta(days=10)
        await due(shop, Clock.ANSWER)
        await clockwork.tick(shop.desk, watching)
        assert len(await shop.effects(reports)) == week
    assert len(await shop.rows("select 1 from lk.human_task where kind = 'overdue_answer'")) == 1
    await shop.house.step(bank.actor, leg_id, Step.ACCEPT)
    assert await running(shop, Clock.ANSWER) == []
    async with shop.working():
        await shop.drained()
    # Answered meanwhile: what was still to be said of it is not.
    assert not await shop.effects(reports + " and state = 'done'")


async def test_a_coordinator_hands_a_loop_back_and_its_clocks_begin_anew(shop) -> None:
    cco, clinic, bank = await network(shop)
    taken, _ = await walked(shop, clinic, bank, Clock.ANSWER)
    await escalated(shop)
    await shop.house.step(cco.actor, None, Step.HAND_BACK, referral_id=taken.plan.referral.id)
    [referral] = await shop.rows("select * from lk.referral")
    assert referral["owner_member_id"] == clinic.actor.member_id
    [task] = await shop.rows("select state from lk.human_task where kind = 'overdue_answer'")
    assert task["state"] == "moot"
    [timer] = await running(shop, Clock.ANSWER)
    assert timer["rung"] == 0
    back = f"kind = 'moved' and org_id = '{clinic.id}' and code = 'to_you'"
    [told] = await shop.effects(back)
    assert told["member_id"] == clinic.actor.member_id


async def test_a_task_called_done_gives_its_clock_a_fresh_term(shop) -> None:
    cco, clinic, bank = await network(shop)
    await walked(shop, clinic, bank, Clock.ANSWER)
    await escalated(shop)
    [task] = await shop.rows("select id from lk.human_task where kind = 'overdue_answer'")
    await human_tasks.resolve(shop.house.office, cco.actor, task["id"], resolution="reached")
    [timer] = await running(shop, Clock.ANSWER)
    assert timer["rung"] == 1
    assert await shop.rows(
        "select 1 from lk.timer where due_at > lk.now() and id = $1", timer["id"]
    )


async def test_where_no_second_contact_has_a_mailbox_the_owner_is_to_call(shop) -> None:
    _, clinic, _ = await network(shop)
    agency = await shop.house.organization("Agency", kind="social_service", channel="link")
    await shop.owner.execute("update lk.member set state = 'inactive' where org_id = $1", agency.id)
    _, leg_id = await walked(shop, clinic, agency, Clock.ANSWER)
    await escalated(shop, times=3)
    [task] = await shop.rows("select * from lk.human_task")
    assert (task["kind"], task["member_id"]) == ("second_answer", clinic.actor.member_id)
    assert task["about_org_id"] == agency.id
    on_behalf = OnBehalf(source=Source.PHONE, spoke_to="Kim")
    await shop.house.step(clinic.actor, leg_id, Step.ACCEPT, on_behalf=on_behalf)
    [task] = await shop.rows("select state from lk.human_task")
    assert task["state"] == "moot"


async def test_what_is_armed_says_at_once_to_whom_it_will_move(shop) -> None:
    cco, clinic, bank = await network(shop)
    taken, _ = await walked(shop, clinic, bank, Clock.ANSWER)
    await ladder.plan_ahead(shop.desk)
    [timer] = await running(shop, Clock.ANSWER)
    assert timer["moves_to_member_id"] == cco.actor.member_id
    async with shop.house.office.db.transaction(Scope(org_id=clinic.id)) as connection:
        [card] = await reading.cards(connection, clinic.id, ids=[taken.referral_id])
    assert "it moves to Ana Ruiz" in shapes.why_open(card, language="en")


async def test_who_is_away_has_a_cover_and_the_least_laden_comes_first(shop) -> None:
    cco, clinic, bank = await network(shop)
    coordinator = frozenset({Role.COORDINATOR})
    idle = await shop.house.member(cco.id, roles=coordinator, name="Idle")
    cover = await shop.house.member(cco.id, roles=coordinator, name="Cover")
    for _ in range(3):
        await walked(shop, clinic, bank, Clock.ANSWER)
        await ladder.plan_ahead(shop.desk)
    planned = await shop.rows("select moves_to_member_id as m from lk.timer")
    owners = [row["m"] for row in planned]
    assert set(owners) == {cco.actor.member_id, idle.member_id, cover.member_id}
    await shop.owner.execute(
        "update lk.member set away_until = lk.now()::date + 3, cover_member_id = $2 where id = $1",
        idle.member_id,
        cover.member_id,
    )
    await escalated(shop)
    now = [row["m"] for row in await shop.rows("select owner_member_id as m from lk.referral")]
    assert idle.member_id not in now


async def test_an_overdue_task_is_moot_once_the_recipient_answers(shop) -> None:
    _, clinic, bank = await network(shop)
    _, leg_id = await walked(shop, clinic, bank, Clock.ANSWER)
    await escalated(shop)
    await shop.house.step(bank.actor, leg_id, Step.ACCEPT)
    [task] = await shop.rows("select * from lk.human_task where kind like 'overdue%'")
    assert task["state"] == "moot"
    [timer] = await shop.rows("select * from lk.timer where state = 'armed'")
    assert timer["clock"] == Clock.SCHEDULE


async def test_without_coordinators_the_sender_has_the_overdue_task(shop) -> None:
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization("Harbor", kind="social_service")
    await walked(shop, clinic, bank, Clock.ANSWER)
    await escalated(shop)
    [task] = await shop.rows("select * from lk.human_task where kind like 'overdue%'")
    assert (task["org_id"], task["member_id"]) == (clinic.id, clinic.actor.member_id)
    assert await shop.rows("select 1 from lk.event where step = 'escalate'") == []


async def test_protected_care_that_is_overdue_stays_with_its_owner(shop) -> None:
    _, clinic, bank = await network(shop)
    await walked(shop, clinic, bank, Clock.ANSWER)
    await shop.owner.execute("update lk.referral set class = 'part2'")
    await escalated(shop)
    [task] = await shop.rows("select * from lk.human_task where kind like 'overdue%'")
    assert (task["org_id"], task["member_id"]) == (clinic.id, clinic.actor.member_id)


async def test_whoever_was_named_for_a_partner_is_who_it_moves_to(shop) -> None:
    cco, clinic, bank = await network(shop)
    named = await shop.house.member(cco.id, roles=frozenset({Role.COORDINATOR}), name="Named")
    office = shop.house.office
    rule = NewRule(member_id=named.member_id, partners=(bank.id,))
    rule_id = await keep_assignment.add(office, rule)
    with pytest.raises(faults.Invalid):
        await keep_assignment.add(office, NewRule(member_id=clinic.actor.member_id))
    assert [each.partners for each in await keep_assignment.listed(office)] == [["Harbor"]]
    for _ in range(3):
        await walked(shop, clinic, bank, Clock.ANSWER)
    await ladder.plan_ahead(shop.desk)
    planned = await shop.rows("select distinct moves_to_member_id as m from lk.timer")
    assert [row["m"] for row in planned] == [named.member_id]
    await keep_assignment.finish(office, rule_id)
    assert await keep_assignment.listed(office) == []
    audits = await shop.rows("select action from lk.audit where action like 'assignment.%'")
    assert sorted(row["action"] for row in audits) == ["assignment.add", "assignment.end"]
