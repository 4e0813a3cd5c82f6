"""What counts as read is what a page showed, and what was said without somebody is told as that."""

from typing import Any

from tests.web.pair import Pair
from tests.web.test_file_pages import _browser
from tests.web.test_threads_api import begun, opened, said


async def _long(pair: Pair) -> dict[str, Any]:
    """Hold a conversation of six messages, the first being `begun`'s."""
    thread = await begun(pair)
    for number in range(2, 7):
        assert (await said(pair.one, thread, f"Number {number}")).status_code == 201
    return thread


async def _unread(pair: Pair, thread: dict[str, Any]) -> int | None:
    """Ask without reading on: a page of one message that is not the next one."""
    found = (await pair.other.get("/api/v1/threads")).json()["items"]
    return next(each["unread"] for each in found if each["id"] == thread["thread_id"])


async def test_the_newest_page_leaves_what_is_before_it_unread(pair: Pair) -> None:
    thread = await _long(pair)
    assert await _unread(pair, thread) == 6
    newest = (await opened(pair.other, thread, limit=2)).json()
    assert ([each["seq"] for each in newest["messages"]], newest["unread_from"]) == ([5, 6], 1)
    assert await _unread(pair, thread) == 6
    await opened(pair.other, thread, before=3, limit=2)
    assert await _unread(pair, thread) == 4
    # The gap closes: what was shown before counts now.
    await opened(pair.other, thread, before=5, limit=2)
    assert await _unread(pair, thread) == 0


async def test_what_was_marked_unread_is_not_read_by_a_later_page(pair: Pair) -> None:
    thread = await _long(pair)
    await opened(pair.other, thread)
    where = f"/api/v1/threads/{thread['thread_id']}/read"
    await pair.other.put(where, json={"read_seq": 2})
    assert (await opened(pair.other, thread, limit=2)).json()["unread_from"] == 3
    assert await _unread(pair, thread) == 4
    assert (await opened(pair.other, thread, before=5, limit=2)).json()["unread_from"] == 3
    assert await _unread(pair, thread) == 0


async def test_what_was_said_while_somebody_was_out_is_not_called_destroyed(pair: Pair) -> None:
    sent = await pair.sent()
    thread = await begun(pair, referral_id=sent["id"])
    leg = sent["legs"][0]
    declined = await pair.step(pair.other, leg, {"step": "decline", "reason": "no_capacity"})
    assert (await said(pair.one, thread, "Then we ask elsewhere")).status_code == 201
    await pair.step(pair.other, declined.json()["legs"][0], {"step": "undo"})
    async with await _browser(pair, pair.recipient) as browser:
        page = (await browser.get(f"/threads/{thread['thread_id']}")).text
    assert "This was said while you were not part of this conversation." in page
    assert "its key was destroyed" not in page
    assert "Then we ask elsewhere" not in page
