"""A mail scanner has the link first: it may do what it likes, and the person still comes in."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.served import Served, served
from tests.making import House
from tests.web import link_making
from tests.web.link_making import Minted

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def running(fresh_database: str, redis_url: str, tmp_path: Path) -> Iterator[Served]:
    with served(fresh_database, redis_url, tmp_path) as site:
        yield site


def fetch(url: str, method: str) -> int:
    request = urllib.request.Request(url, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return int(answer.status)


EVERYTHING = "button, a[href]:not([href^='#']), input[type=submit]"


def submit_everything(page: "Page", url: str) -> None:
    """Open a page, fill every field, press every button and follow every way, three times over."""
    for _ in range(3):
        page.goto(url)
        press(page, 0)
        for number in range(page.locator(EVERYTHING).count()):
            press(page, number)


def press(page: "Page", number: int) -> None:
    for field in page.locator("input:not([type=hidden]):not([type=checkbox])").all():
        field.fill("12345678")
    found = page.locator(EVERYTHING)
    if number < found.count():
        with page.expect_navigation():
            found.nth(number).click()


async def seen(house: House, link: Minted) -> tuple[str, int, int]:
    leg = await link_making.rows(house, "select state from leg where id = $1", link.leg_id)
    events = await link_making.rows(
        house, "select seq from event where leg_id = $1 and party = 'LINK'", link.leg_id
    )
    visits = await link_making.rows(
        house, "select id from link_session where link_id = $1", link.id
    )
    return leg[0]["state"], len(events), len(visits)


def test_a_scanner_changes_nothing_and_the_person_still_succeeds(
    running: Served, browser: "Browser"
) -> None:
    link = running.run(link_making.minted)
    url = running.url + link.path
    assert fetch(url, "HEAD") == 200
    assert {fetch(url, "GET") for _ in range(50)} == {200}
    assert running.run(lambda house: link_making.mails(house, link)) == []
    for _ in range(2):
        scanner = browser.new_context()
        submit_everything(scanner.new_page(), url)
        scanner.close()
    assert running.run(lambda house: seen(house, link)) == ("sent", 0, 0)
    assert 1 <= len(running.run(lambda house: link_making.mails(house, link))) <= 3
    person = browser.new_context()
    come_in(running, person.new_page(), link)
    person.close()
    assert running.run(lambda house: seen(house, link)) == ("received", 1, 1)


def come_in(running: Served, page: "Page", link: Minted) -> None:
    """Follow the link, press the button, type the mailed code with a space, and answer."""
    page.goto(running.url + link.path)
    page.get_by_role("button", name="Send me a code").click()
    code = running.run(lambda house: link_making.code(house, link))
    page.get_by_label("8-digit code").fill(f"{code[:4]} {code[4:]}")
    page.get_by_role("button", name="Continue").click()
    assert page.locator("h1").inner_text() == "Can you help?"


def test_a_person_answers_in_a_browser_without_script_at_320_pixels(
    running: Served, browser: "Browser"
) -> None:
    link = running.run(link_making.minted)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    come_in(running, page, link)
    page.get_by_role("button", name="We can help").click()
    page.get_by_label("Name").fill("Sam Lee")
    page.get_by_role("button", name="Yes, we can help").click()
    assert page.locator("h1").inner_text() == "Thank you"
    page.get_by_role("button", name="Undo").click()
    assert "undone" in page.inner_text("main")
    context.close()
