"""Every page, in both languages, on a small phone and a wide screen: nothing shuts anybody out.

axe-core finds what a program can find. What only people can find (does the order of things make
sense, is it understood) is walked by hand.
"""

from typing import TYPE_CHECKING

import pytest

import templates
from templates import assets, render
from tests.browser import axe
from tests.templates import samples

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser
HERE = "http://loopkeeper.test"
WIDTHS = (320, 1280)


@pytest.fixture(scope="module", params=WIDTHS)
def shown(request: pytest.FixtureRequest, browser: "Browser") -> "Page":
    """Open a page of this width whose only server is the folder of files we serve."""
    view = {"width": request.param, "height": 800}
    context = browser.new_context(java_script_enabled=True, viewport=view)  # type: ignore[arg-type]
    context.route("**/*", _serve)
    return context.new_page()


def _serve(route: "Route") -> None:
    found = assets.read(route.request.url.rpartition("/")[2])
    if found is not None and route.request.url.startswith(f"{HERE}{assets.PREFIX}"):
        route.fulfill(body=found[0], content_type=found[1])
    elif route.request.url == f"{HERE}/":
        route.fulfill(body=_PAGE.get("now", ""), content_type="text/html; charset=utf-8")
    else:
        route.abort()


_PAGE: dict[str, str] = {}


def _open(page: "Page", name: str, language: str) -> None:
    _PAGE["now"] = render.page(name, language=language, context=samples.PAGES[name])
    page.goto(f"{HERE}/")


@pytest.mark.parametrize("language", templates.LANGUAGES)
@pytest.mark.parametrize("name", sorted(samples.PAGES))
def test_a_page_shuts_nobody_out(shown: "Page", name: str, language: str) -> None:
    _open(shown, name, language)
    assert axe.faults(shown) == []
    assert axe.sideways(shown) == []


def test_what_shuts_somebody_out_is_found(shown: "Page") -> None:
    _PAGE["now"] = (
        "<!DOCTYPE html><html><head><title>x</title></head><body>"
        '<div style="width:3000px"><input></div></body></html>'
    )
    shown.goto(f"{HERE}/")
    found = " ".join(axe.faults(shown))
    assert "html-has-lang" in found
    assert "label" in found
    assert axe.sideways(shown)
