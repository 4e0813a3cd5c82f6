"""The browser itself, so that a missing one shows here and not in a story."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_a_page_shows_what_it_is_given(page: "Page") -> None:
    page.set_content("<h1>Hello</h1>")
    assert page.inner_text("h1") == "Hello"
