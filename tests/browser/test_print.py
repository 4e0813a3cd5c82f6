"""On paper stands what a referral says: no ways to other pages, nothing to press."""

from typing import TYPE_CHECKING

import pytest

from tests.browser import shelf

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
PRESSED = "nav, form, button, .lk-header__side a, .govuk-skip-link"
SAID = {
    "staff/print": (".govuk-summary-list", "section.lk-card"),
    "staff/letter": ("h1", "main p.govuk-body"),
}


@pytest.mark.parametrize("name", sorted(SAID))
def test_paper_has_the_words_and_nothing_to_press(browser: "Browser", name: str) -> None:
    page = browser.new_page()
    shelf.show(page, name)
    pressed = page.locator(PRESSED).locator("visible=true")
    assert pressed.count() > 0
    page.emulate_media(media="print")
    assert [one.inner_text() for one in pressed.all()] == []
    for said in SAID[name]:
        assert page.locator(said).first.is_visible()
    page.context.close()
