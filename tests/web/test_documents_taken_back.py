"""A document or a file that was taken back: a tombstone for everybody, its keys for nobody."""

from typing import Any

import asyncpg
import pytest

from service.store import break_glass
from service.store.pool import Scope
from tests import files
from tests.fixtures.keeper import keeper
from tests.web.pair import ACCEPT, Pair
from tests.web.sending import looked_at, recorded, send
from tests.web.test_attachments_taken_along import _said, _thread, fetched, filed

GONE = "/problems/taken-back"
TEXT = "Seen and treated; the rash is gone."


@pytest.fixture
async def referral(pair: Pair) -> dict[str, Any]:
    """A referral that its recipient has accepted."""
    sent = await pair.sent()
    return (await pair.step(pair.other, sent["legs"][0], ACCEPT)).json()


async def note(pair: Pair, referral: dict[str, Any]) -> tuple[str, str]:
    """File a note with a file, and return the ids of both."""
    where = f"referrals/{referral['id']}"
    made = str((await send(pair.other, where)).json()["id"])
    await looked_at(pair.site)
    assert (await filed(pair, referral, made, text=TEXT)).status_code == 201
    async with pair.site.house.check.transaction(Scope()) as connection:
        document = await connection.fetchval(
            "select document_id from attachment where id = $1", made
        )
    return str(document), made


async def taken_back(
    caller: Any, document: str, reason: str = "wrong_patient", *, kind: str = "documents"
) -> Any:
    return await caller.post(f"/api/v1/{kind}/{document}/retraction", json={"reason": reason})


async def left_of(pair: Pair, document: str) -> list[Any]:
    """Look for anything of a document that could still be opened, past every fence."""
    owner = await asyncpg.connect(pair.site.owner_url)
    try:
        return list(
            await owner.fetch(
                "select c.id from lk.content c join lk.document d on d.content_id = c.id"
                " where d.id = $1 and c.envelope is not null union all"
                " select id from lk.attachment where document_id = $1"
                " and num_nonnulls(head, label) > 0",
                document,
            )
        )
    finally:
        await owner.close()


async def test_what_was_taken_back_is_a_tombstone_for_everybody(
    pair: Pair, referral: dict[str, Any]
) -> None:
    document, made = await note(pair, referral)
    assert (await pair.one.get(f"/api/v1/documents/{document}")).json()["text"] == TEXT
    assert (await fetched(pair.one, made)).content == files.PDF
    assert len(await left_of(pair, document)) == 2
    answer = await taken_back(pair.other, document)
    assert answer.status_code == 200, answer.text
    assert await left_of(pair, document) == []
    for caller in (pair.one, pair.other):
        for gone in (
            await caller.get(f"/api/v1/documents/{document}"),
            await fetched(caller, made),
        ):
            assert (gone.status_code, gone.json()["type"]) == (410, GONE)
            assert gone.json()["reason"] == "wrong_patient"
            assert "another patient" in gone.json()["detail"]
        found = (await caller.get(f"/api/v1/referrals/{referral['id']}")).json()
        (stone,) = found["documents"]
        assert (stone["retract_reason"], "text" in stone) == ("wrong_patient", False)
        assert "no_longer_readable" not in found
        where = f"/api/v1/referrals/{referral['id']}/attachments"
        (file,) = (await caller.get(where)).json()["items"]
        assert (file["name"], file["retract_reason"]) == (None, "wrong_patient")


async def test_who_had_it_opened_is_told_to_whoever_filed_it(
    pair: Pair, referral: dict[str, Any]
) -> None:
    document, made = await note(pair, referral)
    assert (await taken_back(pair.one, document)).status_code == 404
    await pair.one.get(f"/api/v1/documents/{document}")
    await pair.one.get(f"/api/v1/referrals/{referral['id']}")
    await fetched(pair.one, made)
    first = (await taken_back(pair.other, document)).json()
    assert [each["org"] for each in first["opened_by"]] == [await _public(pair, pair.sender.id)]
    # A second time changes nothing, and whoever finds the tombstone has opened nothing.
    await pair.one.get(f"/api/v1/documents/{document}")
    assert (await taken_back(pair.other, document, "other")).json()["opened_by"] == first[
        "opened_by"
    ]
    lines = [each for each in await recorded(pair.site, "document.retract") if each[0] == "done"]
    assert lines == [("done", {"reason": "wrong_patient", "opened_by": 1})]


async def _public(pair: Pair, org_id: Any) -> str:
    async with pair.site.house.check.transaction(Scope()) as connection:
        return str(
            await connection.fetchval("select public_name from organization where id = $1", org_id)
        )


async def test_a_file_nobody_opened_names_nobody_and_is_taken_back_alone(
    pair: Pair, referral: dict[str, Any]
) -> None:
    document, made = await note(pair, referral)
    assert (await taken_back(pair.one, made, kind="attachments")).status_code == 404
    answer = await taken_back(pair.other, made, kind="attachments")
    assert (answer.status_code, answer.json()["opened_by"]) == (200, [])
    assert (await fetched(pair.one, made)).status_code == 410
    assert (await pair.one.get(f"/api/v1/documents/{document}")).json()["text"] == TEXT


async def test_a_loose_file_is_not_taken_back_it_is_swept(
    pair: Pair, referral: dict[str, Any]
) -> None:
    made = (await send(pair.other, f"referrals/{referral['id']}")).json()["id"]
    assert (await taken_back(pair.other, made, kind="attachments")).status_code == 404


async def test_a_legal_hold_on_the_patient_keeps_a_note_of_another_organization(
    pair: Pair, referral: dict[str, Any]
) -> None:
    document, made = await note(pair, referral)
    async with keeper(pair.site.house.url) as pool, pool.transaction(Scope()) as connection:
        await connection.execute(
            "insert into legal_hold (id, kind, subject_id, reason, placed_at)"
            " values (gen_random_uuid(), 'patient', $1, 'x', lk.now())",
            pair.patient_id,
        )
    for record, kind in ((document, "documents"), (made, "attachments")):
        held = await taken_back(pair.other, record, kind=kind)
        assert (held.status_code, held.json()["type"]) == (409, "/problems/held")
    assert (await fetched(pair.one, made)).status_code == 200


async def test_privacy_officers_of_everybody_who_had_it_get_a_task_and_a_mail(
    pair: Pair, referral: dict[str, Any]
) -> None:
    house = pair.site.house
    document, _ = await note(pair, referral)
    stranger = await house.organization("Third Pantry", kind="social_service")
    await taken_back(pair.other, document)
    async with house.check.transaction(Scope()) as connection:
        tasks = await connection.fetch(
            "select org_id, member_id, document_id, reason from human_task"
            " where kind = 'document_retracted'"
        )
        mails = await connection.fetch(
            "select org_id, member_id from outbox where kind = 'taken_back'"
        )
        told = set(await connection.fetchval("select array_agg(org_id) from party"))
    assert {pair.sender.id, pair.recipient.id} <= told < {*told, stranger.id}
    async with house.office.db.transaction(Scope(org_id=pair.sender.id)) as connection:
        officers = {each: await break_glass.officers(connection, each) for each in told}
    assert all(officers.values())
    assert {row["org_id"] for row in tasks} == told
    assert {(str(row["document_id"]), row["reason"]) for row in tasks} == {
        (document, "wrong_patient")
    }
    assert {row["member_id"] for row in tasks} == {officers[each][0] for each in told}
    assert {row["member_id"] for row in mails} == {
        member for each in told for member in officers[each]
    }
    shown = (await pair.one.get("/api/v1/human-tasks")).json()["items"]
    assert (shown[0]["kind"], shown[0]["referral_id"]) == ("document_retracted", referral["id"])


async def test_a_message_taken_back_leaves_its_files_as_tombstones(pair: Pair) -> None:
    thread = await _thread(pair)
    made = (await send(pair.one, f"threads/{thread}")).json()["id"]
    await looked_at(pair.site)
    message = (await _said(pair, thread, made)).json()["message_id"]
    assert (await fetched(pair.other, made)).status_code == 200
    answer = await pair.one.post(
        f"/api/v1/threads/{thread}/messages/{message}/retraction", json={"reason": "wrong_content"}
    )
    # Nobody opened the page; but the file was fetched.
    assert [each["org"] for each in answer.json()["opened_by"]] == [
        await _public(pair, pair.recipient.id)
    ]
    gone = await fetched(pair.other, made)
    assert (gone.status_code, gone.json()["reason"]) == (410, "wrong_content")
    async with pair.site.house.check.transaction(Scope()) as connection:
        mails = await connection.fetch("select org_id from outbox where kind = 'taken_back'")
    assert {row["org_id"] for row in mails} == {pair.sender.id, pair.recipient.id}


async def test_one_file_of_a_message_is_taken_back_and_its_words_stay(pair: Pair) -> None:
    thread = await _thread(pair)
    made = (await send(pair.one, f"threads/{thread}")).json()["id"]
    await looked_at(pair.site)
    assert (await _said(pair, thread, made)).status_code == 201
    assert (await taken_back(pair.one, made, kind="attachments")).status_code == 200
    assert (await fetched(pair.other, made)).status_code == 410
    found = (await pair.other.get(f"/api/v1/threads/{thread}")).json()
    assert found["messages"][-1]["text"] == "Here it is."
    async with pair.site.house.check.transaction(Scope()) as connection:
        tasks = await connection.fetch(
            "select org_id, thread_id from human_task where kind = 'file_retracted'"
        )
    assert {row["org_id"] for row in tasks} == {pair.sender.id, pair.recipient.id}
    assert {str(row["thread_id"]) for row in tasks} == {thread}
