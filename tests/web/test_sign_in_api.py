"""Signing in over HTTP: cookies, tokens, and answers that tell a stranger nothing."""

import time

import httpx2
import pytest

from service.actions import add_member
from service.actions.add_member import NewMember
from service.domain.people import Role
from service.store.pool import Scope
from tests.web.site import Site

GOOD = "violet kettle under 7 bridges"
ADDRESS = "sam.lee@example.org"


async def _sam(here: Site, *, password: str | None = GOOD) -> tuple[object, add_member.Added]:
    org = await here.house.organization("Northside Clinic")
    wish = NewMember(
        org_id=org.id,
        address=ADDRESS,
        name="Sam Lee",
        roles=frozenset({Role.ORG_ADMIN, Role.CLINICIAN}),
        password=password,
    )
    return org, await add_member.add_member(here.house.office, org.actor, wish)


async def _sign_in(caller: httpx2.AsyncClient, **changed: str) -> httpx2.Response:
    given = {"address": ADDRESS, "password": GOOD} | changed
    return await caller.post("/api/v1/sessions", json=given)


async def test_a_person_signs_in_acts_and_signs_out(here: Site) -> None:
    await _sam(here)
    async with here.caller() as caller:
        begun = await _sign_in(caller)
        assert begun.status_code == 201, begun.text
        said = begun.json()
        assert said["member"]["organization"] == "Northside Clinic"
        cookie = begun.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        current = await caller.get("/api/v1/sessions/current")
        assert current.json()["csrf_token"] == said["csrf_token"]
        without = await caller.delete("/api/v1/sessions/current")
        assert without.status_code == 403
        token = {"x-csrf-token": said["csrf_token"]}
        ended = await caller.delete("/api/v1/sessions/current", headers=token)
        assert ended.status_code == 204
    async with here.caller(cookie=cookie.split(";")[0]) as caller:
        assert (await caller.get("/api/v1/sessions/current")).status_code == 401


async def test_wrong_password_and_unknown_address_are_the_same_bytes(here: Site) -> None:
    await _sam(here)
    async with here.caller() as caller:
        one = await _sign_in(caller, password="violet kettle under 8 bridges")
        other = await _sign_in(caller, address="nobody@example.org")
    assert one.status_code == other.status_code == 401
    first, second = one.json(), other.json()
    assert first.pop("instance") != second.pop("instance")
    assert first == second
    assert "set-cookie" not in one.headers
    assert ADDRESS not in one.text


async def test_a_flood_of_tries_is_stopped_before_it_is_hashed(here: Site) -> None:
    async with here.caller() as caller:
        answers = [await _sign_in(caller, address=f"n{n}@example.org") for n in range(22)]
        statuses = [answer.status_code for answer in answers]
        assert statuses[:20] == [401] * 20
        assert 429 in statuses[20:]
        began = time.perf_counter()
        refused = await _sign_in(caller)
        assert refused.status_code == 429
        assert "retry-after" in refused.headers
        assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    "header", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}]
)
async def test_another_site_cannot_sign_its_victim_in(here: Site, header: dict[str, str]) -> None:
    await _sam(here)
    async with here.caller(**header) as caller:
        assert (await _sign_in(caller)).status_code == 403


async def test_an_unknown_field_is_named_and_its_value_is_not(here: Site) -> None:
    async with here.caller() as caller:
        answer = await _sign_in(caller, remember="canary-value")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "remember", "detail": "There is no such field."}]
    assert "canary-value" not in answer.text


async def test_an_invited_person_sets_a_password_and_signs_in(here: Site) -> None:
    _, added = await _sam(here, password=None)
    assert added.invitation is not None
    token = added.invitation.token
    async with here.caller() as caller:
        weak = await caller.post(
            "/api/v1/invitations/accept", json={"token": token, "password": "password"}
        )
        assert weak.status_code == 422
        good = {"token": token, "password": GOOD}
        done = await caller.post("/api/v1/invitations/accept", json=good)
        assert done.status_code == 200, done.text
        assert (await caller.post("/api/v1/invitations/accept", json=good)).status_code == 403
        assert (await _sign_in(caller)).status_code == 201


async def test_an_administrator_sees_no_link_and_the_same_answer_whoever_is_added(
    here: Site,
) -> None:
    elsewhere = await here.house.organization("Southside Clinic")
    await add_member.add_member(
        here.house.office,
        elsewhere.actor,
        NewMember(
            org_id=elsewhere.id,
            address="known@example.org",
            name="Known",
            roles=frozenset({Role.FRONT_DESK}),
            password=GOOD,
        ),
    )
    org = await here.house.organization()
    browser, opened = await here.browser(org.actor)
    async with browser:
        answers = [
            await browser.post(
                f"/api/v1/organizations/{org.id}/members",
                json={"address": address, "name": "New", "roles": ["front_desk"]},
                headers={"x-csrf-token": opened.csrf},
            )
            for address in ("new@example.org", "known@example.org")
        ]
    assert [answer.status_code for answer in answers] == [201, 201]
    said = [answer.json() for answer in answers]
    assert said[0].pop("id") != said[1].pop("id")
    assert said[0] == said[1] == {"mailed": True}
    async with here.house.check.transaction(Scope()) as connection:
        mails = await connection.fetch("select kind, invitation_id, code from outbox order by id")
    assert [row["kind"] for row in mails] == ["person_invite", "security"]


async def test_a_key_works_at_once_and_stops_at_once(here: Site) -> None:
    org = await here.house.organization()
    browser, opened = await here.browser(org.actor)
    async with browser:
        token = {"x-csrf-token": opened.csrf}
        wish = {"name": "EHR bridge", "member_id": str(org.actor.member_id)}
        made = (await browser.post("/api/v1/api-keys", json=wish, headers=token)).json()
        async with here.caller(authorization=f"Bearer {made['secret']}") as program:
            assert (await program.get("/api/v1/organizations")).status_code == 200
            refused = await program.post("/api/v1/api-keys", json=wish)
            assert refused.status_code == 403
            listed = (await browser.get("/api/v1/api-keys")).json()["items"]
            assert [key["id"] for key in listed] == [made["id"]]
            assert made["secret"] not in str(listed)
            path = f"/api/v1/api-keys/{made['id']}"
            assert (await browser.delete(path, headers=token)).status_code == 204
            assert (await program.get("/api/v1/organizations")).status_code == 401


async def test_a_person_of_two_organizations_switches_over_http(here: Site) -> None:
    await _sam(here)
    south = await here.house.organization("Southside Clinic")
    wish = NewMember(
        org_id=south.id, address=ADDRESS, name="Sam", roles=frozenset({Role.FRONT_DESK})
    )
    await add_member.add_member(here.house.office, south.actor, wish)
    async with here.caller() as caller:
        begun = (await _sign_in(caller)).json()
        names = [choice["organization"] for choice in begun["choices"]]
        assert names == ["Northside Clinic", "Southside Clinic"]
        switched = await caller.put(
            "/api/v1/sessions/current/member",
            json={"member_id": begun["choices"][1]["member_id"]},
            headers={"x-csrf-token": begun["csrf_token"]},
        )
        assert switched.json()["member"]["roles"] == ["front_desk"]
        proven = await caller.post(
            "/api/v1/sessions/current/proof",
            json={"password": GOOD},
            headers={"x-csrf-token": switched.json()["csrf_token"]},
        )
        assert proven.status_code == 200
        offered = await caller.post(
            "/api/v1/sessions/totp",
            json={"password": GOOD},
            headers={"x-csrf-token": proven.json()["csrf_token"]},
        )
        assert offered.json()["uri"].startswith("otpauth://totp/")
