"""The network's administration sets how long clocks wait, after a look at last month."""

from datetime import timedelta
from typing import Any

import asyncpg
import httpx2
import pytest

from service.domain.people import Role
from service.store.pool import Scope
from tests.web.pair import Pair

ANSWER = {"clock": "answer", "priority": "routine"}
LONG = {**ANSWER, "unit": "business_days", "amount": 10, "grace": 0}


@pytest.fixture
async def admin(pair: Pair) -> httpx2.AsyncClient:
    return await pair.site.program(pair.cco.actor)


async def timer(pair: Pair, made: dict[str, Any]) -> dict[str, Any]:
    async with pair.site.house.check.transaction(Scope()) as connection:
        row = await connection.fetchrow(
            "select started_at, late_at, reckoning from timer where referral_id = $1"
            " and clock = 'answer' and state = 'armed'",
            made["id"],
        )
    return dict(row)


async def later(pair: Pair, *, days: int) -> None:
    owner = await asyncpg.connect(pair.site.owner_url)
    try:
        await owner.execute(
            "update lk.clock_offset set writable = true,"
            " offset_by = offset_by + make_interval(days => $1)",
            days,
        )
    finally:
        await owner.close()


async def in_force(admin: httpx2.AsyncClient, **wanted: str | None) -> dict[str, Any]:
    items = (await admin.get("/api/v1/clocks")).json()["items"]
    wanted = {**ANSWER, "category": None, **wanted}
    (found,) = [each for each in items if wanted.items() <= each.items()]
    return dict(found)


async def test_every_clock_has_a_term_for_every_priority(admin: httpx2.AsyncClient) -> None:
    items = (await admin.get("/api/v1/clocks")).json()["items"]
    assert len(items) == 30
    assert {each["setting"] for each in items} == {None}


async def test_a_term_is_in_force_for_what_is_armed_from_then_on(
    pair: Pair, admin: httpx2.AsyncClient
) -> None:
    before = await timer(pair, await pair.sent())
    seen = (await admin.post("/api/v1/clocks/preview", json=LONG)).json()["seen"]
    assert seen is None
    answer = await admin.put("/api/v1/clocks", json={"term": LONG, "seen": seen})
    assert answer.status_code == 204
    after = await timer(pair, await pair.sent())
    assert after["reckoning"]["term"]["amount"] == 10
    assert after["late_at"] - after["started_at"] > timedelta(days=12)
    assert (await in_force(admin))["setting"]["set_by"]
    # What was promised under the term before stays so.
    assert before["reckoning"]["term"]["amount"] == 2


async def test_the_word_for_a_kind_of_service_comes_before_everybodys(
    pair: Pair, admin: httpx2.AsyncClient
) -> None:
    async with pair.site.house.check.transaction(Scope()) as connection:
        kind = await connection.fetchval(
            "select category from healthcare_service where org_id = $1", pair.recipient.id
        )
    own = {**LONG, "category": kind, "amount": 7}
    for term in (own, LONG):
        answer = await admin.put("/api/v1/clocks", json={"term": term, "seen": None})
        assert answer.status_code == 204
    assert (await timer(pair, await pair.sent()))["reckoning"]["term"]["amount"] == 7
    seen = (await admin.post("/api/v1/clocks/preview", json=own)).json()["seen"]
    back = {**ANSWER, "category": kind}
    answer = await admin.put("/api/v1/clocks", json={"term": back, "seen": seen})
    assert answer.status_code == 204
    assert (await timer(pair, await pair.sent()))["reckoning"]["term"]["amount"] == 10


async def test_a_preview_says_what_last_month_would_have_been(
    pair: Pair, admin: httpx2.AsyncClient
) -> None:
    for _ in range(3):
        await pair.sent()
    await later(pair, days=9)
    said = (await admin.post("/api/v1/clocks/preview", json=LONG)).json()
    assert said["now"] == {"referrals": 3, "nudged": 3, "moved": 3}
    assert said["then"] == {"referrals": 3, "nudged": 3, "moved": 0}
    assert (await in_force(admin))["setting"] is None


async def test_a_preview_that_is_out_of_date_is_said(pair: Pair, admin: httpx2.AsyncClient) -> None:
    first = await admin.put("/api/v1/clocks", json={"term": LONG, "seen": None})
    assert first.status_code == 204
    again = await admin.put("/api/v1/clocks", json={"term": LONG, "seen": None})
    assert again.status_code == 409
    assert again.json()["type"].endswith("/term-changed")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"unit": "same_day"}, "unit"),
        ({"grace": 99}, "grace"),
        ({"category": "astrology"}, "category"),
        ({"priority": "emergent"}, "unit"),
    ],
)
async def test_nonsense_is_told_by_its_field(
    admin: httpx2.AsyncClient, change: dict[str, Any], field: str
) -> None:
    for answer in (
        await admin.post("/api/v1/clocks/preview", json=LONG | change),
        await admin.put("/api/v1/clocks", json={"term": LONG | change, "seen": None}),
    ):
        assert answer.status_code == 422
        assert field in [each["field"] for each in answer.json()["errors"]]
    assert (await in_force(admin))["setting"] is None


async def test_others_neither_see_nor_set_them(pair: Pair) -> None:
    coordinator = await pair.site.program(
        await pair.site.house.member(pair.cco.id, roles=frozenset({Role.COORDINATOR}))
    )
    assert (await pair.one.get("/api/v1/clocks")).status_code == 404
    assert (await coordinator.get("/api/v1/clocks")).status_code == 200
    refused = await coordinator.put("/api/v1/clocks", json={"term": LONG, "seen": None})
    assert refused.status_code == 403


async def test_a_change_is_on_record_with_what_was_before(
    pair: Pair, admin: httpx2.AsyncClient
) -> None:
    await admin.put("/api/v1/clocks", json={"term": LONG, "seen": None})
    async with pair.site.house.check.transaction(Scope()) as connection:
        said = await connection.fetchval("select detail from audit where action = 'clock.set'")
    assert said["after"] == "10 business_days"
    assert said["clock"] == "answer"
