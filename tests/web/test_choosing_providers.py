"""The network's administration gives each provider its share of texts, on a page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.domain.people import Role
from service.settings import Secret, Sms
from service.store import sms
from service.store.pool import Scope
from tests.web import forms, link_making
from tests.web.site import Site, site

WAYS = tuple(
    Sms(
        name=name,
        url="http://127.0.0.1:1/",
        user="demo",
        password=Secret("word-of-the-gateway"),
        sender="+15035550199",
        hook=Secret("hook-secret-of-the-tests"),
    )
    for name in ("twilio", "kannel")
)


@pytest.fixture
async def two(fresh_database: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """A network with two providers, of which the first carries everything."""
    async with site(fresh_database, redis_url, tmp_path, sms=WAYS) as opened:
        async with opened.house.worker.transaction(Scope()) as connection:
            await sms.meet(connection, {"twilio": 100, "kannel": 0})
        yield opened


async def rests(here: Site) -> dict[str, int]:
    async with here.house.worker.transaction(Scope()) as connection:
        found = await sms.weights(connection, [way.name for way in WAYS])
    return {each.name: each.resting for each in found}


async def test_a_share_is_chosen_by_the_network_and_is_on_record(two: Site) -> None:
    network = await two.house.organization("Network", kind="coordination", cco=True)
    browser, _ = await two.browser(network.actor)
    browser.headers["accept"] = "text/html"
    async with browser:
        form = forms.sent_to((await browser.get("/texts")).text, "/texts")
        chosen = form.fields | {"points-twilio": "70", "points-kannel": "30"}
        done = await browser.post("/texts", data=chosen)
        assert (done.status_code, done.headers["location"]) == (303, "/texts?done=1")
        assert "70 of 100 now, 70 at rest" in (await browser.get("/texts?done=1")).text
        assert await rests(two) == {"twilio": 70, "kannel": 30}
        late = await browser.post("/texts", data=form.fields | {"points-twilio": "100"})
        assert late.status_code == 409
        assert "Somebody chose otherwise meanwhile" in late.text
    lines = await link_making.rows(
        two.house, "select actor_member_id from audit where action = 'sms.weights'"
    )
    assert [row["actor_member_id"] for row in lines] == [network.actor.member_id]


@pytest.mark.parametrize(
    ("twilio", "kannel", "wrong"),
    [("70", "40", 2), ("", "100", 1), ("-10", "110", 1), ("x", "", 2), ("1000", "0", 1)],
)
async def test_what_is_not_a_hundred_is_said_at_its_field_and_changes_nothing(
    two: Site, twilio: str, kannel: str, wrong: int
) -> None:
    network = await two.house.organization("Network", kind="coordination", cco=True)
    browser, _ = await two.browser(network.actor)
    browser.headers["accept"] = "text/html"
    async with browser:
        form = forms.sent_to((await browser.get("/texts")).text, "/texts")
        typed = form.fields | {"points-twilio": twilio, "points-kannel": kannel}
        answer = await browser.post("/texts", data=typed)
    assert answer.status_code == 422
    assert answer.text.count('class="govuk-error-message"') == wrong
    assert await rests(two) == {"twilio": 100, "kannel": 0}


async def test_nobody_else_chooses(two: Site) -> None:
    network = await two.house.organization("Network", kind="coordination", cco=True)
    clinic = await two.house.organization()
    front = await two.house.member(network.id, roles=frozenset({Role.FRONT_DESK}), cco=True)
    points = {"points-twilio": "0", "points-kannel": "100"}
    seen = {"seen-twilio": "100", "seen-kannel": "0"}
    for actor, status in ((clinic.actor, 404), (front, 403)):
        browser, _ = await two.browser(actor)
        browser.headers["accept"] = "text/html"
        async with browser:
            csrf = forms.every((await browser.get("/account")).text)[0].fields["csrf"]
            answer = await browser.post("/texts", data=points | seen | {"csrf": csrf})
        assert answer.status_code == status
    assert await rests(two) == {"twilio": 100, "kannel": 0}
