"""Documents and messages take files along: then, and only then, others see them."""

from typing import Any

import httpx2
import pytest

from service.actions import shred
from service.actions.shred import Unit, Why
from service.domain import ids
from service.store.pool import Scope
from tests import files
from tests.fixtures.keeper import keeper
from tests.web.pair import ACCEPT, Pair
from tests.web.sending import looked_at, send


@pytest.fixture
async def referral(pair: Pair) -> dict[str, Any]:
    """A referral that its recipient has accepted."""
    sent = await pair.sent()
    answer = await pair.step(pair.other, sent["legs"][0], ACCEPT)
    return answer.json()


async def filed(
    pair: Pair, referral: dict[str, Any], *attachments: str, **document: Any
) -> httpx2.Response:
    leg = referral["legs"][0]
    body = {
        "document": {
            "type_code": "11488-4",
            "author": "Dr. Lee",
            "written_on": "2026-01-02",
            "attachments": attachments,
            **document,
        },
        "filed_as": "outcome",
        "outcome": "served",
        "need_met": "yes",
        "version": leg["version"],
    }
    return await pair.other.post(
        f"/api/v1/legs/{leg['id']}/documents",
        json=body,
        headers={"idempotency-key": ids.new_id().hex},
    )


async def fetched(caller: httpx2.AsyncClient, file_id: str) -> httpx2.Response:
    return await caller.get(f"/api/v1/attachments/{file_id}/content")


async def test_a_consult_note_is_a_file_and_its_sender_reads_it(
    pair: Pair, referral: dict[str, Any]
) -> None:
    where = f"referrals/{referral['id']}"
    made = (await send(pair.other, where)).json()["id"]
    await looked_at(pair.site)
    assert (await fetched(pair.one, made)).status_code == 404
    answer = await filed(pair, referral, made)
    assert answer.status_code == 201, answer.text
    assert (await fetched(pair.one, made)).content == files.PDF
    (listed,) = (await pair.one.get(f"/api/v1/{where}/attachments")).json()["items"]
    (document,) = (await pair.one.get(f"/api/v1/{where}")).json()["documents"]
    assert (listed["id"], listed["document_id"]) == (made, document["id"])
    assert document["evidence"] == "upload"


async def test_a_file_of_one_part_is_not_shown_to_another_recipient(
    pair: Pair, referral: dict[str, Any]
) -> None:
    house = pair.site.house
    third = await house.organization("Third Pantry", kind="social_service")
    added = await pair.one.post(
        f"/api/v1/referrals/{referral['id']}/steps",
        json={
            "step": "add_leg",
            "recipients": [str(third.service_id)],
            "version": referral["version"],
        },
    )
    made = (await send(pair.other, f"referrals/{referral['id']}")).json()["id"]
    await looked_at(pair.site)
    fresh = (await pair.other.get(f"/api/v1/referrals/{referral['id']}")).json()["referral"]
    assert (await filed(pair, fresh, made)).status_code == 201, added.text
    if added.status_code == 200:
        other = await pair.site.program(third.actor)
        assert (await fetched(other, made)).status_code == 404


@pytest.mark.parametrize("wrong", ["unknown", "another's", "elsewhere", "taken", "threat", "twice"])
async def test_only_ones_own_loose_files_of_this_place_are_taken_along(
    pair: Pair, referral: dict[str, Any], wrong: str
) -> None:
    where = f"referrals/{referral['id']}"
    made = (await send(pair.other, where)).json()["id"]
    wanted = [made]
    match wrong:
        case "unknown":
            wanted = [str(ids.new_id())]
        case "another's":
            wanted = [(await send(pair.one, where)).json()["id"]]
        case "elsewhere":
            another = await pair.sent()
            wanted = [(await send(pair.other, f"referrals/{another['id']}")).json()["id"]]
        case "taken":
            assert (await filed(pair, referral, made)).status_code == 201
            referral = (await pair.other.get(f"/api/v1/{where}")).json()["referral"]
        case "threat":
            await looked_at(pair.site, scanner=_never_clean)
        case _:
            wanted = [made, made]
    leg = referral["legs"][0]
    said = await pair.other.post(
        f"/api/v1/legs/{leg['id']}/documents",
        json={
            "document": {
                "type_code": "11488-4",
                "author": "Dr. Lee",
                "written_on": "2026-01-02",
                "attachments": wanted,
            },
            "filed_as": "addendum" if wrong == "taken" else "interim",
            "version": leg["version"],
        },
        headers={"idempotency-key": ids.new_id().hex},
    )
    assert said.status_code == 422, said.text
    assert said.json()["errors"][0]["field"] == "attachments"


async def _never_clean(pieces: Any) -> bool:
    async for _ in pieces:
        pass
    return False


async def test_a_document_needs_words_or_a_file(pair: Pair, referral: dict[str, Any]) -> None:
    said = await filed(pair, referral)
    assert said.status_code == 422
    assert said.json()["errors"][0]["field"] == "document.text"
    assert (await filed(pair, referral, text="Seen and treated.")).status_code == 201


async def _thread(pair: Pair) -> str:
    answer = await pair.one.post(
        "/api/v1/threads",
        json={
            "subject": "A question",
            "text": "Good morning.",
            "participants": [{"org_id": str(pair.recipient.id)}],
        },
        headers={"idempotency-key": ids.new_id().hex},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["thread_id"])


async def _said(pair: Pair, thread: str, *attachments: str) -> httpx2.Response:
    return await pair.one.post(
        f"/api/v1/threads/{thread}/messages",
        json={"text": "Here it is.", "attachments": attachments},
        headers={"idempotency-key": ids.new_id().hex},
    )


async def test_a_message_takes_files_along(pair: Pair) -> None:
    thread = await _thread(pair)
    made = [(await send(pair.one, f"threads/{thread}")).json()["id"] for _ in range(2)]
    await looked_at(pair.site)
    assert (await fetched(pair.other, made[0])).status_code == 404
    answer = await _said(pair, thread, *made)
    assert answer.status_code == 201, answer.text
    for each in made:
        assert (await fetched(pair.other, each)).content == files.PDF
    items = (await pair.other.get(f"/api/v1/threads/{thread}/attachments")).json()["items"]
    assert {each["message_id"] for each in items} == {answer.json()["message_id"]}
    again = await _said(pair, thread, made[0])
    assert again.json()["errors"][0]["field"] == "attachments"


async def test_a_message_takes_twenty_files_and_no_more(pair: Pair) -> None:
    thread = await _thread(pair)
    made = [(await send(pair.one, f"threads/{thread}")).json()["id"] for _ in range(20)]
    assert (await _said(pair, thread, *made, made[0])).status_code == 422
    assert (await _said(pair, thread, *made)).status_code == 201


async def test_a_file_sent_before_it_was_looked_at_is_held_back_from_everybody(pair: Pair) -> None:
    thread = await _thread(pair)
    made = (await send(pair.one, f"threads/{thread}")).json()["id"]
    assert (await _said(pair, thread, made)).status_code == 201
    for caller in (pair.one, pair.other):
        assert (await fetched(caller, made)).json()["type"] == "/problems/held-back"
    await looked_at(pair.site)
    assert (await fetched(pair.other, made)).content == files.PDF


async def test_a_file_of_a_message_taken_back_opens_for_nobody(pair: Pair) -> None:
    thread = await _thread(pair)
    made = (await send(pair.one, f"threads/{thread}")).json()["id"]
    await looked_at(pair.site)
    message = (await _said(pair, thread, made)).json()["message_id"]
    assert (await fetched(pair.other, made)).status_code == 200
    taken = await pair.one.post(
        f"/api/v1/threads/{thread}/messages/{message}/retraction",
        json={"reason": "wrong_content"},
        headers={"idempotency-key": ids.new_id().hex},
    )
    assert taken.status_code in (200, 201, 204), taken.text
    for caller in (pair.one, pair.other):
        gone = await fetched(caller, made)
        assert (gone.status_code, gone.json()["type"]) == (410, "/problems/taken-back")


async def _destroy(pair: Pair, kind: str, unit_id: Any) -> None:
    async with keeper(pair.site.house.url) as pool:
        assert await shred.shred(pool, Unit(kind=kind, id=unit_id), why=Why.PATIENT_ASKED)


async def test_a_file_ends_with_the_keys_of_its_referral(
    pair: Pair, referral: dict[str, Any]
) -> None:
    made = (await send(pair.other, f"referrals/{referral['id']}")).json()["id"]
    await looked_at(pair.site)
    assert (await filed(pair, referral, made)).status_code == 201
    await _destroy(pair, "referral", referral["id"])
    for caller in (pair.one, pair.other):
        gone = await fetched(caller, made)
        assert (gone.status_code, gone.json()["type"]) == (410, "/problems/no-longer-readable")
        shown = await caller.get(f"/api/v1/attachments/{made}")
        assert (shown.status_code, shown.json()["name"]) == (200, None)


async def test_a_file_ends_with_the_key_of_its_message(pair: Pair) -> None:
    thread = await _thread(pair)
    made = (await send(pair.one, f"threads/{thread}")).json()["id"]
    await looked_at(pair.site)
    message = (await _said(pair, thread, made)).json()["message_id"]
    await _destroy(pair, "message", message)
    async with pair.site.house.check.transaction(Scope()) as connection:
        left = await connection.fetchval("select count(*) from attachment where id = $1", made)
    assert left == 1
    for caller in (pair.one, pair.other):
        gone = await fetched(caller, made)
        assert (gone.status_code, gone.json()["type"]) == (410, "/problems/no-longer-readable")
