"""One's own sign-ins: listed, ended one by one or all at once, dead within a second everywhere."""

import time
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

from service.store.pool import Scope
from service.web import desk, devices
from service.web.api import sign_ins
from tests.making import House, Org
from tests.web import signing
from tests.web.site import Site, site

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def _listed(browser: httpx2.AsyncClient) -> list[dict[str, Any]]:
    answer = await browser.get("/api/v1/sessions")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_one_sign_in_is_ended_and_the_others_go_on(here: Site) -> None:
    org = await here.house.organization()
    one, first = await here.browser(org.actor)
    two, _ = await here.browser(org.actor)
    three, _ = await here.browser(org.actor)
    async with one, two, three:
        listed = await _listed(one)
        assert [each["current"] for each in listed].count(True) == 1
        ids = {each["id"] for each in listed}
        (other,) = [each["id"] for each in await _listed(two) if each["current"]]
        header = {"x-csrf-token": first.csrf}
        ended = await one.delete(f"/api/v1/sessions/{other}", headers=header)
        assert ended.status_code == 204
        assert {each["id"] for each in await _listed(one)} == ids - {other}
        assert (await two.get("/api/v1/sessions")).status_code == 401
        again = await one.delete(f"/api/v1/sessions/{other}", headers=header)
        assert again.status_code == 404
        assert (await one.delete("/api/v1/sessions", headers=header)).status_code == 204
        assert [each["current"] for each in await _listed(one)] == [True]
        assert (await three.get("/api/v1/sessions")).status_code == 401


async def test_nobody_ends_the_sign_in_of_another_person(here: Site) -> None:
    org = await here.house.organization()
    colleague = await here.house.member(org.id)
    mine, opened = await here.browser(org.actor)
    theirs, _ = await here.browser(colleague)
    async with mine, theirs:
        (other,) = [each["id"] for each in await _listed(theirs)]
        header = {"x-csrf-token": opened.csrf}
        assert (await mine.delete(f"/api/v1/sessions/{other}", headers=header)).status_code == 404
        assert (await mine.delete("/api/v1/sessions", headers=header)).status_code == 204
        assert len(await _listed(theirs)) == 1


async def test_ending_this_sign_in_takes_the_cookie_away(here: Site) -> None:
    org = await here.house.organization()
    browser, opened = await here.browser(org.actor)
    async with browser:
        (own,) = await _listed(browser)
        header = {"x-csrf-token": opened.csrf}
        ended = await browser.delete(f"/api/v1/sessions/{own['id']}", headers=header)
        assert ended.status_code == 204
        assert "Max-Age=0" in ended.headers["set-cookie"]
        assert (await browser.get("/api/v1/sessions")).status_code == 401


async def test_a_program_has_no_sign_ins(here: Site) -> None:
    org = await here.house.organization()
    async with await here.program(org.actor) as program:
        assert (await program.get("/api/v1/sessions")).status_code == 403
        assert (await program.delete("/api/v1/sessions")).status_code == 403


async def test_an_ended_sign_in_is_dead_in_another_process_within_a_second(
    here: Site, fresh_database: str, redis_url: str, tmp_path: Path
) -> None:
    org = await here.house.organization()
    browser, opened = await here.browser(org.actor)
    async with site(fresh_database, redis_url, tmp_path) as elsewhere, browser:
        there = elsewhere.caller(cookie=f"lk_session={opened.secret}")
        async with there:
            assert (await there.get("/api/v1/sessions")).status_code == 200
            header = {"x-csrf-token": opened.csrf}
            assert (
                await browser.delete("/api/v1/sessions/current", headers=header)
            ).status_code == 204
            began = time.monotonic()
            while (await there.get("/api/v1/sessions")).status_code == 200:
                assert time.monotonic() - began < desk.CALLER_SECONDS + 0.5
                await anyio.sleep(0.05)
    assert desk.CALLER_SECONDS <= 1.0


async def _rest(house: House, org: Org, *, minutes: int) -> None:
    scope = _all_of(org)
    async with house.office.db.transaction(scope) as connection:
        await connection.execute(
            "update session set seen_at = seen_at - make_interval(mins => $1)", minutes
        )


def _all_of(org: Org) -> Scope:
    return Scope(org_id=org.id, person_id=org.actor.person_id, network=True)


@pytest.mark.parametrize(
    ("network", "own", "rest", "lives"),
    [
        (None, None, 29, True),
        (None, None, 31, False),
        (10, None, 9, True),
        (10, None, 11, False),
        (10, 45, 44, True),
        (None, 5, 6, False),
    ],
)
async def test_how_long_a_session_may_rest_is_said_by_the_organization_else_by_the_network(
    here: Site, network: int | None, own: int | None, rest: int, *, lives: bool
) -> None:
    cco = await here.house.organization("CCO", kind="coordination", cco=True)
    org = await here.house.organization()
    for each, minutes in ((cco, network), (org, own)):
        async with here.house.office.db.transaction(_all_of(each)) as connection:
            await connection.execute(
                "update organization set idle_minutes = $2 where id = $1", each.id, minutes
            )
    browser, _ = await here.browser(org.actor)
    async with browser:
        await _rest(here.house, org, minutes=rest)
        status = (await browser.get("/api/v1/sessions/current")).status_code
        assert status == (200 if lives else 401)


async def test_a_cookie_somebody_set_before_is_never_taken_up(here: Site) -> None:
    org = await here.house.organization()
    address = await signing.may_sign_in(here.house, org.actor, "ana@northside.example")
    planted = "attacker-chosen-session-secret-0123456789"
    async with here.caller(cookie=f"lk_session={planted}") as browser:
        said = {"address": address, "password": signing.PASSWORD}
        begun = await browser.post("/api/v1/sessions", json=said)
        assert begun.status_code == 201
        assert planted not in begun.headers["set-cookie"]
    async with here.caller(cookie=f"lk_session={planted}") as attacker:
        assert (await attacker.get("/api/v1/sessions/current")).status_code == 401


async def test_a_list_of_sign_ins_names_the_kind_of_device_and_no_more(here: Site) -> None:
    org = await here.house.organization()
    address = await signing.may_sign_in(here.house, org.actor, "ana@northside.example")
    async with here.caller(**{"user-agent": FIREFOX}) as browser:
        said = {"address": address, "password": signing.PASSWORD}
        await browser.post("/api/v1/sessions", json=said)
        (own,) = await _listed(browser)
    assert (own["device"], own["method"]) == ("Firefox on Windows", "password")
    assert set(own) == set(sign_ins.SignIn.__struct_fields__)


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("", None),
        ("curl/8.5.0", None),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
            "Edge on Linux",
        ),
        ("x" * 10_000 + "Firefox/1", None),
    ],
)
def test_a_device_is_a_word_or_two(agent: str, said: str | None) -> None:
    assert devices.hint(agent) == said


async def test_signing_in_ends_what_this_browser_had_before(here: Site) -> None:
    org = await here.house.organization()
    address = await signing.may_sign_in(here.house, org.actor, "ana@northside.example")
    former = await here.session(org.actor)
    async with here.caller(cookie=f"lk_session={former.secret}") as browser:
        said = {"address": address, "password": signing.PASSWORD}
        assert (await browser.post("/api/v1/sessions", json=said)).status_code == 201
    async with here.caller(cookie=f"lk_session={former.secret}") as browser:
        assert (await browser.get("/api/v1/sessions/current")).status_code == 401


async def test_an_administrator_says_how_long_sessions_may_rest(here: Site) -> None:
    org = await here.house.organization()
    browser, opened = await here.browser(org.actor)
    path, header = f"/api/v1/organizations/{org.id}", {"x-csrf-token": opened.csrf}
    async with browser:
        for minutes, status in ((4, 422), (61, 422), (15, 200)):
            tag = header | {"if-match": '"1"'}
            answer = await browser.patch(path, json={"idle_minutes": minutes}, headers=tag)
            assert answer.status_code == status, answer.text
        assert (await browser.get(path)).json()["idle_minutes"] == 15
        await _rest(here.house, org, minutes=16)
        here.app.state.desk.callers.clear()
        assert (await browser.get(path)).status_code == 401
