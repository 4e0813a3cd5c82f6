"""A forgotten password: the door says the same, and does the same, whoever is asked for."""

import pytest

from service.store.pool import Scope
from tests.web import signing
from tests.web.site import Site

HTML = {"accept": "text/html"}


async def _asked(here: Site) -> int:
    async with here.house.check.transaction(Scope()) as connection:
        return int(await connection.fetchval("select count(*) from password_ask"))


async def test_somebody_nobody_and_nonsense_are_the_same_bytes_and_the_same_rows(
    here: Site,
) -> None:
    org = await here.house.organization()
    known = await signing.may_sign_in(here.house, org.actor, "ana@northside.example")
    pages, answers = set(), set()
    async with here.caller(**HTML) as browser, here.caller() as program:
        for number, address in enumerate((known, "nobody@northside.example", "no address"), 1):
            page = await browser.post("/forgotten", data={"address": address})
            assert await _asked(here) == 2 * number - 1
            said = {"address": address}
            answer = await program.post("/api/v1/passwords/forgotten", json=said)
            assert await _asked(here) == 2 * number
            pages.add((page.status_code, page.text))
            answers.add((answer.status_code, answer.text))
    assert len(pages) == len(answers) == 1
    assert answers == {(202, '{"accepted":true}')}
    async with here.house.check.transaction(Scope()) as connection:
        assert await connection.fetchval("select count(*) from outbox") == 0
        assert await connection.fetchval("select count(*) from invitation") == 0


async def test_one_address_is_written_to_three_times_an_hour_and_nobody_is_told(
    here: Site,
) -> None:
    async with here.caller() as program:
        said = {"address": "ana@northside.example"}
        answers = [await program.post("/api/v1/passwords/forgotten", json=said) for _ in range(5)]
        assert {answer.status_code for answer in answers} == {202}
        assert await _asked(here) == 3
        other = {"address": "jo@harbor.example"}
        await program.post("/api/v1/passwords/forgotten", json=other)
        assert await _asked(here) == 4


@pytest.mark.parametrize(
    "header", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}]
)
async def test_another_site_asks_for_nobody(here: Site, header: dict[str, str]) -> None:
    async with here.caller(**header) as caller:
        said = {"address": "ana@northside.example"}
        assert (await caller.post("/api/v1/passwords/forgotten", json=said)).status_code == 403
        assert (await caller.post("/forgotten", data=said)).status_code == 403
    assert await _asked(here) == 0


async def test_the_sign_in_page_leads_there_and_it_says_what_happens(here: Site) -> None:
    async with here.caller(**HTML) as browser:
        assert 'href="/forgotten"' in (await browser.get("/sign-in")).text
        page = await browser.get("/forgotten")
        assert page.status_code == 200
        assert "Send the link" in page.text
