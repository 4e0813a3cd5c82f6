"""Somebody writes a referral: by keys alone, kept as it is typed, and taken back in time."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.served import Served, served
from tests.making import House
from tests.web import signing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
INPUTS, KEYS = 12, 25
"""What the page asks at most, and the strokes it takes beyond what is free text."""

HERE = "[document.activeElement.name, document.activeElement.textContent.trim()]"
WORDS = "Sleeps in the car since March."


async def clinic(house: House) -> str:
    """A clinic with one patient, and a food bank."""
    await house.organization("Valley CCO", kind="coordination", cco=True)
    sender = await house.organization("Northside Clinic")
    await house.organization("Harbor Food Bank", kind="social_service")
    await house.patient(sender)
    return await signing.may_sign_in(house, sender.actor, "ana@northside.example")


@pytest.fixture
def running(fresh_database: str, redis_url: str, tmp_path: Path) -> Iterator[Served]:
    with served(fresh_database, redis_url, tmp_path) as site:
        yield site


def sign_in(page: "Page", running: Served, address: str) -> None:
    page.goto(f"{running.url}/sign-in")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill(signing.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state("load")


class Keyboard:
    """Presses keys and counts those that are no free text."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.pressed = 0

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
        self.pressed += times

    def free(self, text: str) -> None:
        """Type what only a person can say: a name, a question."""
        self.page.keyboard.type(text)

    def to(self, name: str) -> None:
        """Go on by Tab until a field has the focus."""
        for _ in range(12):
            self.press("Tab")
            here = self.page.evaluate(HERE)
            if name in here:
                return
        raise AssertionError(f"{name} is not within twelve strokes")


def test_a_referral_is_written_and_sent_with_few_keys(running: Served, browser: "Browser") -> None:
    address = running.run(clinic)
    page = browser.new_context().new_page()
    sign_in(page, running, address)
    page.goto(f"{running.url}/referrals/new")
    asked = page.locator(
        "main input:visible:not([type=radio]), main select:visible, main textarea:visible"
    )
    groups = page.locator("main fieldset fieldset:visible")
    assert asked.count() + groups.count() <= INPUTS

    page.locator("#find_family").focus()
    keys = Keyboard(page)
    keys.free("García")
    keys.press("Tab")
    keys.free("M")
    keys.press("Enter")
    page.wait_for_selector("#service_id:focus")
    keys.press("H")
    keys.to("question")
    keys.free("Can you help this family with food?")
    keys.to("consent_basis")
    keys.press("T")
    keys.to("Send")
    keys.press("Enter")
    page.wait_for_url("**/referrals/*-*")
    assert keys.pressed <= KEYS, keys.pressed
    page.get_by_role("button", name="Take back").click()
    page.wait_for_load_state("load")
    assert page.get_by_text("Draft").first.is_visible()


def test_what_is_typed_is_kept_without_a_button_and_there_after_the_page_is_closed(
    running: Served, browser: "Browser"
) -> None:
    address = running.run(clinic)
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, running, address)
    page.goto(f"{running.url}/referrals/new")
    assert not page.get_by_role("button", name="Keep what I typed", exact=True).is_visible()
    page.locator("#narrative").press_sequentially(WORDS)
    page.get_by_text("Kept as you type").wait_for()
    page.close()
    again = context.new_page()
    again.goto(f"{running.url}/referrals/new")
    assert again.locator("#narrative").input_value() == WORDS
    again.get_by_role("button", name="Throw it away and begin anew").click()
    again.wait_for_load_state("load")
    assert again.locator("#narrative").input_value() == ""
    context.close()
