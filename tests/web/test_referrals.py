"""Referrals over the API: written, listed, read, stepped, filed, handed on."""

from datetime import datetime, timedelta

from service.domain import ids
from service.domain.people import Role
from service.store.pool import Scope
from tests.web.pair import ACCEPT, Pair


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


async def test_a_turn_is_in_the_list_of_whoever_must_act(pair: Pair) -> None:
    made = await pair.sent()

    async def mine() -> list[bool]:
        lists = [
            (await each.get("/api/v1/referrals?view=mine_to_answer")).json()["items"]
            for each in (pair.one, pair.other)
        ]
        return [[item["id"] for item in items] == [made["id"]] for items in lists]

    asked = {"step": "ask", "items": ["insurance card"], "due_on": "2030-01-02"}
    assert await mine() == [False, True]
    leg = (await pair.step(pair.other, made["legs"][0], asked)).json()["legs"][0]
    assert await mine() == [True, False]
    leg = (await pair.step(pair.other, leg, ACCEPT)).json()["legs"][0]
    assert await mine() == [False, True]
    await pair.step(pair.other, leg, asked)
    assert await mine() == [True, True]


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
    if before.status_code == 200:
        moved = await pair.one.post("/api/v1/demo/skip", json={"days": 1})
        was, now = (datetime.fromisoformat(each.json()["now"]) for each in (before, moved))
        assert timedelta(days=1) < now - was < timedelta(days=1, minutes=5)
    wrong = await pair.one.post("/api/v1/demo/skip", json={"days": -1})
    assert wrong.status_code == 422
