"""Five kinds of people on their main path: both languages, with and without script, both widths."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import pytest

from service.domain.rules import Step
from tests.browser import axe
from tests.browser.served import Served, fits, served
from tests.making import House
from tests.web import link_making, signing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


class Way(msgspec.Struct, frozen=True):
    """How somebody uses it: how wide their window is, whether scripts run, which language."""

    width: int
    script: bool
    language: str

    def __str__(self) -> str:
        return f"{self.width}-{'script' if self.script else 'plain'}-{self.language}"


WAYS = [
    Way(320, False, "es"),
    Way(320, True, "en"),
    Way(1280, False, "en"),
    Way(1280, True, "es"),
]
"""Every width with and without script, in both languages, pair by pair."""

every_way = pytest.mark.parametrize("way", WAYS, ids=str)


class Network(msgspec.Struct):
    """Who plays: how people of a clinic, a specialist and the coordinators sign in."""

    service_id: UUID
    clinic: str
    specialist: str
    coordinator: str


async def network(house: House) -> Network:
    cco = await house.organization("Valley CCO", kind="coordination", cco=True)
    clinic = await house.organization("Northside Clinic")
    heart = await house.organization("Cascade Cardiology", kind="specialty")
    return Network(
        service_id=heart.service_id,
        clinic=await signing.may_sign_in(house, clinic.actor, "ana@northside.example"),
        specialist=await signing.may_sign_in(house, heart.actor, "lee@cascade.example"),
        coordinator=await signing.may_sign_in(house, cco.actor, "kim@valley.example"),
    )


@pytest.fixture
def running(fresh_database: str, redis_url: str, tmp_path: Path) -> Iterator[Served]:
    with served(fresh_database, redis_url, tmp_path) as site:
        yield site


@contextmanager
def window(browser: "Browser", way: Way) -> Iterator["Page"]:
    """Open a window of one's own; what a script gets wrong fails the walk."""
    context = browser.new_context(
        java_script_enabled=way.script,
        viewport={"width": way.width, "height": 800},
        locale="es-US" if way.language == "es" else "en-US",
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    assert wrong == []
    context.close()


@contextmanager
def person(running: Served, browser: "Browser", address: str, way: Way) -> Iterator["Page"]:
    """Sign in from the first page."""
    with window(browser, way) as page:
        page.goto(running.url + "/")
        page.locator("[name=address]").fill(address)
        page.locator("[name=password]").fill(signing.PASSWORD)
        page.locator("form:has([name=password]) button").first.click()
        page.wait_for_load_state("load")
        assert page.locator("html").get_attribute("lang") == way.language
        yield page


def stands(page: "Page", way: Way) -> None:
    """Hold a page to what holds of every page: it fits, and is for everybody."""
    assert fits(page)
    if way.script:
        assert axe.faults(page) == []


def take(page: "Page", step: str, **typed: str) -> None:
    """Open the form of a step, fill it in and send it."""
    form = page.locator(
        f"details > form:has(input[name=act][value={step}]):not(:has([name=on_behalf]))"
    )
    form.locator("xpath=..").locator("summary").click()
    for name, value in typed.items():
        field = form.locator(f"[name={name}]")
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    form.get_by_role("button").first.click()
    page.wait_for_load_state("load")


def open_first(page: "Page", running: Served, view: str) -> None:
    page.goto(f"{running.url}/?view={view}")
    where = page.locator("table.lk-list tbody th a").first.get_attribute("href")
    page.goto(f"{running.url}{where}")


def write(page: "Page", running: Served, service_id: UUID) -> None:
    """Write a referral of a new patient, look at what they will see, and send it."""
    page.goto(f"{running.url}/referrals/new")
    page.locator("details.lk-new summary").click()
    page.locator("#given_name").fill("Elena")
    page.locator("#family_name").fill("Torres Vega")
    page.locator("#birth_date").fill("1975-05-06")
    page.locator("#service_id").select_option(str(service_id))
    page.locator("#question").fill("Is this safe before the operation?")
    page.locator("#consent_basis").select_option("treatment")
    page.locator("[name=preview]").click()
    page.wait_for_selector("#seen")
    page.locator('form[action="/referrals/new"] button.govuk-button:not([name])').click()
    page.wait_for_url("**/referrals/*-*")


@every_way
def test_a_provider_and_a_specialist_close_a_loop(
    running: Served, browser: "Browser", way: Way
) -> None:
    known = running.run(network)
    with person(running, browser, known.clinic, way) as ana:
        write(ana, running, known.service_id)
        stands(ana, way)
        sent = ana.url.partition("?")[0]
        with person(running, browser, known.specialist, way) as lee:
            open_first(lee, running, "mine_to_answer")
            assert lee.locator("h1").inner_text() == "Elena Torres Vega"
            booked = {"starts_on": "2030-01-02", "starts_at": "10:30", "modality": "in_person"}
            take(lee, "accept", owner_phone="5035550101", **booked)
            stands(lee, way)
            note = {"note": "Safe to operate.", "author": "Dr. Lee"}
            take(lee, "complete", outcome="served", need_met="yes", **note)
            stands(lee, way)
        open_first(ana, running, "to_review")
        assert ana.url == sent
        assert "Safe to operate." in ana.inner_text("main")
        take(ana, "review", comment="Thank you")
        stands(ana, way)
    states = running.run(lambda house: link_making.rows(house, "select state from referral"))
    assert [row["state"] for row in states] == ["closed"]


async def lost(house: House) -> Network:
    """A referral that was declined, and somebody else who could help."""
    cco = await house.organization("Valley CCO", kind="coordination", cco=True)
    clinic = await house.organization("Northside Clinic")
    pantry = await house.organization("Harbor Food Bank", kind="social_service")
    other = await house.organization("Dock Pantry", kind="social_service")
    made = await house.sent(clinic, [pantry])
    leg = made.plan.referral.legs[0]
    await house.step(pantry.actor, leg.id, Step.DECLINE)
    return Network(
        service_id=other.service_id,
        clinic="",
        specialist="",
        coordinator=await signing.may_sign_in(house, cco.actor, "kim@valley.example"),
    )


@every_way
def test_a_coordinator_finds_what_nobody_has_and_sends_it_on_with_one_button(
    running: Served, browser: "Browser", way: Way
) -> None:
    running.run(lost)
    with person(running, browser, "kim@valley.example", way) as kim:
        kim.goto(f"{running.url}/board")
        stands(kim, way)
        kim.locator("table.lk-list tbody th a").first.click()
        kim.wait_for_url("**/referrals/*")
        kim.locator(".lk-next button").first.click()
        kim.wait_for_url("**done=add_leg")
        stands(kim, way)
    legs = running.run(
        lambda house: link_making.rows(house, "select state from leg order by number")
    )
    assert [row["state"] for row in legs] == ["declined", "sent"]


@every_way
def test_an_agency_answers_by_a_link_without_an_account(
    running: Served, browser: "Browser", way: Way
) -> None:
    link = running.run(link_making.minted)
    with window(browser, way) as page:
        page.goto(running.url + link.path)
        page.locator("button").first.click()
        code = running.run(lambda house: link_making.code(house, link))
        page.locator("#code").fill(f"{code[:4]} {code[4:]}")
        page.locator("form:has(#code) button").first.click()
        page.wait_for_load_state("load")
        page.goto(f"{running.url}/r/card?language={way.language}")
        assert page.locator("html").get_attribute("lang") == way.language
        stands(page, way)
        assert page.locator(".lk-choices a").count() == 3
        page.locator(".lk-choices a").first.click()
        page.locator("#owner_name").fill("Sam Lee")
        stands(page, way)
        page.locator("form:has(#owner_name) button").first.click()
        page.wait_for_url("**/r/done/accept")
        stands(page, way)
    legs = running.run(
        lambda house: link_making.rows(house, "select state from leg where id = $1", link.leg_id)
    )
    assert [row["state"] for row in legs] == ["accepted"]
