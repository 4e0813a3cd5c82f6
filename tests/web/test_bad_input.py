"""What is refused over the API, and how: nothing stored, nothing repeated, nothing lost."""

import asyncio
from typing import Any

import pytest

from service.store.pool import Scope
from tests.web.pair import ACCEPT, Pair


async def test_a_step_that_is_not_open_says_what_is(pair: Pair) -> None:
    made = await pair.sent()
    refused = await pair.step(
        pair.other, made["legs"][0], {"step": "complete", "outcome": "served", "need_met": "yes"}
    )
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/step-refused"
    assert "accept" in refused.json()["open_steps"]


async def test_a_stale_version_is_told_the_new_one(pair: Pair) -> None:
    made = await pair.sent()
    leg = made["legs"][0]
    assert (await pair.step(pair.other, leg, ACCEPT)).status_code == 200
    stale = await pair.step(pair.other, leg, {"step": "decline", "reason": "out_of_area"})
    assert stale.status_code == 412
    assert stale.json()["version"] == leg["version"] + 1
    unsaid = await pair.other.post(f"/api/v1/legs/{leg['id']}/steps", json=ACCEPT)
    assert unsaid.status_code == 422
    assert unsaid.json()["errors"][0]["field"] == "version"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"surprise": "María"}, "surprise"),
        ({"question": 7}, "question"),
        ({"priority": "yesterday María"}, "priority"),
        ({"send": "1"}, "send"),
        ({"recipients": "x"}, "recipients"),
        ({"patient_id": "María"}, "patient_id"),
        ({"external_ids": [{"system": "", "value": "x"}]}, "external_ids[0].system"),
        ({"ordering_name": "a\x00b"}, "ordering_name"),
        ({"requested_by": "9999-12-31"}, "requested_by"),
        ({"phone_handoff_at": "2026-01-02T03:04:05"}, "phone_handoff_at"),
        ({"recipients": []}, "recipients"),
        ({"reason_codes": ["María"]}, "reason_codes"),
        ({"consent_basis": None}, "consent_basis"),
    ],
)
async def test_a_field_that_is_wrong_is_named_and_not_repeated(
    pair: Pair, changed: dict[str, Any], field: str
) -> None:
    answer = await pair.post(pair.order(**changed))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field
    assert "María" not in answer.text
    listed = (await pair.one.get("/api/v1/referrals")).json()
    assert listed["items"] == []


@pytest.mark.parametrize(
    "asked",
    ["from=9999-12-31T23:59:59-23:59", "to=0001-01-01T00:00:00%2B23:59", "from=2026-01-01T00"],
)
async def test_a_moment_nobody_can_mean_is_refused_in_a_query_too(pair: Pair, asked: str) -> None:
    answer = await pair.one.get(f"/api/v1/threads?{asked}")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == asked.partition("=")[0]


async def test_a_body_of_the_wrong_form_is_refused(pair: Pair) -> None:
    head = {"idempotency-key": "a-key"}
    send = pair.one.post
    broken = await send("/api/v1/referrals", content=b"{", headers=head | JSON)
    form = await send("/api/v1/referrals", content=b"a=b", headers=head | FORM)
    large = await send("/api/v1/referrals", content=b" " * 1_048_577, headers=head | JSON)
    assert (broken.status_code, form.status_code, large.status_code) == (400, 415, 413)
    assert large.json()["limit"] == 1_048_576
    assert {a.headers["content-type"] for a in (broken, form, large)} == {
        "application/problem+json"
    }


JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


async def test_an_act_sent_twice_is_one_act(pair: Pair) -> None:
    first = await pair.post(pair.order(), key="the-same")
    again = await pair.post(pair.order(), key="the-same")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["id"] == first.json()["id"]
    other = await pair.post(pair.order(question="Another?"), key="the-same")
    assert other.status_code == 422
    assert other.json()["type"] == "/problems/idempotency-key-mismatch"
    assert len((await pair.one.get("/api/v1/referrals")).json()["items"]) == 1


async def test_racing_repeats_are_one_act(pair: Pair) -> None:
    answers = await asyncio.gather(*(pair.post(pair.order(), key="race") for _ in range(6)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({a.json()["id"] for a in answers if a.status_code == 201}) == 1
    assert len((await pair.one.get("/api/v1/referrals")).json()["items"]) == 1


async def test_a_repeated_step_is_answered_although_its_version_is_old(pair: Pair) -> None:
    leg = (await pair.sent())["legs"][0]
    head = {"idempotency-key": "accept-once"}
    first = await pair.step(pair.other, leg, ACCEPT, headers=head)
    again = await pair.step(pair.other, leg, ACCEPT, headers=head)
    assert (first.status_code, again.status_code) == (200, 200), again.text
    assert again.json()["version"] == first.json()["version"]
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("key", ["", "two words", "é".encode().decode("latin-1"), "x" * 256])
async def test_a_malformed_key_stores_nothing(pair: Pair, key: str) -> None:
    answer = await pair.one.post(
        "/api/v1/referrals", json=pair.order(), headers={"idempotency-key": key.encode("latin-1")}
    )
    assert answer.status_code == 400
    assert (await pair.one.get("/api/v1/referrals")).json()["items"] == []


async def test_a_creating_act_without_a_key_is_refused(pair: Pair) -> None:
    answer = await pair.one.post("/api/v1/referrals", json=pair.order())
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/idempotency-key-missing"


async def test_a_key_still_under_way_is_a_conflict(pair: Pair) -> None:
    office = pair.site.house.office
    member = pair.sender.actor.member_id
    async with office.db.transaction(Scope(org_id=pair.sender.id)) as connection:
        key_id = await connection.fetchval("select id from api_key where member_id = $1", member)
        await connection.execute(
            "insert into idempotency (principal, key, body_mac, route, status, created_at, org_id)"
            " values ($1, 'slow', 'x', 'x', 201, lk.now(), $2)",
            key_id,
            pair.sender.id,
        )
        answer = await pair.post(pair.order(), key="slow")
    assert answer.status_code == 409, answer.text
    assert answer.json()["type"] == "/problems/idempotency-key-in-flight"
    assert answer.headers
