"""No door tells which accounts exist: the same bytes, and the same work done, counted not timed.

Work is counted where it begins: statements sent to PostgreSQL, in their order, and hashes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import httpx2
import pytest

from service.actions import add_member, hashing
from service.actions.add_member import NewMember
from service.domain.people import Role
from tests.web import signing
from tests.web.site import Site

KNOWN, DISABLED, INVITED, NOBODY = (
    f"{name}@northside.example" for name in ("ana", "dora", "ivan", "nobody")
)
WRONG = "not the password of anybody"
EVERYBODY = (KNOWN, DISABLED, INVITED, NOBODY, "no address at all")


@pytest.fixture
async def crowded(here: Site) -> Site:
    """A site with somebody of every kind there is to tell apart."""
    org = await here.house.organization()
    await signing.may_sign_in(here.house, org.actor, KNOWN)
    for address, password in ((DISABLED, "a password nobody uses 1"), (INVITED, None)):
        wish = NewMember(
            org_id=org.id,
            address=address,
            name="Sam",
            roles=frozenset({Role.READER}),
            password=password,
        )
        await add_member.add_member(here.house.office, org.actor, wish)
    owner = await asyncpg.connect(here.owner_url)
    (login,) = await here.house.keys.indexes(None, "email", DISABLED)
    await owner.execute(
        "update lk.person set state = 'disabled' where id ="
        " (select person_id from lk.person_login where token = $1)",
        login.digest,
    )
    await owner.close()
    # What is fetched once and kept is fetched before anything is counted.
    async with here.caller() as caller:
        await caller.post("/api/v1/sessions", json={"address": NOBODY, "password": WRONG})
        await caller.post("/api/v1/passwords/forgotten", json={"address": "x@y.example"})
    return here


@contextmanager
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """List what is done: the first words of each statement, and each hash."""
    done: list[str] = []
    with monkeypatch.context() as watched:
        for name in ("execute", "fetch", "fetchrow", "fetchval"):
            watched.setattr(asyncpg.Connection, name, _noting(name, done))
        beside = hashing._beside

        async def hashed(work: Any, *given: Any) -> Any:
            done.append("hash")
            return await beside(work, *given)

        watched.setattr(hashing, "_beside", hashed)
        yield done
    _drop_what_time_asked_for(done)


def _drop_what_time_asked_for(done: list[str]) -> None:
    """Leave out the look at whether keys were destroyed: once a second, whoever signs in."""
    while places := [place for place, each in enumerate(done) if "key_generation" in each]:
        begun, ended = places[0] - 1, places[0] + 1
        assert (done[begun], done[ended]) == ("begin", "commit")
        del done[begun : ended + 1]


def _noting(name: str, done: list[str]) -> Any:
    real = getattr(asyncpg.Connection, name)

    async def noted(self: Any, query: str, *given: Any, **more: Any) -> Any:
        # A scope names the person it is for: whom is not to be seen in the work either.
        done.append("begin" if query.startswith("begin") else query.split("where", maxsplit=1)[0])
        return await real(self, query, *given, **more)

    return noted


def told(answer: httpx2.Response) -> tuple[Any, ...]:
    """Return everything of an answer but its own id."""
    said = sorted((k, v) for k, v in answer.headers.items() if k != "x-request-id")
    body = answer.text.replace(answer.headers["x-request-id"], "")
    return answer.status_code, said, body


async def test_a_wrong_sign_in_is_the_same_and_costs_the_same_for_everybody(
    crowded: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, works = [], []
    async with crowded.caller() as caller:
        for address in EVERYBODY:
            with work(monkeypatch) as done:
                said = {"address": address, "password": WRONG}
                answers.append(told(await caller.post("/api/v1/sessions", json=said)))
            works.append(done)
    assert answers.count(answers[0]) == len(EVERYBODY)
    assert works.count(works[0]) == len(EVERYBODY)
    assert works[0].count("hash") == 1


async def test_a_forgotten_password_is_the_same_and_costs_the_same_for_everybody(
    crowded: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, works = [], []
    async with crowded.caller() as caller:
        for address in EVERYBODY:
            with work(monkeypatch) as done:
                said = {"address": address}
                answers.append(told(await caller.post("/api/v1/passwords/forgotten", json=said)))
            works.append(done)
    assert answers.count(answers[0]) == len(EVERYBODY)
    assert works.count(works[0]) == len(EVERYBODY)
    assert any("password_ask" in each for each in works[0])


async def test_a_link_nobody_made_is_refused_as_one_that_ended(
    crowded: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = await crowded.house.organization("South")
    wish = NewMember(
        org_id=org.id, address="eva@south.example", name="Eva", roles=frozenset({Role.READER})
    )
    added = await add_member.add_member(crowded.house.office, org.actor, wish)
    assert added.invitation is not None
    used = added.invitation.token
    good = {"token": used, "password": "violet kettle under 7 bridges"}
    answers, works = [], []
    async with crowded.caller() as caller:
        assert (await caller.post("/api/v1/invitations/accept", json=good)).status_code == 200
        for token in (used, "li_" + "a" * 43, "nonsense"):
            with work(monkeypatch) as done:
                said = good | {"token": token}
                answers.append(told(await caller.post("/api/v1/invitations/accept", json=said)))
            works.append(done)
    assert answers.count(answers[0]) == 3
    assert works.count(works[0]) == 3


async def test_a_passkey_is_asked_for_without_a_word_about_whom(crowded: Site) -> None:
    async with crowded.caller() as caller:
        asked = [await caller.post("/api/v1/sessions/passkey/options") for _ in range(2)]
        shapes = [{**each.json(), "challenge": ""} for each in asked]
        assert shapes[0] == shapes[1]
        assert shapes[0]["allowCredentials"] == []
        assert asked[0].json()["challenge"] != asked[1].json()["challenge"]
        strange = {
            "id": "AAAA",
            "rawId": "AAAA",
            "type": "public-key",
            "response": {"clientDataJSON": "AAAA"},
        }
        refused = await caller.post("/api/v1/sessions/passkey", json={"credential": strange})
        password = {"address": KNOWN, "password": WRONG}
        wrong = await caller.post("/api/v1/sessions", json=password)
    assert told(refused)[0::2] == told(wrong)[0::2]


async def test_over_https_the_cookie_is_the_hosts_alone(
    fresh_database: str, redis_url: str, tmp_path: Any
) -> None:
    from tests.web.site import site

    url = "https://loop.example"
    async with site(
        fresh_database,
        redis_url,
        tmp_path,
        public_url=url,
        demo=False,
        allowed_hosts=("loop.example", "127.0.0.1"),
    ) as secure:
        org = await secure.house.organization()
        address = await signing.may_sign_in(secure.house, org.actor, KNOWN)
        async with secure.caller() as caller:
            said = {"address": address, "password": signing.PASSWORD}
            begun = await caller.post("/api/v1/sessions", json=said)
            assert begun.status_code == 201, begun.text
            cookie = begun.headers["set-cookie"]
        assert cookie.startswith("__Host-lk_session=")
        for part in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
            assert part in cookie
        assert "Domain" not in cookie
        value = cookie.split(";")[0].partition("=")[2]
        # The same secret under the name without the prefix is nobody's.
        async with secure.caller(cookie=f"lk_session={value}") as planted:
            assert (await planted.get("/api/v1/sessions/current")).status_code == 401
        async with secure.caller(cookie=f"__Host-lk_session={value}") as own:
            assert (await own.get("/api/v1/sessions/current")).status_code == 200
