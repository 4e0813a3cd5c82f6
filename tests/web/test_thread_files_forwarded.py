"""Whoever is let into a conversation gets its files as far as they get its past."""

from typing import Any

import pytest

from tests import files
from tests.web.pair import Pair
from tests.web.sending import looked_at, send
from tests.web.test_attachments_taken_along import _said, _thread, fetched
from tests.web.test_documents_taken_back import taken_back
from tests.web.test_thread_acts import Third, forwarded
from tests.web.test_thread_acts import third as third

BODIES = (files.pdf(1_000), files.pdf(150_000), files.pdf(2_000))


async def _talk(pair: Pair) -> tuple[dict[str, Any], list[str], list[str]]:
    """Hold a conversation in which three messages bring a file each."""
    thread = await _thread(pair)
    made, said = [], []
    for body in BODIES:
        file = (await send(pair.one, f"threads/{thread}", body)).json()["id"]
        await looked_at(pair.site)
        said.append((await _said(pair, thread, file)).json()["message_id"])
        made.append(file)
    return {"thread_id": thread}, made, said


@pytest.mark.parametrize(("history", "given"), [("all", 3), ("from", 2), ("none", 0)])
async def test_a_newcomer_gets_the_files_of_the_past_that_was_chosen(
    pair: Pair, third: Third, history: str, given: int
) -> None:
    thread, made, said = await _talk(pair)
    chosen = {"from_message_id": said[1]} if history == "from" else {}
    answer = await forwarded(pair.other, thread, third.org, history=history, **chosen)
    assert answer.status_code == 201, answer.text
    first = len(made) - given
    for each in made[:first]:
        assert (await fetched(third.caller, each)).status_code == 404
    for each, body in zip(made[first:], BODIES[first:], strict=True):
        assert (await fetched(third.caller, each)).content == body
        part = {"range": "bytes=9-90"}
        got = await third.caller.get(f"/api/v1/attachments/{each}/content", headers=part)
        assert (got.status_code, got.content) == (206, body[9:91])
    where = f"/api/v1/threads/{thread['thread_id']}/attachments"
    items = (await third.caller.get(where)).json()["items"]
    assert [each["name"] for each in items] == ["note.pdf"] * given
    # Nobody else notices.
    assert (await fetched(pair.other, made[1])).content == BODIES[1]


async def test_what_was_shared_is_shared_on_and_taken_back_from_everybody(
    pair: Pair, third: Third
) -> None:
    thread, made, said = await _talk(pair)
    await forwarded(pair.one, thread, third.org, history="from", from_message_id=said[1])
    fourth = await pair.site.house.organization("Harbor Imaging", kind="specialty")
    await forwarded(third.caller, thread, fourth, history="from", from_message_id=said[2])
    async with await pair.site.program(fourth.actor) as caller:
        assert (await fetched(caller, made[2])).content == BODIES[2]
        assert (await fetched(caller, made[1])).status_code == 404
        taken = await taken_back(pair.one, made[2], kind="attachments")
        assert [each["org"] for each in taken.json()["opened_by"]] == ["Harbor Imaging"]
        for each in (caller, third.caller, pair.other):
            assert (await fetched(each, made[2])).status_code == 410
    assert (await fetched(third.caller, made[1])).content == BODIES[1]


async def test_a_file_sent_before_somebody_came_and_said_after_opens_for_them(
    pair: Pair, third: Third
) -> None:
    thread = {"thread_id": await _thread(pair)}
    made = (await send(pair.one, f"threads/{thread['thread_id']}")).json()["id"]
    await looked_at(pair.site)
    await forwarded(pair.one, thread, third.org, history="none")
    assert (await _said(pair, thread["thread_id"], made)).status_code == 201
    for caller in (pair.one, pair.other, third.caller):
        assert (await fetched(caller, made)).content == files.PDF
