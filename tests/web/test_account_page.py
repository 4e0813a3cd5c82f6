"""Your sign-ins by hand: ended, proven again, an authenticator set up, codes shown once."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pyotp
import segno

from crypto.sealed import Place
from service import clock
from service.actions import totp
from service.store import people
from service.store.pool import Scope
from tests.making import Org
from tests.web import forms, signing
from tests.web.site import Site

HTML = {"accept": "text/html"}
ADDRESS = "ana@northside.example"


@asynccontextmanager
async def _ana(here: Site) -> AsyncIterator[tuple[Org, httpx2.AsyncClient]]:
    org = await here.house.organization()
    await signing.may_sign_in(here.house, org.actor, ADDRESS)
    async with here.caller(**HTML) as browser:
        said = {"address": ADDRESS, "password": signing.PASSWORD, "next": "/account"}
        await browser.post("/sign-in", data=said)
        yield org, browser


async def _ages(here: Site, org: Org) -> None:
    async with here.house.office.db.transaction(Scope(person_id=org.actor.person_id)) as connection:
        await connection.execute("update session set proven_at = proven_at - interval '1 hour'")


async def test_other_sign_ins_are_ended_and_this_one_leads_out(here: Site) -> None:
    async with _ana(here) as (org, browser):
        other, _ = await here.browser(org.actor)
        page = await browser.get("/account")
        assert page.text.count("this one") == 1
        everybody = forms.sent_to(page.text, "/account/sign-ins/end").fields
        await browser.post("/account/sign-ins/end", data=everybody)
        assert (await other.get("/api/v1/sessions/current")).status_code == 401
        page = await browser.get("/account")
        (own,) = [
            form
            for form in forms.every(page.text)
            if "/sign-ins/" in form.action and form.action != "/account/sign-ins/end"
        ]
        left = await browser.post(own.action, data=own.fields)
        assert left.headers["location"] == "/sign-in"
        assert (await browser.get("/account")).status_code == 303


async def test_an_authenticator_is_set_up_and_its_codes_are_shown_once(here: Site) -> None:
    async with _ana(here) as (org, browser):
        page = await browser.get("/account")
        form = forms.sent_to(page.text, "/account/authenticator").fields
        wrong = await browser.post("/account/authenticator", data=form | {"password": "x"})
        assert wrong.status_code == 422
        offered = await browser.post(
            "/account/authenticator", data=form | {"password": signing.PASSWORD}
        )
        found = re.search(r"<code class=\"lk-words\">([A-Z2-7]+)</code>", offered.text)
        assert found
        _shows(offered, totp.uri(found[1], account=await _login(here, org)))
        code = pyotp.totp.TOTP(found[1]).generate_otp(int(clock.unix_seconds()) // 30)
        before = browser.cookies["lk_session"]
        confirmed = forms.sent_to(offered.text, "/account/authenticator").fields
        shown = await browser.post("/account/authenticator", data=confirmed | {"code": code})
        codes = re.findall(r"<code>([0-9A-Z-]{19})</code>", shown.text)
        assert len(set(codes)) == 10
        assert browser.cookies["lk_session"] != before
        page = await browser.get("/account")
        assert "10 recovery codes are left" in page.text
        assert codes[0] not in page.text
        again = forms.sent_to(page.text, "/account/recovery-codes").fields
        renewed = await browser.post("/account/recovery-codes", data=again)
        assert codes[0] not in renewed.text
        assert len(re.findall(r"<code>([0-9A-Z-]{19})</code>", renewed.text)) == 10


async def test_an_act_of_weight_asks_for_a_proof_and_leads_back(here: Site) -> None:
    async with _ana(here) as (org, browser):
        await _ages(here, org)
        async with here.house.office.db.transaction(
            Scope(person_id=org.actor.person_id)
        ) as connection:
            await connection.execute("update person set totp_confirmed_at = lk.now()")
        page = await browser.get("/account")
        form = forms.sent_to(page.text, "/account/recovery-codes").fields
        asked = await browser.post("/account/recovery-codes", data=form)
        assert asked.headers["location"] == "/prove?next=/account"
        async with here.house.office.db.transaction(
            Scope(person_id=org.actor.person_id)
        ) as connection:
            await connection.execute("update person set totp_confirmed_at = null")
        page = await browser.get("/prove?next=/account")
        proof = forms.sent_to(page.text, "/prove").fields
        wrong = await browser.post("/prove", data=proof | {"password": "wrong-horse"})
        assert wrong.status_code == 401
        assert "wrong-horse" not in wrong.text
        before = browser.cookies["lk_session"]
        done = await browser.post("/prove", data=proof | {"password": signing.PASSWORD})
        assert (done.status_code, done.headers["location"]) == (303, "/account")
        assert browser.cookies["lk_session"] != before


async def test_only_pages_that_need_it_may_run_our_script_and_none_of_another(here: Site) -> None:
    async with _ana(here) as (_, browser):
        for path in ("/account", "/prove", "/", "/tasks"):
            policy = (await browser.get(path)).headers["content-security-policy"]
            assert "script-src 'self'" in policy
            assert "unsafe" not in policy
        for path in ("/forgotten", "/members", "/record"):
            policy = (await browser.get(path)).headers["content-security-policy"]
            assert "script-src" not in policy


async def _login(here: Site, org: Org) -> str:
    """Return the address that is on file for Ana."""
    person_id = org.actor.person_id
    assert person_id is not None
    async with here.house.office.db.transaction(Scope(person_id=person_id)) as connection:
        sealed = await people.login(connection, person_id)
    place = Place(table="person", column="login_sealed", row_id=person_id, org_id=None)
    return (await here.house.keys.open_field(None, sealed, place=place)).decode()


def _shows(page: httpx2.Response, uri: str) -> None:
    """Say that the page draws this address, with words for it, and loads nothing."""
    drawn = re.search(r'<svg [^>]*role="img" aria-label="([^"]+)"[^>]*>(.*?)</svg>', page.text)
    assert drawn
    assert "same key" in drawn[1]
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawn[2])}
    rows = segno.make(uri, error="m", micro=False).matrix_iter(border=4)
    assert dark == {(x, y) for y, row in enumerate(rows) for x, each in enumerate(row) if each}
    assert uri not in page.text
    assert "script-src 'self'; connect-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
