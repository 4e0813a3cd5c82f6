"""Tables on a page: looked at first, told line by line, and brought in by whoever may."""

from typing import Any

import httpx2

from service.domain.people import Role
from tests.web import forms
from tests.web.pair import Pair
from tests.web.registering import rows
from tests.web.test_staff_pages import _as

MEMBERS = "address,name,roles\nnew@northside.example,New Person,clinician\n"
PATIENTS = "id,family_name,given_name,birth_date\n1,Smith,John,1950-05-06\n2,Doe,Jane,06/05/1950\n"


async def send(browser: httpx2.AsyncClient, kind: str, table: str, **more: str) -> Any:
    page = (await browser.get("/imports")).text
    csrf = next(each.fields["csrf"] for each in forms.every(page) if each.action == "/sign-out")
    return await browser.post(
        "/imports",
        data={"csrf": csrf, "kind": kind, **more},
        files={"table": ("t.csv" if table else "", table.encode(), "text/csv")},
    )


async def test_a_table_is_looked_at_and_then_brought_in(pair: Pair) -> None:
    async with await _as(pair, pair.sender) as browser:
        before = await rows(pair.site, "select 1 from member")
        looked = await send(browser, "members", MEMBERS)
        assert looked.status_code == 200, looked.text
        assert "Nothing is wrong. Nothing was brought in yet." in looked.text
        assert await rows(pair.site, "select 1 from member") == before
        took = await send(browser, "members", MEMBERS, bring="yes")
        assert "Brought in." in took.text
        again = await send(browser, "members", MEMBERS, bring="yes")
        assert "1 there already" in again.text
    assert len(await rows(pair.site, "select 1 from member")) == len(before) + 1
    invited = await rows(pair.site, "select org_id from outbox where kind = 'person_invite'")
    assert [row["org_id"] for row in invited] == [pair.sender.id]


async def test_one_fault_keeps_the_whole_table_out_and_is_told_at_its_place(pair: Pair) -> None:
    async with await _as(pair, pair.sender) as browser:
        wrong = await send(browser, "patients", PATIENTS, bring="yes")
        assert wrong.status_code == 422
        assert "Nothing was brought in." in wrong.text
        assert "Write the day as 1984-02-03." in wrong.text
        assert "Doe" not in wrong.text
        assert len(await rows(pair.site, "select 1 from patient")) == 1
        right = await send(browser, "patients", PATIENTS.rpartition("2,")[0], bring="yes")
        assert "Brought in." in right.text
        assert len(await rows(pair.site, "select 1 from patient")) == 2
        for kind, table in (("members", ""), ("kings", MEMBERS), ("patients", "\udcff")):
            body = table.encode("utf-8", "surrogateescape").decode("latin-1")
            assert (await send(browser, kind, body)).status_code == 422


async def test_nobody_brings_people_into_anothers_organization(pair: Pair) -> None:
    table = "address,name,roles,organization\nx@y.example,X,clinician,nowhere\n"
    async with await _as(pair, pair.sender) as browser:
        left = await send(browser, "members", table, bring="yes")
        assert left.status_code == 422
    clerk = await pair.site.house.member(pair.sender.id, name="Jo", roles={Role.FRONT_DESK})
    browser, _ = await pair.site.browser(clerk)
    async with browser:
        assert (await browser.get("/imports")).status_code == 403
