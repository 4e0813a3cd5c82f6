"""The list and the referral beside it, in a wide window; and rows acted on by keys alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.served import Served, fits, served
from tests.browser.test_writing_by_hand import sign_in
from tests.making import House
from tests.web import signing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


async def clinic(house: House) -> str:
    """A clinic that waits for two answers."""
    await house.organization("Valley CCO", kind="coordination", cco=True)
    sender = await house.organization("Northside Clinic")
    pantry = await house.organization("Harbor Food Bank", kind="social_service")
    for _ in range(2):
        await house.sent(sender, [pantry])
    return await signing.may_sign_in(house, sender.actor, "ana@northside.example")


@pytest.fixture
def running(fresh_database: str, redis_url: str, tmp_path: Path) -> Iterator[Served]:
    with served(fresh_database, redis_url, tmp_path) as site:
        yield site


def test_a_referral_opens_beside_its_list_in_a_wide_window_and_alone_in_a_narrow_one(
    running: Served, browser: "Browser"
) -> None:
    address = running.run(clinic)
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    sign_in(page, running, address)
    page.goto(f"{running.url}/?view=waiting_for_others")
    first = page.locator("[data-row] th a").first
    reference = first.inner_text()
    first.click()
    beside = page.locator("[data-pane]")
    beside.get_by_text("Why is this open?").wait_for()
    assert page.url.endswith("view=waiting_for_others")
    assert reference in beside.inner_text()
    assert page.locator("h1").count() == 1
    assert fits(page)
    page.keyboard.press("Escape")
    assert not beside.is_visible()
    first.click()
    beside.get_by_role("link", name="Open its page").click()
    page.wait_for_url("**/referrals/*")
    assert wrong == []

    page.set_viewport_size({"width": 1000, "height": 800})
    page.goto(f"{running.url}/?view=waiting_for_others")
    page.locator("[data-row] th a").first.click()
    page.wait_for_url("**/referrals/*")


def test_a_row_is_put_aside_by_keys_alone(running: Served, browser: "Browser") -> None:
    address = running.run(clinic)
    page = browser.new_context(viewport={"width": 1000, "height": 900}).new_page()
    sign_in(page, running, address)
    page.goto(f"{running.url}/?view=waiting_for_others")
    keys = page.keyboard
    keys.press("j")
    keys.press("s")
    assert page.locator("[data-row] input:checked").count() == 1
    keys.press("u")
    keys.press("Tab")
    keys.press("Enter")
    page.get_by_text("Put aside: 1.").wait_for()
