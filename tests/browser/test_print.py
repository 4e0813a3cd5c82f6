"""On paper stands what a referral says: no ways to other pages, nothing to press."""

from typing import TYPE_CHECKING

import pytest

from templates import assets, render
from tests.templates import samples

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser
HERE = "http://loopkeeper.test"
PRESSED = "nav, form, button, .lk-header__side a, .govuk-skip-link"
SAID = {
    "staff/print": (".govuk-summary-list", "section.lk-card"),
    "staff/letter": ("h1", "main p.govuk-body"),
}


def _open(browser: "Browser", name: str) -> "Page":
    html = render.page(name, language="en", context=samples.PAGES[name])

    def serve(route: "Route") -> None:
        found = assets.read(route.request.url.rpartition("/")[2])
        if found is not None:
            route.fulfill(body=found[0], content_type=found[1])
        else:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page = browser.new_page()
    page.route("**/*", serve)
    page.goto(f"{HERE}/")
    return page


@pytest.mark.parametrize("name", sorted(SAID))
def test_paper_has_the_words_and_nothing_to_press(browser: "Browser", name: str) -> None:
    page = _open(browser, name)
    pressed = page.locator(PRESSED).locator("visible=true")
    assert pressed.count() > 0
    page.emulate_media(media="print")
    assert [one.inner_text() for one in pressed.all()] == []
    for said in SAID[name]:
        assert page.locator(said).first.is_visible()
    page.context.close()
