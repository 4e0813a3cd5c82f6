"""Pages are small: on a first visit, on every later one, and over a bad line."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.served import Served, served
from tests.making import House
from tests.web import signing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser
FIRST, LATER = 120 * 1024, 30 * 1024
"""Bytes that may travel for a page: with nothing kept yet, and with its files kept."""

SLOW = {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""A poor 3G line: 400 kbit/s, 300 ms there and back."""

AGENCY_S = 3.0
_SENT = 30


async def busy(house: House) -> str:
    """A clinic with more open referrals than its first page shows."""
    await house.organization("Valley CCO", kind="coordination", cco=True)
    clinic = await house.organization("Northside Clinic")
    pantry = await house.organization("Harbor Food Bank", kind="social_service")
    for _ in range(_SENT):
        await house.sent(clinic, [pantry])
    return await signing.may_sign_in(house, clinic.actor, "ana@northside.example")


@pytest.fixture
def running(fresh_database: str, redis_url: str, tmp_path: Path) -> Iterator[Served]:
    with served(fresh_database, redis_url, tmp_path) as site:
        yield site


class Meter:
    """Counts what travels to a page, heads and bodies as they are on the line."""

    def __init__(self, context: "BrowserContext", page: "Page") -> None:
        self.line = context.new_cdp_session(page)
        self.bytes = 0
        self.line.send("Network.enable")
        self.line.on("Network.loadingFinished", self._came)

    def _came(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])

    def of(self, page: "Page", url: str) -> int:
        """Go somewhere and give how many bytes came by the time that it stood there."""
        self.bytes = 0
        page.goto(url, wait_until="load")
        page.wait_for_timeout(200)
        return self.bytes


def test_pages_of_staff_are_within_their_budget(running: Served, browser: "Browser") -> None:
    address = running.run(busy)
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    page = context.new_page()
    meter = Meter(context, page)
    first = meter.of(page, f"{running.url}/sign-in")
    assert 10_000 < first <= FIRST
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill(signing.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state("load")
    over: dict[str, int] = {}
    for path in (
        "/",
        "/?view=waiting_for_others",
        "/referrals/new",
        "/tasks",
        "/threads",
        "/dashboard",
        "/directory",
        "/account",
    ):
        meter.of(page, running.url + path)
        came = meter.of(page, running.url + path)
        assert came > 0
        if came > LATER:
            over[path] = came
    page.goto(f"{running.url}/?view=waiting_for_others")
    page.locator(".lk-list tbody a").first.click()
    # A page measured while the click's own page still travels would count both.
    page.wait_for_url("**/referrals/*")
    meter.of(page, page.url)
    came = meter.of(page, page.url)
    assert came <= LATER
    assert over == {}
    context.close()


def test_an_agencys_page_comes_over_a_bad_line_within_three_seconds(
    running: Served, browser: "Browser"
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    meter = Meter(context, page)
    meter.line.send("Network.emulateNetworkConditions", SLOW)
    came = meter.of(page, f"{running.url}/r/{'A' * 43}")
    assert 10_000 < came <= FIRST
    took = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd / 1000")
    assert 0.3 < took <= AGENCY_S
    context.close()
