"""Every page, in both languages, on a small phone and a wide screen: nothing shuts anybody out.

axe-core finds what a program can find. What only people can find (does the order of things make
sense, is it understood) is walked by hand.
"""

from typing import TYPE_CHECKING

import pytest

import templates
from tests.browser import axe, shelf
from tests.templates import samples

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
WIDTHS = (320, 1280)


@pytest.fixture(scope="module", params=WIDTHS)
def shown(request: pytest.FixtureRequest, browser: "Browser") -> "Page":
    """Open a page of this width whose only server is the folder of files we serve."""
    view = {"width": request.param, "height": 800}
    context = browser.new_context(java_script_enabled=True, viewport=view)  # type: ignore[arg-type]
    return context.new_page()


@pytest.mark.parametrize("language", templates.LANGUAGES)
@pytest.mark.parametrize("name", sorted(samples.PAGES))
def test_a_page_shuts_nobody_out(shown: "Page", name: str, language: str) -> None:
    shelf.show(shown, name, language=language)
    assert axe.faults(shown) == []
    assert axe.sideways(shown) == []


def test_what_shuts_somebody_out_is_found(shown: "Page") -> None:
    shelf.show_text(
        shown,
        "<!DOCTYPE html><html><head><title>x</title></head><body>"
        '<div style="width:3000px"><input></div></body></html>',
    )
    found = " ".join(axe.faults(shown))
    assert "html-has-lang" in found
    assert "label" in found
    assert axe.sideways(shown)
