"""Single keys do what links and buttons do, for whoever wants them; nobody needs them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import axe
from tests.browser.served import Served, served
from tests.making import House
from tests.web import signing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


async def two_sent(house: House) -> str:
    await house.organization("Valley CCO", kind="coordination", cco=True)
    clinic = await house.organization("Northside Clinic")
    pantry = await house.organization("Harbor Food Bank", kind="social_service")
    for _ in range(2):
        await house.sent(clinic, [pantry])
    return await signing.may_sign_in(house, clinic.actor, "ana@northside.example")


@pytest.fixture
def running(fresh_database: str, redis_url: str, tmp_path: Path) -> Iterator[Served]:
    with served(fresh_database, redis_url, tmp_path) as site:
        yield site


@contextmanager
def signed_in(running: Served, browser: "Browser") -> Iterator["Page"]:
    address = running.run(two_sent)
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    page = context.new_page()
    page.goto(f"{running.url}/?view=all")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill(signing.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("load")
    yield page
    context.close()


def test_a_list_is_walked_and_a_row_opened_by_keys(running: Served, browser: "Browser") -> None:
    with signed_in(running, browser) as page:
        links = page.locator(".lk-list tbody tr a:first-of-type")
        assert links.count() >= 2
        for key, at in (("j", 0), ("j", 1), ("k", 0)):
            page.keyboard.press(key)
            assert page.evaluate(
                "at => document.activeElement.closest('tr')"
                " === document.querySelectorAll('.lk-list tbody tr')[at]",
                at,
            )
        page.keyboard.press("o")
        page.wait_for_url("**/referrals/*", wait_until="load")
        for keys, path in (("n", "/referrals/new"), ("gt", "/tasks"), ("gi", "/")):
            page.goto(f"{running.url}/threads")
            page.keyboard.type(keys)
            page.wait_for_url(running.url + path)


def test_the_list_of_keys_opens_over_the_page_and_shuts_nobody_out(
    running: Served, browser: "Browser"
) -> None:
    with signed_in(running, browser) as page:
        page.keyboard.press("?")
        page.get_by_role("dialog").get_by_text("next row").wait_for()
        assert axe.faults(page) == []
        page.keyboard.press("Escape")
        assert not page.get_by_role("dialog").is_visible()


def test_whoever_types_only_types_and_whoever_turned_keys_off_has_none(
    running: Served, browser: "Browser"
) -> None:
    with signed_in(running, browser) as page:
        page.keyboard.press("j")
        page.keyboard.press("o")
        page.wait_for_url("**/referrals/*", wait_until="load")
        page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
        field = page.get_by_role("textbox").first
        field.focus()
        page.keyboard.type("njk?")
        assert field.input_value() == "njk?"
        page.goto(f"{running.url}/account")
        page.get_by_role("button", name="Turn single keys off").click()
        page.goto(f"{running.url}/threads")
        page.keyboard.press("n")
        assert page.locator("script").count() == 1
        assert page.url == f"{running.url}/threads"
        page.goto(f"{running.url}/account")
        assert page.get_by_role("button", name="Turn single keys on").is_visible()
