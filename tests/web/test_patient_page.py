"""The page behind the link in a text: one contact, one referral, and answers that move no leg."""

from datetime import timedelta

import pytest

from service.domain.details import Details
from service.domain.rules import Step
from service.store.pool import Scope
from tests.web import link_making, patient_making
from tests.web.patient_making import Phone, Texted
from tests.web.site import Site

pytestmark = pytest.mark.anyio


async def inside(here: Site, **wish) -> tuple[Phone, Texted]:
    link = await patient_making.texted(here.house, **wish)
    phone = Phone(here, link)
    answer = await phone.come_in()
    assert answer.headers["location"] == "/p/request"
    return phone, link


async def booked(here: Site, link: Texted) -> None:
    await here.house.step(link.agency.actor, link.leg_id, Step.ACCEPT)
    async with here.house.worker.transaction(Scope()) as connection:
        now = await connection.fetchval("select lk.now()")
    details = Details(starts_at=now + timedelta(days=3), modality="in_person")
    await here.house.step(link.agency.actor, link.leg_id, Step.SCHEDULE, details=details)


async def claims(here: Site) -> list[tuple[str, str, str, bool]]:
    found = await link_making.rows(
        here.house, "select kind, value, source, contradicts from claim order by claimed_at"
    )
    return [tuple(each.values()) for each in found]


async def tasks(here: Site) -> set[str]:
    found = await link_making.rows(here.house, "select kind from human_task where state = 'open'")
    return {each["kind"] for each in found if each["kind"].startswith("patient_")}


async def test_a_link_a_code_and_a_page_lead_to_one_claim(here: Site) -> None:
    phone, link = await inside(here)
    page = await phone.client.get("/p/request")
    assert page.status_code == 200
    assert "Su solicitud va en camino" in page.text
    for word in ("García", "María", "Groceries"):
        assert word not in page.text
    assert "Your request is on its way" in (await phone.page("en")).text
    answer = await phone.says("barrier-1")
    assert answer.headers["location"] == "/p/request?done=answer"
    assert await claims(here) == [("barrier", "ride", "page", False)]
    assert await tasks(here) == {"patient_needs_ride"}
    assert "I need a ride" in (await phone.page()).text
    lines = await link_making.rows(
        here.house, "select action, actor_kind from audit where link_id = $1 order by at", link.id
    )
    told = {(each["action"], each["actor_kind"]) for each in lines}
    for action in ("page.pressed", "page.verified", "page.read", "page.answered"):
        assert (action, "patient") in told
