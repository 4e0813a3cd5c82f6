"""Who takes part in a conversation, what of it is taken back, and one's own side of it."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx2
import msgspec
import pytest

from service.store import invariants
from service.store.pool import Scope
from tests.making import Org
from tests.web.pair import Pair
from tests.web.test_threads_api import begun, key, opened, said


class Third(msgspec.Struct):
    """An organization that is not in the conversation yet."""

    org: Org
    caller: httpx2.AsyncClient


@pytest.fixture
async def third(pair: Pair) -> AsyncIterator[Third]:
    org = await pair.site.house.organization("Harbor Cardiology", kind="specialty")
    async with await pair.site.program(org.actor) as caller:
        yield Third(org, caller)
    async with pair.site.house.check.transaction(Scope()) as connection:
        always = [each for each in invariants.INVARIANTS if not each.running]
        found = await invariants.check(connection, always)
    assert {each.invariant.id: each.breaches for each in found if not each.holds} == {}


async def forwarded(caller: Any, thread: Any, org: Org, **more: Any) -> Any:
    body = {"participant": {"org_id": str(org.id)}, "text": "Please look at this.", **more}
    where = f"/api/v1/threads/{thread['thread_id']}/participants"
    return await caller.post(where, json=body, headers=key())


async def texts(caller: Any, thread: Any) -> list[str]:
    return [each.get("text") for each in (await opened(caller, thread)).json()["messages"]]


async def talk(pair: Pair) -> dict[str, Any]:
    """Hold a conversation of three messages."""
    thread = await begun(pair)
    await said(pair.other, thread, "Second")
    await said(pair.one, thread, "Third")
    return thread


@pytest.mark.parametrize(
    ("history", "shown"),
    [
        ("all", ["Could you look at this ECG before we refer?", "Second", "Third"]),
        ("from", ["Second", "Third"]),
        ("none", []),
    ],
)
async def test_a_newcomer_gets_the_past_that_was_chosen(
    pair: Pair, third: Third, history: str, shown: list[str]
) -> None:
    thread = await talk(pair)
    second = (await opened(pair.one, thread)).json()["messages"][1]["id"]
    chosen = {"from_message_id": second} if history == "from" else {}
    answer = await forwarded(pair.other, thread, third.org, history=history, **chosen)
    assert answer.status_code == 201, answer.text
    assert await texts(third.caller, thread) == [*shown, "Please look at this."]
    found = (await opened(third.caller, thread)).json()
    assert found["subject"] == "ECG of a walk-in"
    assert (await said(third.caller, thread, "Normal.")).status_code == 201
    assert (await texts(pair.one, thread))[-1] == "Normal."


async def test_partial_history_gives_no_key_of_what_was_before(pair: Pair, third: Third) -> None:
    thread = await talk(pair)
    second = (await opened(pair.one, thread)).json()["messages"][1]["id"]
    await forwarded(pair.one, thread, third.org, history="from", from_message_id=second)
    async with pair.site.house.check.transaction(Scope()) as connection:
        held = await connection.fetch(
            "select epoch from seal where org_id = $1 and thread_id = $2",
            third.org.id,
            thread["thread_id"],
        )
        told = await connection.fetchval(
            "select count(*) from disclosure where to_org_id = $1", third.org.id
        )
    assert ([row["epoch"] for row in held], told) == ([2], 1)


async def test_who_has_left_sees_and_says_nothing_more(pair: Pair, third: Third) -> None:
    thread = await talk(pair)
    await forwarded(pair.one, thread, third.org, history="all")
    where = f"/api/v1/threads/{thread['thread_id']}/participants/{third.org.id}"
    assert (await pair.other.delete(where)).status_code == 403
    assert (await third.caller.delete(where)).status_code == 200
    assert (await opened(third.caller, thread)).status_code == 404
    assert (await said(third.caller, thread, "Hello?")).status_code == 404
    assert (await said(pair.one, thread, "Without them")).status_code == 201
    async with pair.site.house.check.transaction(Scope()) as connection:
        newest = await connection.fetch(
            "select org_id from seal where thread_id = $1 and epoch = 2", thread["thread_id"]
        )
    assert {row["org_id"] for row in newest} == {pair.sender.id, pair.recipient.id}


async def test_a_message_taken_back_is_nobodys_any_more(pair: Pair, third: Third) -> None:
    thread = await talk(pair)
    found = (await opened(pair.other, thread)).json()
    first = found["messages"][0]["id"]
    await forwarded(pair.one, thread, third.org, history="from", from_message_id=first)
    assert len(await texts(third.caller, thread)) == 4
    where = f"/api/v1/threads/{thread['thread_id']}/messages/{first}/retraction"
    body = {"reason": "wrong_patient", "comment": "This was about somebody else."}
    assert (await pair.other.post(where, json=body)).status_code == 404
    answer = await pair.one.post(where, json=body)
    assert answer.status_code == 200, answer.text
    assert {each["org"] for each in answer.json()["opened_by"]} == {
        "Harbor Food Bank",
        "Harbor Cardiology",
    }
    for caller in (pair.one, pair.other, third.caller):
        stone = (await opened(caller, thread)).json()["messages"][0]
        assert "text" not in stone
        assert (stone["state"], stone["retract_reason"]) == ("retracted", "wrong_patient")
        assert stone["retract_comment"] == body["comment"]
    async with pair.site.house.check.transaction(Scope()) as connection:
        tasks = await connection.fetch(
            "select org_id from human_task where kind = 'message_retracted'"
        )
    assert len(tasks) == 3
    assert await _envelopes(pair, first) == []


async def _envelopes(pair: Pair, message_id: str) -> list[Any]:
    """Look for anything of a message that could still be opened, past every fence."""
    owner = await asyncpg.connect(pair.site.owner_url)
    try:
        return list(
            await owner.fetch(
                "select envelope from lk.message where id = $1 and envelope is not null union all"
                " select envelope from lk.message_copy where message_id = $1"
                " and envelope is not null",
                message_id,
            )
        )
    finally:
        await owner.close()


async def test_an_internal_note_is_for_one_organization(pair: Pair, third: Third) -> None:
    thread = await begun(pair)
    where = f"/api/v1/threads/{thread['thread_id']}/notes"
    once = key()
    kept = await pair.one.post(where, json={"text": "Careful with them."}, headers=once)
    again = await pair.one.post(where, json={"text": "Careful with them."}, headers=once)
    assert (kept.status_code, again.json()) == (201, kept.json())
    mine = (await opened(pair.one, thread)).json()
    theirs = (await opened(pair.other, thread)).json()
    assert [each["text"] for each in mine["internal_notes"]] == ["Careful with them."]
    assert theirs["internal_notes"] == []
    assert (mine["last_seq"], theirs["last_seq"]) == (1, 1)
    assert (await third.caller.post(where, json={"text": "x"}, headers=key())).status_code == 404


async def test_a_draft_waits_on_the_server_until_it_is_sent(pair: Pair) -> None:
    thread = await begun(pair)
    where = f"/api/v1/threads/{thread['thread_id']}/draft"
    assert (await pair.one.get(where)).status_code == 204
    assert (await pair.one.put(where, json={"text": "I thi"})).status_code == 204
    assert (await pair.one.put(where, json={"text": "I think"})).status_code == 204
    assert (await pair.one.get(where)).json()["text"] == "I think"
    assert (await pair.other.get(where)).status_code == 204
    await said(pair.one, thread, "I think so.")
    assert (await pair.one.get(where)).status_code == 204


async def test_reading_is_kept_by_person_and_can_be_taken_back(pair: Pair) -> None:
    thread = await talk(pair)
    colleague = await pair.site.house.member(pair.recipient.id, name="Bo Chen")
    async with await pair.site.program(colleague) as bo:
        await opened(pair.other, thread)
        first = (await pair.other.get("/api/v1/threads")).json()["items"][0]
        theirs = (await bo.get("/api/v1/threads", params={"unread": "true"})).json()["items"]
        assert (first["unread"], theirs[0]["unread"]) == (0, 3)
        where = f"/api/v1/threads/{thread['thread_id']}/read"
        marked = await pair.other.put(where, json={"read_seq": 1})
        assert marked.json() == {"read_seq": 1}
        assert (await opened(pair.other, thread)).json()["unread_from"] == 2


async def test_conversations_are_found_by_whom_when_and_reference(pair: Pair) -> None:
    first, second = await begun(pair), await begun(pair, subject="A second one")

    async def found(**asked: Any) -> list[str]:
        answer = await pair.one.get("/api/v1/threads", params=asked)
        assert answer.status_code == 200, answer.text
        return [each["subject"] for each in answer.json()["items"]]

    assert await found() == ["A second one", "ECG of a walk-in"]
    await said(pair.other, first, "Up again")
    assert await found() == ["ECG of a walk-in", "A second one"]
    assert await found(reference=second["reference"].lower()) == ["A second one"]
    assert await found(reference="nonsense") == []
    assert len(await found(participant=str(pair.recipient.id))) == 2
    assert await found(participant=str(pair.sender.actor.member_id)) == []
    assert len(await found(**{"from": "2020-01-01T00:00:00Z"})) == 2
    assert await found(to="2020-01-01T00:00:00Z") == []
    page = (await pair.one.get("/api/v1/threads", params={"limit": 1})).json()
    rest = (await pair.one.get("/api/v1/threads", params={"after": page["next"]})).json()
    assert [len(page["items"]), len(rest["items"]), rest["next"]] == [1, 1, None]


async def test_advice_becomes_a_referral_in_place(pair: Pair) -> None:
    thread = await talk(pair)
    where = f"/api/v1/threads/{thread['thread_id']}/referral"
    order = pair.order(send=True)
    assert (await pair.other.post(where, json=order, headers=key())).status_code in (403, 404, 422)
    made = await pair.one.post(where, json=order, headers=key())
    assert made.status_code == 201, made.text
    found = (await opened(pair.other, thread)).json()
    assert found["referral_id"] == made.json()["id"]
    assert len(found["messages"]) == 3
    assert (await pair.one.post(where, json=order, headers=key())).status_code == 403
    assert (await said(pair.other, thread, "Thank you for the referral")).status_code == 201


async def test_advice_about_one_patient_becomes_no_referral_of_another(pair: Pair) -> None:
    about = {"patient_id": str(pair.patient_id), "consent_basis": "treatment"}
    thread = await begun(pair, **about)
    where = f"/api/v1/threads/{thread['thread_id']}/referral"
    other = (await pair.site.house.patient(pair.sender)).id
    refused = await pair.one.post(where, json=pair.order(patient_id=str(other)), headers=key())
    assert refused.status_code == 403, refused.text
    assert (await pair.one.get("/api/v1/referrals")).json()["items"] == []
    assert (await pair.one.post(where, json=pair.order(), headers=key())).status_code == 201


async def test_a_ciphertext_that_was_cut_is_told_and_recorded_once(pair: Pair) -> None:
    thread = await talk(pair)
    owner = await asyncpg.connect(pair.site.owner_url)
    for seq, change in ((1, "substring(envelope from 1 for 200)"), (2, "set_byte(envelope, 4, 9)")):
        await owner.execute(
            f"update lk.message set envelope = {change} where thread_id = $1 and seq = $2",
            thread["thread_id"],
            seq,
        )
    before = await owner.fetchval("select count(*) from lk.audit")
    found = await opened(pair.other, thread)
    assert found.status_code == 200
    states = [each["state"] for each in found.json()["messages"]]
    assert states == ["unreadable", "unreadable", "readable"]
    after = await owner.fetch("select detail from lk.audit order by id")
    assert len(after) - before == 1
    assert '"unreadable": [1, 2]' in after[-1]["detail"]
    await owner.close()


async def test_whose_part_in_the_referral_ends_is_out_of_its_conversation(pair: Pair) -> None:
    sent = await pair.sent()
    thread = await begun(pair, referral_id=sent["id"])
    leg = sent["legs"][0]
    declined = await pair.step(pair.other, leg, {"step": "decline", "reason": "no_capacity"})
    assert declined.status_code == 200, declined.text
    assert (await opened(pair.other, thread)).status_code == 404
    assert (await said(pair.one, thread, "Then we ask elsewhere")).status_code == 201
    now = declined.json()["legs"][0]
    undone = await pair.step(pair.other, now, {"step": "undo"})
    assert undone.status_code == 200, undone.text
    assert (await said(pair.one, thread, "Welcome back")).status_code == 201
    found = (await opened(pair.other, thread)).json()["messages"]
    assert [each["state"] for each in found] == ["readable", "absent", "readable"]
    async with pair.site.house.check.transaction(Scope()) as connection:
        results = await invariants.check(connection)
    broken = {
        each.invariant.id for each in results if not each.holds and not each.invariant.running
    }
    assert broken == set()
