"""The page behind the link in a text: one contact, one referral, and answers that move no leg."""

from datetime import timedelta

import asyncpg
import pytest

from service.actions import mint_link
from service.domain.details import Details
from service.domain.patient import SafeContact
from service.domain.people import SensitivityClass
from service.domain.rules import Step
from service.store.pool import Scope
from tests.web import link_making, patient_making
from tests.web.patient_making import Phone, Texted
from tests.web.site import Site

pytestmark = pytest.mark.anyio

BARRIERS = {
    "barrier-1": "patient_needs_ride",
    "barrier-2": "patient_has_cost",
    "barrier-3": "patient_could_not_reach",
    "barrier-4": "patient_no_longer_needs",
}


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


async def test_what_a_page_says_and_asks_follows_the_request(here: Site) -> None:
    phone, link = await inside(here)
    await booked(here, link)
    page = (await phone.page()).text
    assert "You have an appointment" in page
    assert "Harbor Food Bank" in page
    assert "+1" in page
    assert "I will come" in page
    assert (await phone.says("confirm-1")).status_code == 303
    assert (await phone.says("confirm-2")).status_code == 303
    assert await claims(here) == [
        ("confirm", "yes", "page", False),
        ("confirm", "another_time", "page", False),
    ]
    assert await tasks(here) == {"patient_wants_another_time"}
    [leg] = await link_making.rows(here.house, "select state from leg")
    assert leg["state"] == "scheduled"


@pytest.mark.parametrize("answer", sorted(BARRIERS))
async def test_each_barrier_opens_its_own_work(here: Site, answer: str) -> None:
    phone, _ = await inside(here)
    assert (await phone.says(answer)).status_code == 303
    assert await tasks(here) == {BARRIERS[answer]}


@pytest.mark.parametrize("answer", ["", "helped", "helped-9", "confirm-01", "void-1"])
async def test_what_no_form_of_ours_says_is_no_claim(here: Site, answer: str) -> None:
    phone, _ = await inside(here)
    assert (await phone.says(answer)).status_code == 400
    assert await claims(here) == []


@pytest.mark.parametrize("why", ["shared phone", "class", "unsigned"])
async def test_a_page_names_nobody_where_a_text_would_not(here: Site, why: str) -> None:
    wish = {
        "shared phone": {"safe": SafeContact(may_text=True, shared_phone=True)},
        "class": {"sensitivity": SensitivityClass.BEHAVIORAL},
        "unsigned": {"safe": SafeContact(may_text=True, name_us=False)},
    }[why]
    phone, link = await inside(here, **wish)
    await booked(here, link)
    page = (await phone.page()).text
    assert "You have an appointment" in page
    assert ("Harbor" in page) is (why == "unsigned")
    assert ("Northside" in page) is (why == "class")


@pytest.mark.parametrize("channel", ["link", "account"])
async def test_the_page_has_the_words_for_the_counter_of_an_agency_by_link(
    here: Site, channel: str
) -> None:
    phone, link = await inside(here)
    owner = await asyncpg.connect(here.house.url)
    await owner.execute(
        "update lk.organization set channel = $1 where id = $2", channel, link.agency.id
    )
    await owner.close()
    words = await mint_link.pickup_words(here.house.office.keys, link.leg_id)
    assert words not in (await phone.page()).text
    await here.house.step(link.agency.actor, link.leg_id, Step.ACCEPT)
    assert (words in (await phone.page()).text) is (channel == "link")


async def test_no_more_texts_is_for_all_of_the_network_and_the_page_goes_on(here: Site) -> None:
    phone, _ = await inside(here)
    nonce = (await phone.page()).text.split('name="nonce" value="')[1].split('"')[0]
    for _ in range(2):
        stopped = await phone.client.post("/p/stop", data={"nonce": nonce})
        assert stopped.headers["location"] == "/p/request?done=stop"
    page = (await phone.client.get("/p/request?language=en&done=stop")).text
    assert "We text this phone no more" in page
    assert "Stop all texts" not in page
    [number] = await link_making.rows(here.house, "select state from text_number")
    assert number["state"] == "stopped"
    lines = await link_making.rows(
        here.house, "select org_id, given, how from text_consent where how = 'page'"
    )
    assert [tuple(each.values()) for each in lines] == [(None, False, "page")]


async def test_the_exit_ends_the_visit_and_says_nothing_of_us(here: Site) -> None:
    phone, _ = await inside(here)
    kept = dict(phone.client.cookies)
    away = await phone.client.post("/p/exit")
    assert away.headers["location"] == "/p/left"
    assert "cookies" in away.headers["clear-site-data"]
    neutral = (await phone.client.get("/p/left")).text
    for word in ("Loopkeeper", "request", "solicitud", "href"):
        assert word not in neutral
    phone.client.cookies.update(kept)
    assert (await phone.client.get("/p/request")).status_code == 403
    assert (await phone.client.post("/p/exit")).headers["location"] == "/p/left"


async def test_a_visit_may_say_no_for_its_own_number_and_nothing_else(here: Site) -> None:
    phone, link = await inside(here)
    digest = link_making.digest(phone.client.cookies["lk_page_visit"])
    other = Scope(org_id=link.clinic.id)
    own = Scope(org_id=link.clinic.id, lookup=digest)
    write = (
        "insert into text_consent (id, number_id, given, how, at)"
        " values (gen_random_uuid(), $1, $2, $3, lk.now())"
    )
    for scope, given, how in ((other, False, "page"), (own, True, "page"), (own, False, "form")):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with here.house.office.db.transaction(scope) as connection:
                await connection.execute(write, link.number_id, given, how)
    async with here.house.office.db.transaction(own) as connection:
        await connection.execute(write, link.number_id, False, "page")
