"""A patient follows the link in a text: on a telephone and a desk, with and without script."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.served import fits
from tests.browser.street import Street, street
from tests.browser.test_five_people import Way, every_way
from tests.workers import texting

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SAYS = {
    "en": {
        "text": "Your request is on its way",
        "go_on": "Continue",
        "stage": "Your request is on its way",
        "ride": "A ride",
        "done": "We wrote that down",
        "said": "I need a ride",
        "other": "Español",
        "exit": "Exit this page",
    },
    "es": {
        "text": "Su solicitud va en camino",
        "go_on": "Continuar",
        "stage": "Su solicitud va en camino",
        "ride": "El transporte",
        "done": "Lo anotamos",
        "said": "Necesito transporte",
        "other": "English",
        "exit": "Salir de esta página",
    },
}


@pytest.fixture
def here(fresh_database: str, redis_url: str, tmp_path: Path) -> Iterator[Street]:
    with street(fresh_database, redis_url, tmp_path) as found:
        yield found


def come_in(here: Street, page: "Page", language: str) -> None:
    says = SAYS[language]
    page.goto(here.link())
    assert fits(page)
    assert page.locator("button").count() == 1
    page.get_by_role("button").click()
    assert page.url.endswith("/p/code")
    assert fits(page)
    digits = here.texts(2)[1].partition(" ")[0]
    page.locator("#code").fill(f"{digits[:4]} {digits[4:]}")
    page.get_by_role("button", name=says["go_on"]).click()
    assert page.url.endswith("/p/request")


@every_way
def test_a_text_leads_to_a_claim_on_a_telephone_and_on_a_desk(
    here: Street, browser: "Browser", way: Way
) -> None:
    language = way.language
    says, shop = SAYS[language], here.shop
    assert shop is not None
    here.run(texting.town(shop, language=language))
    here.run(shop.skip(seconds=11))
    assert says["text"] in here.texts(1)[0]
    phone = browser.new_context(
        java_script_enabled=way.script,
        viewport={"width": way.width, "height": 640},
        locale=language,
    )
    page = phone.new_page()
    come_in(here, page, language)
    assert page.locator("h1").inner_text() == says["stage"]
    assert fits(page)
    page.get_by_role("button", name=says["ride"], exact=True).click()
    assert says["done"] in page.inner_text("main")
    assert says["said"] in page.inner_text("main")
    claims = here.run(shop.rows("select kind, value, source from lk.claim"))
    assert [tuple(each.values()) for each in claims] == [("barrier", "ride", "page")]
    page.get_by_role("link", name=says["other"]).click()
    assert SAYS["es" if language == "en" else "en"]["said"] in page.inner_text("main")
    page.get_by_role("link", name=SAYS["es" if language == "en" else "en"]["other"]).click()
    page.get_by_role("button", name=says["exit"]).click()
    assert page.url.endswith("/p/left")
    page.goto(here.settings.public_url + "/p/request")
    assert page.locator("h1").inner_text() != says["stage"]
    phone.close()
