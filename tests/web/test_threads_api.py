"""Conversations over the API: begun, answered, opened, and closed to everybody else."""

from typing import Any

import pytest

from service.domain import ids
from tests.web.pair import Pair

HELLO = "Could you look at this ECG before we refer?"


def key() -> dict[str, str]:
    return {"idempotency-key": ids.new_id().hex}


async def begun(pair: Pair, **changed: Any) -> dict[str, Any]:
    """Begin a thread from the sender to the recipient."""
    body = {
        "subject": "ECG of a walk-in",
        "text": HELLO,
        "participants": [{"org_id": str(pair.recipient.id)}],
    } | changed
    answer = await pair.one.post("/api/v1/threads", json=body, headers=key())
    assert answer.status_code == 201, answer.text
    return answer.json()


async def said(caller: Any, thread: dict[str, Any], text: str, **more: Any) -> Any:
    where = f"/api/v1/threads/{thread['thread_id']}/messages"
    return await caller.post(where, json={"text": text, **more}, headers=key())


async def opened(caller: Any, thread: dict[str, Any], **asked: Any) -> Any:
    return await caller.get(f"/api/v1/threads/{thread['thread_id']}", params=asked)


async def test_what_one_says_the_other_reads_and_answers(pair: Pair) -> None:
    thread = await begun(pair)
    found = (await opened(pair.other, thread)).json()
    assert [each["text"] for each in found["messages"]] == [HELLO]
    assert (found["subject"], found["unread_from"]) == ("ECG of a walk-in", 1)
    answer = await said(pair.other, thread, "Looks benign.", reply_to=found["messages"][0]["id"])
    assert (answer.status_code, answer.json()["seq"]) == (201, 2)
    back = (await opened(pair.one, thread)).json()
    assert [each["text"] for each in back["messages"]] == [HELLO, "Looks benign."]
    assert back["messages"][1]["author_org"] == "Harbor Food Bank"
    assert back["messages"][1]["reply_to"] == back["messages"][0]["id"]
    assert back["unread_from"] == 2


async def test_a_thread_on_a_referral_stands_on_its_basis(pair: Pair) -> None:
    referral = await pair.sent()
    thread = await begun(pair, referral_id=referral["id"])
    found = (await opened(pair.other, thread)).json()
    assert found["referral_id"] == referral["id"]
    from_other = await pair.other.post(
        "/api/v1/threads",
        json={
            "subject": "A question",
            "text": "Which clinic?",
            "referral_id": referral["id"],
            "participants": [{"org_id": str(pair.sender.id)}],
        },
        headers=key(),
    )
    assert from_other.status_code == 201, from_other.text


async def test_a_stranger_finds_nothing(pair: Pair) -> None:
    thread = await begun(pair)
    stranger = await pair.site.house.organization("Stranger")
    async with await pair.site.program(stranger.actor) as caller:
        nothing = await caller.get(f"/api/v1/threads/{ids.new_id()}")
        for answer in (await opened(caller, thread), await said(caller, thread, "Let me in")):
            assert answer.status_code == 404
            assert answer.content == nothing.content


async def test_the_same_key_says_it_once(pair: Pair) -> None:
    thread = await begun(pair)
    where, same = f"/api/v1/threads/{thread['thread_id']}/messages", key()
    first = await pair.one.post(where, json={"text": "Once"}, headers=same)
    again = await pair.one.post(where, json={"text": "Once"}, headers=same)
    other = await pair.one.post(where, json={"text": "Twice"}, headers=same)
    assert first.json()["message_id"] == again.json()["message_id"]
    assert (again.headers["idempotency-replayed"], other.status_code) == ("true", 422)
    assert len((await opened(pair.one, thread)).json()["messages"]) == 2


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"participants": []}, "participants"),
        ({"participants": [{"org_id": str(ids.new_id())}]}, "participants"),
        ({"text": ""}, "text"),
        ({"sensitivity": "part2"}, "patient_id"),
    ],
)
async def test_bad_input_is_told_by_its_field(pair: Pair, changed: Any, field: str) -> None:
    body = {
        "subject": "x",
        "text": "x",
        "participants": [{"org_id": str(pair.recipient.id)}],
    } | changed
    answer = await pair.one.post("/api/v1/threads", json=body, headers=key())
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_too_many_messages_of_one_member_wait(pair: Pair) -> None:
    thread = await begun(pair)
    answers = [(await said(pair.one, thread, f"No. {n}")).status_code for n in range(22)]
    assert (answers[0], answers[-1]) == (201, 429)
    assert (await said(pair.other, thread, "I may")).status_code == 201
