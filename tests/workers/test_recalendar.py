"""A closure moves what waits for that office; what was promised otherwise stays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service import faults
from service.actions import edit_organization, keep_calendar
from service.actions.edit_organization import OrganizationChange
from service.actions.keep_calendar import Closing
from service.domain.people import Role
from service.domain.rules import Step
from tests.making import Org
from tests.workers.shop import Shop
from workers import recalendar


async def waiting(shop: Shop, org: Org) -> dict[str, Any]:
    rows = await shop.rows(
        "select t.*, l.answer_due_at from lk.timer t join lk.leg l on l.id = t.leg_id"
        " where t.turn_org_id = $1 and t.state = 'armed'",
        org.id,
    )
    (row,) = rows
    return row


async def sent(shop: Shop) -> tuple[Org, Org, Any]:
    clinic = await shop.house.organization("Clinic")
    pantry = await shop.house.organization("Pantry", kind="social_service")
    return clinic, pantry, await shop.house.sent(clinic, [pantry])


async def at(shop: Shop, moment: datetime) -> None:
    """Let it be this moment."""
    await shop.owner.execute(
        "update lk.clock_offset set offset_by = $1::timestamptz - clock_timestamp()", moment
    )


MONDAY = datetime(2027, 3, 1, 18, tzinfo=UTC)


async def test_a_closure_puts_off_what_waits_and_taking_it_back_brings_it_forward(
    shop: Shop,
) -> None:
    await at(shop, MONDAY)
    _, pantry, _ = await sent(shop)
    before = await waiting(shop, pantry)
    days = Closing(first=MONDAY.date() + timedelta(days=1), last=MONDAY.date() + timedelta(days=1))
    await keep_calendar.close(shop.house.office, pantry.actor, org_id=pantry.id, wish=days)
    assert await recalendar.reckon(shop.desk) == 1
    after = await waiting(shop, pantry)
    assert after["late_at"] - before["late_at"] == timedelta(days=1)
    assert after["answer_due_at"] == after["late_at"]
    assert after["due_at"] > before["due_at"]
    assert await recalendar.reckon(shop.desk) == 0
    await keep_calendar.open_again(
        shop.house.office, pantry.actor, org_id=pantry.id, day=days.first
    )
    await recalendar.reckon(shop.desk)
    back = await waiting(shop, pantry)
    for name in ("due_at", "late_at", "second_at", "final_at"):
        assert back[name] == before[name]


async def test_a_closure_over_the_change_of_the_clocks_keeps_the_hour(shop: Shop) -> None:
    # Friday before the clocks go forward, ten in the morning on the coast.
    await at(shop, datetime(2027, 3, 12, 18, tzinfo=UTC))
    _, pantry, _ = await sent(shop)
    before = await waiting(shop, pantry)
    monday = datetime(2027, 3, 15, tzinfo=UTC).date()
    wish = Closing(first=monday, last=monday)
    await keep_calendar.close(shop.house.office, pantry.actor, org_id=pantry.id, wish=wish)
    await recalendar.reckon(shop.desk)
    assert (await waiting(shop, pantry))["late_at"] - before["late_at"] == timedelta(days=1)


async def test_a_zone_or_hours_that_change_do_the_same(shop: Shop) -> None:
    await at(shop, MONDAY)
    _, pantry, _ = await sent(shop)
    before = await waiting(shop, pantry)
    change = OrganizationChange(hours=((780, 1020),) * 5 + (None, None))
    await edit_organization.edit_organization(
        shop.house.office, pantry.actor, org_id=pantry.id, change=change, seen=1
    )
    assert await recalendar.reckon(shop.desk) == 1
    assert (await waiting(shop, pantry))["late_at"] != before["late_at"]


async def test_a_timer_on_its_second_rung_keeps_its_rung(shop: Shop) -> None:
    await at(shop, MONDAY)
    _, pantry, _ = await sent(shop)
    await shop.owner.execute("update lk.timer set rung = 2, due_at = second_at")
    wish = Closing(first=MONDAY.date() + timedelta(days=1), last=MONDAY.date() + timedelta(days=1))
    await keep_calendar.close(shop.house.office, pantry.actor, org_id=pantry.id, wish=wish)
    await recalendar.reckon(shop.desk)
    after = await waiting(shop, pantry)
    assert after["due_at"] == after["second_at"]
    assert after["rung"] == 2


async def test_another_organizations_timers_stay(shop: Shop) -> None:
    await at(shop, MONDAY)
    clinic, pantry, taken = await sent(shop)
    await shop.house.step(pantry.actor, taken.plan.new_legs[0].id, Step.ACCEPT)
    wish = Closing(first=MONDAY.date() + timedelta(days=1), last=MONDAY.date() + timedelta(days=1))
    await keep_calendar.close(shop.house.office, clinic.actor, org_id=clinic.id, wish=wish)
    assert await recalendar.reckon(shop.desk) == 0


@pytest.mark.parametrize(("first", "last"), [(3, 1), (0, 62), (-9, -5), (800, 801)])
async def test_days_that_cannot_be_are_refused(shop: Shop, first: int, last: int) -> None:
    await at(shop, MONDAY)
    pantry = await shop.house.organization("Pantry")
    today = MONDAY.date()
    wish = Closing(first=today + timedelta(days=first), last=today + timedelta(days=last))
    with pytest.raises(faults.Invalid):
        await keep_calendar.close(shop.house.office, pantry.actor, org_id=pantry.id, wish=wish)


async def test_who_may_not_edit_an_organization_closes_nothing(shop: Shop) -> None:
    clinic = await shop.house.organization("Clinic")
    pantry = await shop.house.organization("Pantry")
    wish = Closing(first=MONDAY.date(), last=MONDAY.date())
    desk = pantry.acting(Role.FRONT_DESK)
    with pytest.raises(faults.Refused):
        await keep_calendar.close(shop.house.office, desk, org_id=pantry.id, wish=wish)
    with pytest.raises(faults.Missing):
        await keep_calendar.close(shop.house.office, clinic.actor, org_id=pantry.id, wish=wish)
