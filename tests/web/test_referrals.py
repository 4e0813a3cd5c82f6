"""Referrals over the API: written, listed, read, stepped; and what is refused, and how."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest

from service.domain import ids
from service.domain.people import Role
from service.store.pool import Scope
from tests.making import Org
from tests.web.site import Site

ACCEPT = {"step": "accept", "expected_by": "2030-01-02", "owner": {"name": "Sam Lee"}}


class Pair:
    """A sender and a recipient with a program each, and a patient."""

    def __init__(self, site: Site, sender: Org, recipient: Org, patient_id: UUID) -> None:
        self.site, self.sender, self.recipient = site, sender, recipient
        self.patient_id = patient_id
        self.one: httpx2.AsyncClient
        self.other: httpx2.AsyncClient

    def order(self, **changed: Any) -> dict[str, Any]:
        return {
            "patient_id": str(self.patient_id),
            "recipients": [str(self.recipient.service_id)],
            "question": "Can you help this family with food?",
            "consent_basis": "treatment",
            "send": True,
        } | changed

    async def post(self, body: Any, *, key: str | None = None) -> httpx2.Response:
        headers = {"idempotency-key": key or ids.new_id().hex}
        return await self.one.post("/api/v1/referrals", json=body, headers=headers)

    async def sent(self, **changed: Any) -> dict[str, Any]:
        answer = await self.post(self.order(**changed))
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def step(self, caller: httpx2.AsyncClient, leg: Any, body: Any, **kw: Any) -> Any:
        return await caller.post(
            f"/api/v1/legs/{leg['id']}/steps", json={"version": leg["version"]} | body, **kw
        )


@pytest.fixture
async def pair(here: Site) -> Any:
    house = here.house
    await house.organization("Valley CCO", kind="coordination", cco=True)
    sender = await house.organization("Northside Clinic")
    recipient = await house.organization("Harbor Food Bank", kind="social_service")
    made = Pair(here, sender, recipient, (await house.patient(sender)).id)
    made.one, made.other = await here.program(sender.actor), await here.program(recipient.actor)
    async with made.one, made.other:
        yield made


async def test_a_referral_is_written_sent_answered_and_closed(pair: Pair) -> None:
    made = await pair.sent()
    assert made["state"] == "with_recipient"
    assert {step["step"] for step in made["open_steps"]} == {"recall", "void"}
    leg = made["legs"][0]
    mine = (await pair.other.get("/api/v1/referrals?view=mine_to_answer")).json()["items"]
    assert [item["reference"] for item in mine] == [made["reference"]]
    assert mine[0]["patient"]["family"] == "García López"
    assert "has not answered" in mine[0]["why_open"]
    accepted = await pair.step(pair.other, leg, ACCEPT)
    assert accepted.status_code == 200, accepted.text
    leg = accepted.json()["legs"][0]
    assert leg["state"] == "accepted"
    assert "undo" in {step["step"] for step in leg["open_steps"]}
    done = await pair.step(
        pair.other, leg, {"step": "complete", "outcome": "served", "need_met": "yes"}
    )
    assert done.status_code == 200, done.text
    review = (await pair.one.get("/api/v1/referrals?view=to_review")).json()["items"]
    assert len(review) == 1
    closed = await pair.one.post(
        f"/api/v1/referrals/{made['id']}/steps",
        json={"step": "review"},
        headers={"if-match": f'"{review[0]["version"]}"'},
    )
    assert closed.status_code == 200, closed.text
    assert closed.json()["state"] == "closed"
    counted = await pair.one.get("/api/v1/measures/rates?since=2020-01-01&until=2090-01-01")
    assert [rate["yes"] for rate in counted.json()["rates"]] == [1, 1, 1]


async def test_a_reader_sees_words_history_and_what_may_be_done(pair: Pair) -> None:
    made = await pair.sent(narrative="Two children.", reason_codes=["Z59.41"])
    leg = made["legs"][0]
    asked = await pair.step(
        pair.other, leg, {"step": "ask", "items": ["insurance card"], "due_on": "2030-01-02"}
    )
    assert asked.status_code == 200, asked.text
    answer = await pair.one.get(f"/api/v1/referrals/{made['id']}")
    read = answer.json()
    assert read["question"] == "Can you help this family with food?"
    assert read["narrative"] == "Two children."
    assert read["reason_codes"] == ["Z59.41"]
    assert read["patient"]["name"]["family"] == "García López"
    assert read["disclosed"] is True
    assert read["history"][-1]["words"] == {"items": ["insurance card"]}
    assert answer.headers["etag"] == f'"{asked.json()["version"]}"'
    legs = read["referral"]["legs"]
    assert "supply" in {step["step"] for step in legs[0]["open_steps"]}
    assert "accept" in {step["step"] for step in legs[0]["on_behalf_steps"]}
    assert read["referral"]["web_url"].endswith(made["id"])
    spanish = await pair.one.get(
        f"/api/v1/referrals/{made['id']}", headers={"accept-language": "es-MX"}
    )
    assert "espera información" in spanish.json()["referral"]["why_open"]


async def test_that_it_was_read_is_recorded(pair: Pair) -> None:
    made = await pair.sent()
    answer = await pair.other.get(f"/api/v1/referrals/{made['id']}")
    async with pair.site.house.office.db.transaction(Scope(org_id=pair.recipient.id)) as connection:
        rows = await connection.fetch(
            "select action, request_id from audit where action = 'referral.read'"
        )
    assert [row["request_id"] for row in rows] == [answer.headers["x-request-id"]]


async def test_somebody_elses_referral_is_the_same_bytes_as_none(pair: Pair) -> None:
    made = await pair.sent()
    stranger = await pair.site.house.organization("Elsewhere Clinic")
    async with await pair.site.program(stranger.actor) as third:
        theirs = await third.get(f"/api/v1/referrals/{made['id']}")
        none = await third.get(f"/api/v1/referrals/{ids.new_id()}")
        step = await pair.step(third, made["legs"][0], ACCEPT)
        reference = await third.get(f"/api/v1/referrals/by-reference/{made['reference']}")
        malformed = await third.get("/api/v1/referrals/not-an-id")
    assert {answer.status_code for answer in (theirs, none, step, reference, malformed)} == {404}
    assert len({answer.content for answer in (theirs, none, step, reference, malformed)}) == 1


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


async def test_pages_follow_each_other_and_a_cursor_is_of_its_list_only(pair: Pair) -> None:
    sent = [(await pair.sent())["id"] for _ in range(5)]
    first = (await pair.one.get("/api/v1/referrals?limit=2")).json()
    second = (await pair.one.get(f"/api/v1/referrals?limit=3&after={first['next']}")).json()
    shown = [item["id"] for item in (*first["items"], *second["items"])]
    assert shown == list(reversed(sent))
    assert second["next"] is None
    wrong = await pair.one.get(f"/api/v1/referrals?view=closed&after={first['next']}")
    forged = await pair.one.get("/api/v1/referrals?after=AAAA")
    unknown = await pair.one.get("/api/v1/referrals?limit=0")
    assert [a.status_code for a in (wrong, forged, unknown)] == [422, 422, 422]


async def test_every_list_answers(pair: Pair) -> None:
    await pair.sent()
    await pair.sent(send=False)
    from service.actions.worklists import View

    counts = {}
    for view in View:
        answer = await pair.one.get(f"/api/v1/referrals?view={view}&member=mine")
        assert answer.status_code == 200, answer.text
        counts[view.value] = len(answer.json()["items"])
    assert counts["waiting_for_others"] == 1
    assert counts["drafts"] == 1
    assert counts["all"] == 2


async def test_a_referral_is_found_by_another_systems_id(pair: Pair) -> None:
    made = await pair.sent(external_ids=[{"system": "urn:ehr", "value": "A-77"}])
    body = {"system": "urn:ehr", "value": "A-77"}
    found = await pair.one.post("/api/v1/referrals/find", json=body)
    assert found.json()["referral"]["id"] == made["id"]
    assert (await pair.other.post("/api/v1/referrals/find", json=body)).status_code == 404
    typed = made["reference"].lower().replace("-", " ")
    by_name = await pair.other.get(f"/api/v1/referrals/by-reference/{typed}")
    assert by_name.json()["referral"]["id"] == made["id"]


async def test_a_note_is_filed_sealed_and_read(pair: Pair) -> None:
    leg = (await pair.sent())["legs"][0]
    leg = (await pair.step(pair.other, leg, ACCEPT)).json()["legs"][0]
    note = {
        "type_code": "11488-4",
        "text": "Seen; groceries given.",
        "author": "Sam Lee",
        "written_on": "2026-01-02",
    }
    answer = await pair.other.post(
        f"/api/v1/legs/{leg['id']}/documents",
        json={
            "document": note,
            "filed_as": "outcome",
            "outcome": "served",
            "need_met": "yes",
            "version": leg["version"],
        },
        headers={"idempotency-key": "note"},
    )
    assert answer.status_code == 201, answer.text
    read = (await pair.one.get(f"/api/v1/referrals/{answer.json()['id']}")).json()
    document = read["documents"][0]
    assert (document["text"], document["author"]) == (note["text"], "Sam Lee")
    assert {"written_on", "received_at", "entered_at"} <= set(document)
    alone = await pair.one.get(f"/api/v1/documents/{document['id']}")
    assert alone.json() == document
    stranger = await pair.site.house.organization("Elsewhere Clinic")
    async with await pair.site.program(stranger.actor) as third:
        assert (await third.get(f"/api/v1/documents/{document['id']}")).status_code == 404


async def test_accept_and_book_are_one_form(pair: Pair) -> None:
    leg = (await pair.sent())["legs"][0]
    book = {"step": "schedule", "starts_at": "2030-01-02T09:00:00-08:00", "modality": "phone"}
    answer = await pair.step(pair.other, leg, ACCEPT | {"also": [book]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["legs"][0]["state"] == "scheduled"
    half = await pair.step(
        pair.other, answer.json()["legs"][0], {"step": "no_show", "also": [{"step": "review"}]}
    )
    assert half.status_code == 409


async def test_a_fax_is_recorded_on_the_recipients_behalf(pair: Pair) -> None:
    made = await pair.sent()
    heard = {"source": "fax", "spoke_to": "Sam Lee"}
    answer = await pair.step(pair.one, made["legs"][0], ACCEPT | {"on_behalf": heard})
    assert answer.status_code == 200, answer.text
    line = (await pair.one.get(f"/api/v1/referrals/{made['id']}")).json()["history"][-1]
    assert (line["on_behalf"], line["source"]) == (True, "fax")
    assert line["words"]["spoke_to"] == "Sam Lee"


async def test_a_loop_is_handed_to_another_member(pair: Pair) -> None:
    made = await pair.sent()
    bo = await pair.site.house.member(pair.sender.id, name="Bo Chen")
    path = f"/api/v1/referrals/{made['id']}/owner"
    body = {"member_id": str(bo.member_id), "version": made["version"]}
    assert (await pair.other.put(path, json=body)).status_code in (403, 404)
    answer = await pair.one.put(path, json=body)
    assert answer.status_code == 200, answer.text
    assert (await pair.one.put(path, json=body)).status_code == 412
    read = (await pair.one.get(f"/api/v1/referrals/{made['id']}")).json()
    assert read["referral"]["owner"]["name"] == "Bo Chen"
    strange = body | {"member_id": str(ids.new_id()), "version": answer.json()["version"]}
    assert (await pair.one.put(path, json=strange)).status_code == 422


async def test_a_reader_without_a_role_for_it_is_refused(pair: Pair) -> None:
    reader = await pair.site.house.member(pair.sender.id, roles=frozenset({Role.READER}))
    async with await pair.site.program(reader) as caller:
        assert (await caller.get("/api/v1/referrals")).status_code == 403
        answer = await caller.post("/api/v1/referrals", json=pair.order())
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/refused"


async def test_the_front_desk_reads_who_but_not_why(pair: Pair) -> None:
    made = await pair.sent()
    desk = await pair.site.house.member(pair.sender.id, roles=frozenset({Role.FRONT_DESK}))
    async with await pair.site.program(desk) as caller:
        read = (await caller.get(f"/api/v1/referrals/{made['id']}")).json()
    assert read["patient"]["name"]["family"] == "García López"
    assert "question" not in read


async def test_the_demos_clock_moves_and_only_forward(pair: Pair) -> None:
    before = await pair.one.post("/api/v1/demo/skip", json={"hours": 0})
    assert before.status_code in (200, 403)
    wrong = await pair.one.post("/api/v1/demo/skip", json={"days": -1})
    assert wrong.status_code == 422
