"""What was typed outlives the sign-in it was typed in: for its person, sealed, sent by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from service.actions import parking
from service.domain import ids
from service.store.pool import Scope
from tests.making import House, Org
from tests.web import forms, signing
from tests.web.site import Site

HTML = {"accept": "text/html"}
ADDRESS = "ana@northside.example"
WORDS = "Eviction on Friday, two children"


@asynccontextmanager
async def ana(here: Site) -> AsyncIterator[tuple[Org, httpx2.AsyncClient, str]]:
    """Sign Ana in by hand: her organization, her browser and the token of her forms."""
    org = await here.house.organization()
    await signing.may_sign_in(here.house, org.actor, ADDRESS)
    async with here.caller(**HTML) as browser:
        await signs_in(browser, ADDRESS)
        page = await browser.get("/referrals/new")
        yield org, browser, forms.sent_to(page.text, "/referrals/new").fields["csrf"]


async def signs_in(browser: httpx2.AsyncClient, address: str, wanted: str = "/") -> httpx2.Response:
    said = {"address": address, "password": signing.PASSWORD, "next": wanted}
    answer = await browser.post("/sign-in", data=said)
    assert answer.status_code == 303, answer.text
    return await browser.get(answer.headers["location"])


async def runs_out(house: House, org: Org, here: Site, *, column: str = "seen_at") -> None:
    scope = Scope(org_id=org.id, person_id=org.actor.person_id)
    async with house.office.db.transaction(scope) as connection:
        await connection.execute(f"update session set {column} = {column} - interval '13 hours'")
    here.app.state.desk.callers.clear()


async def parked(here: Site) -> list[Any]:
    async with here.house.check.transaction(Scope()) as connection:
        found: list[Any] = await connection.fetch("select id, kind from parked_form order by id")
    return found


def _typed(csrf: str) -> dict[str, str]:
    return {
        "csrf": csrf,
        "nonce": ids.new_id().hex,
        "given_name": "Elena",
        "family_name": "Torres Vega",
        "narrative": WORDS,
    }


@pytest.mark.parametrize("column", ["seen_at", "expires_at"])
async def test_a_form_sent_too_late_is_shown_again_as_it_was(here: Site, column: str) -> None:
    async with ana(here) as (org, browser, csrf):
        await runs_out(here.house, org, here, column=column)
        late = await browser.post("/referrals/new", data=_typed(csrf))
        assert late.status_code == 303
        where = late.headers["location"]
        assert where.startswith("/sign-in?next=%2Fparked%2F")
        assert "What you typed is kept for you" in (await browser.get(where)).text
        ((parked_id, kind),) = await parked(here)
        assert kind == "form"
        led = await signs_in(browser, ADDRESS, f"/parked/{parked_id}")
        again = forms.sent_to(led.text, "/referrals/new").fields
        assert (again["given_name"], again["narrative"]) == ("Elena", WORDS)
        assert again["csrf"] != csrf


async def test_what_is_kept_is_sealed_and_without_secrets(here: Site) -> None:
    async with ana(here) as (org, browser, csrf):
        await runs_out(here.house, org, here)
        typed = _typed(csrf) | {"password": "blue-kettle", "pin_1": "12345678", "code": "424242"}
        await browser.post("/referrals/new", data=typed)
    scope = Scope(org_id=org.id, person_id=org.actor.person_id)
    async with here.house.office.db.transaction(scope) as connection:
        (row,) = await connection.fetch(
            "select id, person_id, org_id, kind, sealed, created_at, expires_at from parked_form"
        )
    assert WORDS.encode() not in row["sealed"]
    found = await parking.opened(here.house.office, parking.ParkedRow(**dict(row)))
    assert found.path == "/referrals/new"
    assert set(found.fields) == {"nonce", "given_name", "family_name", "narrative"}
    assert WORDS not in repr(found)


async def test_any_form_is_shown_with_what_was_typed_and_sent_on_by_a_button(here: Site) -> None:
    async with ana(here) as (org, browser, csrf):
        leg = ids.new_id()
        await runs_out(here.house, org, here)
        typed = {"csrf": csrf, "act": "accept", "seen": "1", "comment": WORDS}
        await browser.post(f"/legs/{leg}/steps", data=typed)
        ((parked_id, _),) = await parked(here)
        await signs_in(browser, ADDRESS)
        page = await browser.get(f"/parked/{parked_id}")
        again = forms.sent_to(page.text, f"/legs/{leg}/steps").fields
        assert again | {"csrf": ""} == {
            "act": "accept",
            "seen": "1",
            "comment": WORDS,
            "csrf": "",
        }
        dropped = forms.sent_to(page.text, f"/parked/{parked_id}/drop").fields
        await browser.post(f"/parked/{parked_id}/drop", data=dropped)
        assert await parked(here) == []
        assert (await browser.get(f"/parked/{parked_id}")).status_code == 404


async def test_nobody_else_is_shown_what_somebody_typed(here: Site) -> None:
    async with ana(here) as (org, browser, csrf):
        colleague = await here.house.member(org.id, name="Jo")
        await signing.may_sign_in(here.house, colleague, "jo@northside.example")
        await runs_out(here.house, org, here)
        await browser.post("/referrals/new", data=_typed(csrf))
        ((parked_id, _),) = await parked(here)
        led = await signs_in(browser, "jo@northside.example", f"/parked/{parked_id}")
        assert led.status_code == 404
        assert WORDS not in led.text


@pytest.mark.parametrize(
    "wrong",
    ["another token", "no token", "another site", "an ended session", "no session", "a program"],
)
async def test_only_a_form_of_ours_from_a_session_that_ran_out_is_kept(
    here: Site, wrong: str
) -> None:
    async with ana(here) as (org, browser, csrf):
        typed, header = _typed(csrf), {}
        if wrong == "an ended session":
            await browser.post("/sign-out", data={"csrf": csrf})
        await runs_out(here.house, org, here)
        match wrong:
            case "another token":
                typed["csrf"] = "0" * 64
            case "no token":
                del typed["csrf"]
            case "another site":
                header = {"origin": "https://evil.example"}
            case "no session":
                browser.cookies.clear()
            case "a program":
                header = {"accept": "application/json"}
            case _:
                pass
        late = await browser.post("/referrals/new", data=typed, headers=header)
        assert late.status_code == 401
    assert await parked(here) == []


async def test_what_is_too_large_is_not_kept_and_of_much_only_the_last(here: Site) -> None:
    async with ana(here) as (org, browser, csrf):
        await runs_out(here.house, org, here)
        large = _typed(csrf) | {f"f{n}": "x" * 19_000 for n in range(5)}
        assert (await browser.post("/referrals/new", data=large)).status_code == 401
        for _ in range(parking.MOST + 2):
            await browser.post("/referrals/new", data=_typed(csrf))
    assert len(await parked(here)) == parking.MOST


async def test_at_a_shared_desk_everybody_goes_on_where_they_were(here: Site) -> None:
    async with ana(here) as (org, browser, _csrf):
        colleague = await here.house.member(org.id, name="Jo")
        await signing.may_sign_in(here.house, colleague, "jo@northside.example")
        page = await browser.get("/tasks?member=mine")
        lock = forms.sent_to(page.text, "/lock").fields
        assert lock["where"] == "/tasks?member=mine"
        secret = browser.cookies["lk_session"]
        locked = await browser.post("/lock", data=lock)
        assert locked.headers["location"] == "/sign-in?locked=yes"
        assert "This desk is locked" in (await browser.get("/sign-in?locked=yes")).text
        assert (await browser.get("/tasks")).status_code == 303
        async with here.caller(cookie=f"lk_session={secret}", **HTML) as kept:
            assert (await kept.get("/tasks")).status_code == 303
        assert (await signs_in(browser, "jo@northside.example")).headers["location"] == "/"
        assert "Jo, " in (await browser.get("/tasks")).text
        jo = forms.sent_to((await browser.get("/account")).text, "/lock").fields
        await browser.post("/lock", data=jo)
        led = await signs_in(browser, ADDRESS)
        assert led.headers["location"] == "/tasks?member=mine"
        assert "Ana Ruiz, " in (await browser.get("/tasks")).text
        # Led there once: the next sign-in begins at the beginning.
        out = forms.sent_to((await browser.get("/")).text, "/sign-out").fields
        await browser.post("/sign-out", data=out)
        assert (await signs_in(browser, ADDRESS)).headers["location"] == "/"
        assert (await signs_in(browser, "jo@northside.example")).headers["location"] == "/account"


async def test_locking_keeps_what_was_typed_for_the_one_who_typed_it(here: Site) -> None:
    async with ana(here) as (_, browser, csrf):
        typed = _typed(csrf) | {"typed": "/referrals/new"}
        await browser.post("/lock", data=typed)
        led = await signs_in(browser, ADDRESS)
        page = await browser.get(led.headers["location"])
        assert forms.sent_to(page.text, "/referrals/new").fields["narrative"] == WORDS


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/api/v1/referrals"])
async def test_no_form_leads_elsewhere(here: Site, path: str) -> None:
    async with ana(here) as (_, browser, csrf):
        await browser.post("/lock", data={"csrf": csrf, "where": path, "typed": path})
        led = await signs_in(browser, ADDRESS)
        assert led.headers["location"].startswith(("/parked/", "/"))
        page = await browser.get(led.headers["location"])
        assert path not in [form.action for form in forms.every(page.text)]
