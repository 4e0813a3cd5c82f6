"""A file goes with what took it along: destroyed with a document's words, a message, a referral."""

from typing import Any

import pytest

from service.store.pool import Scope
from tests.web.pair import Pair
from tests.web.sending import looked_at, send
from tests.web.test_attachments_taken_along import _said, _thread, fetched, filed, referral
from tests.web.test_no_longer_readable import GONE, destroy

__all__ = ["referral"]


async def told(pair: Pair, file_id: str) -> list[Any]:
    """Fetch a file whose row is still there, as both parties, and say what they are told."""
    async with pair.site.house.check.transaction(Scope()) as connection:
        kept = await connection.fetchval("select count(*) from attachment where id = $1", file_id)
    assert kept == 1
    answers = [await fetched(caller, file_id) for caller in (pair.one, pair.other)]
    return [(each.status_code, each.json()["type"]) for each in answers]


@pytest.mark.parametrize("what", ["message", "referral"])
async def test_the_file_of_a_document_is_destroyed_with_it(
    pair: Pair, referral: dict[str, Any], what: str
) -> None:
    made = (await send(pair.other, f"referrals/{referral['id']}")).json()["id"]
    await looked_at(pair.site)
    assert (await filed(pair, referral, made)).status_code == 201
    assert (await fetched(pair.one, made)).status_code == 200
    async with pair.site.house.check.transaction(Scope()) as connection:
        content_id = await connection.fetchval("select content_id from document")
    await destroy(pair.site.house, what, content_id if what == "message" else referral["id"])
    assert await told(pair, made) == [(410, GONE), (410, GONE)]


async def test_the_file_of_a_message_is_destroyed_with_it(pair: Pair) -> None:
    thread = await _thread(pair)
    made, other = [(await send(pair.one, f"threads/{thread}")).json()["id"] for _ in range(2)]
    await looked_at(pair.site)
    first, second = [
        (await _said(pair, thread, each)).json()["message_id"] for each in (made, other)
    ]
    assert first != second
    await destroy(pair.site.house, "message", first)
    assert (await fetched(pair.one, made)).status_code == 410
    assert (await fetched(pair.other, made)).status_code == 410
    assert (await fetched(pair.other, other)).status_code == 200
