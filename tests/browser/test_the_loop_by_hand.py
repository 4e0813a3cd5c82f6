"""The whole loop by hand, in a browser without script: sent, answered, reviewed, closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import pytest

from tests.browser.served import Served, served
from tests.making import House
from tests.web import signing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


class Network(msgspec.Struct):
    """Who plays: a clinic and a food bank with accounts, and how they sign in."""

    service_id: UUID
    clinic: str
    pantry: str


async def network(house: House) -> Network:
    await house.organization("Valley CCO", kind="coordination", cco=True)
    clinic = await house.organization("Northside Clinic")
    pantry = await house.organization("Harbor Food Bank", kind="social_service")
    return Network(
        service_id=pantry.service_id,
        clinic=await signing.may_sign_in(house, clinic.actor, "ana@northside.example"),
        pantry=await signing.may_sign_in(house, pantry.actor, "jo@harbor.example"),
    )


@pytest.fixture
def running(fresh_database: str, redis_url: str, tmp_path: Path) -> Iterator[Served]:
    with served(fresh_database, redis_url, tmp_path) as site:
        yield site


@contextmanager
def person(running: Served, browser: "Browser", address: str, width: int) -> Iterator["Page"]:
    """Open a browser of one's own without script, and sign in from the first page."""
    view = {"width": width, "height": 800}
    context = browser.new_context(java_script_enabled=False, viewport=view)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(running.url + "/")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill(signing.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    yield page
    context.close()


def take(page: "Page", step: str, **typed: str) -> None:
    """Open the form of a step, fill it in and send it."""
    form = page.locator(f"form:has(input[name=act][value={step}]):not(:has([name=on_behalf]))")
    form.locator("xpath=..").locator("summary").click()
    for name, value in typed.items():
        field = form.locator(f"[name={name}]")
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    form.get_by_role("button").first.click()


def open_first(page: "Page", view: str) -> None:
    page.get_by_role("link", name=view).first.click()
    page.locator("table.lk-list tbody a").first.click()


def write(page: "Page", service_id: UUID) -> None:
    page.get_by_role("link", name="New referral").click()
    page.get_by_text("A new patient", exact=True).click()
    page.get_by_label("Given name", exact=True).fill("Elena")
    page.locator("#family_name").fill("Torres Vega")
    page.locator("#birth_date").fill("1975-05-06")
    page.get_by_label("Send to", exact=True).select_option(str(service_id))
    page.get_by_label("The question, in one line").fill("Can you help with groceries?")
    page.get_by_label("Basis for sharing").select_option("treatment")
    page.get_by_role("button", name="Send", exact=True).click()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_loop_is_closed_by_hand_without_script(
    running: Served, browser: "Browser", width: int
) -> None:
    known = running.run(network)
    with person(running, browser, known.clinic, width) as ana:
        write(ana, known.service_id)
        assert "Done: Send" in ana.inner_text("main")
        sent = ana.url.partition("?")[0]
        with person(running, browser, known.pantry, width) as jo:
            open_first(jo, "Mine to answer")
            assert jo.locator("h1").inner_text() == "Elena Torres Vega"
            take(jo, "accept", owner_phone="5035550101")
            assert "Done: Accept" in jo.inner_text("main")
            take(jo, "complete", outcome="served", need_met="yes", comment="Two boxes")
            assert "Done: Tell the outcome" in jo.inner_text("main")
        ana.goto(running.url + "/")
        open_first(ana, "To review")
        assert ana.url == sent
        assert "Two boxes" in ana.inner_text("main")
        take(ana, "review", comment="Thank you")
        assert "Closed" in ana.inner_text(".govuk-caption-l")
        assert "Need met?" in ana.inner_text("main")
        fits = ana.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert fits
