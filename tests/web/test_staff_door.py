"""In and out by hand: who is led where, and what a wrong sign-in is told."""

import httpx2
import pytest

from service.web.pages import staff
from tests.web import forms, signing
from tests.web.site import Site

HTML = {"accept": "text/html"}


async def _with_password(here: Site) -> str:
    org = await here.house.organization()
    return await signing.may_sign_in(here.house, org.actor, "ana@northside.example")


async def test_whoever_opens_a_page_without_a_session_is_led_in_and_back(here: Site) -> None:
    address = await _with_password(here)
    async with here.caller(**HTML) as browser:
        led = await browser.get("/tasks?member=mine")
        assert led.status_code == 303
        page = await browser.get(led.headers["location"])
        form = forms.sent_to(page.text, "/sign-in").fields
        assert form["next"] == "/tasks?member=mine"
        said = form | {"address": address, "password": signing.PASSWORD}
        answer = await browser.post("/sign-in", data=said)
        assert (answer.status_code, answer.headers["location"]) == (303, "/tasks?member=mine")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        tasks = await browser.get(answer.headers["location"])
        assert tasks.status_code == 200
        assert "Northside Clinic" in tasks.text
        again = await browser.get("/sign-in?next=/tasks")
        assert again.headers["location"] == "/tasks"
        out = forms.sent_to(tasks.text, "/sign-out").fields
        left = await browser.post("/sign-out", data=out)
        assert left.headers["location"] == "/sign-in"
        here.app.state.desk.callers.clear()
        assert (await browser.get("/tasks")).status_code == 303


async def test_a_wrong_password_and_an_unknown_address_are_the_same_page(here: Site) -> None:
    address = await _with_password(here)
    pages = []
    async with here.caller(**HTML) as browser:
        for who in (address, "nobody@northside.example"):
            said = {"address": who, "password": "wrong-horse", "next": "/"}
            answer = await browser.post("/sign-in", data=said)
            assert answer.status_code == 401
            assert "set-cookie" not in answer.headers
            assert "wrong-horse" not in answer.text
            without = forms.sent_to(answer.text, "/sign-in").fields
            assert without.pop("address") == who
            pages.append((without, answer.text.count("is not right")))
    assert pages[0] == pages[1]


async def test_a_form_of_another_site_signs_nobody_in(here: Site) -> None:
    address = await _with_password(here)
    said = {"address": address, "password": signing.PASSWORD, "next": "/"}
    async with here.caller(**HTML, origin="https://evil.example") as browser:
        assert (await browser.post("/sign-in", data=said)).status_code == 403


ELSEWHERE = (
    *("//evil.example", "/\\evil.example", "https://evil.example", "javascript:1", ""),
    *("/a\r\nb", "/x y", "/api/v1/referrals", "/sign-out"),
)


@pytest.mark.parametrize("path", ELSEWHERE)
def test_the_way_on_after_a_sign_in_stays_here(path: str) -> None:
    assert staff.local_path(path) == "/"


async def test_a_page_asks_for_the_sessions_own_token(here: Site) -> None:
    org = await here.house.organization()
    browser, opened = await here.browser(org.actor)
    async with browser:
        assert (await browser.post("/sign-out", data={"csrf": "wrong"})).status_code == 403
        assert (await browser.post("/dev/skip", data={})).status_code == 403
        done = await browser.post("/dev/skip", data={"csrf": opened.csrf})
        assert (done.status_code, done.headers["location"]) == (303, "/")


async def test_programs_still_get_problems_and_people_get_pages(here: Site) -> None:
    async with here.caller() as program, here.caller(**HTML) as browser:
        assert (await program.get("/tasks")).status_code == 401
        assert (await browser.get("/api/v1/human-tasks")).json()["status"] == 401
        posted: httpx2.Response = await browser.post("/sign-out")
        assert posted.status_code == 401
        assert "Sign in, then go back" in posted.text
        unknown = await browser.get("/nowhere")
        assert unknown.status_code == 404
        assert unknown.text.startswith("<!DOCTYPE html>")
        assert "script" not in unknown.headers["content-security-policy"]
