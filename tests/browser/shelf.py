"""Sample pages shown in a browser whose only server is the folder of files we serve."""

from typing import TYPE_CHECKING

from templates import assets, render
from tests.templates import samples

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

HERE = "http://loopkeeper.test"


def show(page: "Page", name: str, *, language: str = "en") -> None:
    """Open a sample page."""
    show_text(page, render.page(name, language=language, context=samples.PAGES[name]))


def show_text(page: "Page", html: str) -> None:
    """Open a page of these words; nothing but our own files is there beside it."""

    def serve(route: "Route") -> None:
        found = assets.read(route.request.url.rpartition("/")[2])
        if found is not None and route.request.url.startswith(f"{HERE}{assets.PREFIX}"):
            route.fulfill(body=found[0], content_type=found[1])
        elif route.request.url == f"{HERE}/":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            route.abort()

    page.unroute("**/*")
    page.route("**/*", serve)
    page.goto(f"{HERE}/")
