"""Who comes in: keys, sessions, and requests that another site made a browser send."""

import httpx2

from service.actions import sessions
from service.domain.people import Role
from service.store.pool import Scope
from tests.web.site import ORIGIN, Site

LIST = "/api/v1/human-tasks"
SKIP = "/api/v1/demo/skip"


async def test_nobody_is_told_to_sign_in(here: Site) -> None:
    async with here.caller() as caller:
        answer = await caller.get(LIST)
    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/sign-in-required"
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_wrong_key_is_nobody_whatever_cookie_comes_with_it(here: Site) -> None:
    org = await here.house.organization()
    opened = await here.session(org.actor)
    cookie = f"lk_session={opened.secret}"
    for header in ("Bearer lk_wrong", "Bearer wrong", "Basic lk_x", "lk_x", ""):
        async with here.caller(authorization=header, cookie=cookie) as caller:
            assert (await caller.get(LIST)).status_code == 401, header


async def test_an_id_the_browser_invents_is_no_session(here: Site) -> None:
    async with here.caller(cookie="lk_session=attacker-chosen") as caller:
        answer = await caller.get(LIST)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


async def test_a_session_reads_without_a_token_and_writes_with_it(here: Site) -> None:
    org = await here.house.organization()
    browser, opened = await here.browser(org.actor)
    async with browser:
        assert (await browser.get(LIST)).status_code == 200
        bare = await browser.post(SKIP, json={"hours": 1})
        wrong = await browser.post(SKIP, json={"hours": 1}, headers={"x-csrf-token": "wrong"})
        own = await browser.post(SKIP, json={"hours": 1}, headers={"x-csrf-token": opened.csrf})
    assert (bare.status_code, wrong.status_code) == (403, 403)
    assert own.json().get("type") != "/problems/sign-in-required"
    assert "X-CSRF-Token" not in str(own.json().get("detail", ""))


async def test_another_site_cannot_write_even_with_the_token(here: Site) -> None:
    org = await here.house.organization()
    browser, opened = await here.browser(org.actor)
    for head in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
    ):
        answer = await browser.post(
            SKIP, json={"hours": 1}, headers={"x-csrf-token": opened.csrf} | head
        )
        assert answer.status_code == 403, head
        assert "X-CSRF-Token" in answer.json()["detail"]
    ours = {"x-csrf-token": opened.csrf, "origin": ORIGIN, "sec-fetch-site": "same-origin"}
    answer = await browser.post(SKIP, json={"hours": 1}, headers=ours)
    assert "X-CSRF-Token" not in answer.text
    await browser.aclose()


async def test_an_ended_session_is_out_within_a_second(here: Site) -> None:
    from crypto import token

    org = await here.house.organization()
    browser, opened = await here.browser(org.actor)
    async with browser:
        assert (await browser.get(LIST)).status_code == 200
        await sessions.end(here.house.office, token.secret_hash(opened.secret))
        here.app.state.desk.callers.clear()
        assert (await browser.get(LIST)).status_code == 401


async def test_a_key_in_a_cookie_is_nobody_however_fresh_it_is(here: Site) -> None:
    org = await here.house.organization()
    async with await here.program(org.actor) as caller:
        assert (await caller.get(LIST)).status_code == 200
        secret = caller.headers["authorization"].removeprefix("Bearer ")
    async with here.caller(cookie=f"__Host-lk_session={secret}; lk_session={secret}") as browser:
        assert (await browser.get(LIST)).status_code == 401


async def test_a_revoked_key_and_an_inactive_member_are_nobody(here: Site) -> None:
    org = await here.house.organization()
    scope = Scope(org_id=org.id)
    for undo in (
        "update api_key set revoked_at = lk.now() where org_id = $1",
        "update member set state = 'inactive' where org_id = $1",
    ):
        async with await here.program(org.actor) as caller:
            assert (await caller.get(LIST)).status_code == 200
            async with here.house.office.db.transaction(scope) as connection:
                await connection.execute(undo, org.id)
            here.app.state.desk.callers.clear()
            assert (await caller.get(LIST)).status_code == 401


async def test_a_session_that_nobody_ended_is_nobody_once_its_member_is_inactive(
    here: Site,
) -> None:
    org = await here.house.organization()
    caller, _ = await here.browser(org.actor)
    async with caller:
        assert (await caller.get(LIST)).status_code == 200
        async with here.house.office.db.transaction(Scope(org_id=org.id)) as connection:
            await connection.execute(
                "update member set state = 'inactive' where org_id = $1", org.id
            )
        here.app.state.desk.callers.clear()
        assert (await caller.get(LIST)).status_code == 401


async def test_a_role_that_may_never_do_it_is_refused_at_the_door(here: Site) -> None:
    org = await here.house.organization()
    reader = await here.house.member(org.id, roles=frozenset({Role.READER}))
    async with await here.program(reader) as caller:
        assert (await caller.get(LIST)).status_code == 403
        # At the door, so what was sent along is not even read.
        broken = {"content": b"{", "headers": {"content-type": "application/json"}}
        assert (await caller.post("/api/v1/patients", **broken)).status_code == 403


async def test_a_forwarded_address_counts_from_a_trusted_proxy_only(here: Site) -> None:
    from ipaddress import ip_network

    import msgspec

    from service.web import outer

    desk = here.app.state.desk
    trusting = msgspec.structs.replace(desk, proxies=(ip_network("10.0.0.0/8"),))

    class Request:
        def __init__(self, client: str, forwarded: str) -> None:
            self.scope = {"client": (client, 1)}
            self.headers = httpx2.Headers({"x-forwarded-for": forwarded})

    told = Request("10.0.0.1", "1.2.3.4, 9.9.9.9, 10.0.0.7")
    assert outer.address_of(told, desk) == "10.0.0.1"
    assert outer.address_of(told, trusting) == "9.9.9.9"
    assert outer.address_of(Request("8.8.8.8", "1.2.3.4"), trusting) == "8.8.8.8"
    assert outer.address_of(Request("10.0.0.1", "unknown"), trusting) == "10.0.0.1"


async def test_a_cookie_is_host_bound_wherever_people_come_by_https(here: Site) -> None:
    import msgspec

    from service.web import cookies

    desk = here.app.state.desk
    secure = msgspec.structs.replace(desk, secure=True)
    assert cookies.keep(desk, "x", seconds=9).key == "lk_session"
    kept = cookies.keep(secure, "x", seconds=9)
    assert (kept.key, kept.secure, kept.httponly, kept.path) == (
        "__Host-lk_session",
        True,
        True,
        "/",
    )
