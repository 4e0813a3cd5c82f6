"""Clocks, calendars and assignment by hand, without script, and what is refused there."""

import re

import httpx2
import pytest

from service.domain.people import Role
from tests.web.pair import Pair


class Hand:
    """A browser of somebody who is signed in, and the token of its forms."""

    def __init__(self, browser: httpx2.AsyncClient, csrf: str) -> None:
        self.browser, self._csrf = browser, csrf

    async def send(self, path: str, **fields: str) -> httpx2.Response:
        return await self.browser.post(path, data={"csrf": self._csrf, **fields})


@pytest.fixture
async def admin(pair: Pair) -> Hand:
    browser, opened = await pair.site.browser(pair.cco.actor)
    return Hand(browser, opened.csrf)


TERM = {"clock": "answer", "priority": "routine", "category": "", "unit": "business_days"}


async def test_a_term_is_looked_at_then_put_in_force(pair: Pair, admin: Hand) -> None:
    await pair.sent()
    shown = await admin.send("/clocks/preview", **TERM, amount="5", grace="1")
    assert "1 referral waited for this" in shown.text
    seen = re.search(r'name="seen" value="([^"]*)"', shown.text)
    assert seen
    done = await admin.send("/clocks", **TERM, amount="5", grace="1", seen=seen.group(1))
    assert "is in force" in done.text
    assert "5 business days" in (await admin.browser.get("/clocks")).text
    again = await admin.send("/clocks", **TERM, amount="9", grace="0", seen=seen.group(1))
    assert again.status_code == 409
    assert "Somebody set this term meanwhile" in again.text


async def test_all_that_is_wrong_with_a_term_is_shown_and_what_was_typed_stays(admin: Hand) -> None:
    shown = await admin.send("/clocks/preview", **TERM, amount="999", grace="999")
    assert shown.status_code == 422
    assert "Give a number from 1 to 250." in shown.text
    assert "Give 0 to 60 business days." in shown.text
    assert 'value="999"' in shown.text


async def test_days_are_closed_and_opened_again(pair: Pair) -> None:
    browser, opened = await pair.site.browser(pair.recipient.actor)
    hand, path = Hand(browser, opened.csrf), f"/organizations/{pair.recipient.id}"
    wrong = await hand.send(f"{path}/closures", first="tomorrow")
    assert wrong.status_code == 422
    assert 'value="tomorrow"' in wrong.text
    day = "2027-03-02"
    done = await hand.send(f"{path}/closures", first=day, last="2027-03-03", name="Inventory")
    if "two years at most" in done.text:
        pytest.fail("the test's days are over")
    assert done.text.count("Inventory") == 2
    open_again = await hand.send(f"{path}/closures/end", day=day)
    assert open_again.text.count("Inventory") == 1
    assert (await hand.send(f"{path}/closures/end", day=day)).status_code == 404


async def test_nobody_closes_another_organization(pair: Pair) -> None:
    browser, opened = await pair.site.browser(pair.sender.actor)
    path = f"/organizations/{pair.recipient.id}"
    assert (await browser.get(f"{path}/calendar")).status_code == 404
    hand = Hand(browser, opened.csrf)
    assert (await hand.send(f"{path}/closures", first="2027-03-02")).status_code == 404


async def test_somebody_is_named_and_the_naming_ended(pair: Pair, admin: Hand) -> None:
    page = await admin.browser.get("/assignment")
    assert "Nobody is named for anything" in page.text
    wrong = await admin.send("/assignment", member="", area="Multnomah")
    assert wrong.status_code == 422
    assert 'value="Multnomah"' in wrong.text
    named = await admin.send(
        "/assignment",
        member=str(pair.cco.actor.member_id),
        area="Multnomah, Clackamas",
        language="es",
        partner=str(pair.recipient.id),
    )
    assert "Multnomah, Clackamas, es, Harbor Food Bank" in named.text
    rule = re.search(r"/assignment/([0-9a-f-]{36})/end", named.text)
    assert rule
    ended = await admin.send(f"/assignment/{rule.group(1)}/end")
    assert "Nobody is named for anything" in ended.text


async def test_rules_of_assignment_over_the_api(pair: Pair) -> None:
    program = await pair.site.program(pair.cco.actor)
    stranger = {"member_id": str(pair.sender.actor.member_id)}
    assert (await program.post("/api/v1/assignment-rules", json=stranger)).status_code == 422
    wish = {"member_id": str(pair.cco.actor.member_id), "languages": ["es"]}
    made = await program.post("/api/v1/assignment-rules", json=wish)
    assert made.status_code == 201
    (found,) = (await program.get("/api/v1/assignment-rules")).json()["items"]
    assert found["languages"] == ["es"]
    place = f"/api/v1/assignment-rules/{made.json()['id']}"
    assert (await program.delete(place)).status_code == 204
    assert (await program.delete(place)).status_code == 404


async def test_a_coordinator_looks_at_clocks_and_sets_none(pair: Pair) -> None:
    someone = await pair.site.house.member(pair.cco.id, roles=frozenset({Role.COORDINATOR}))
    browser, opened = await pair.site.browser(someone)
    shown = await Hand(browser, opened.csrf).send("/clocks/preview", **TERM, amount="5", grace="")
    assert shown.status_code == 200
    assert "Wait so long from now on" not in shown.text
    assert (await browser.get("/assignment")).status_code == 403
