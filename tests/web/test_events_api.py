"""An organization's systems follow its referrals by number over the API."""

import asyncio
import time
from typing import Any

from service.actions import number_events
from service.domain.people import Role
from tests.web.pair import ACCEPT, Pair
from tests.web.test_list_looks import lists

EVENTS = "/api/v1/events"


async def numbered(pair: Pair) -> None:
    while await number_events.number_events(pair.site.house.worker_office):
        pass


async def told(caller: Any, **asked: int) -> Any:
    answer = await caller.get(EVENTS, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_program_follows_a_referral_page_by_page_and_reads_the_same_again(
    pair: Pair,
) -> None:
    made = await pair.sent()
    await pair.step(pair.other, made["legs"][0], ACCEPT)
    await numbered(pair)
    whole = await told(pair.one)
    read, after = [], 0
    while (page := await told(pair.one, after=after, limit=2))["items"]:
        read += page["items"]
        after = page["next"]
    assert read == whole["items"]
    assert [each["number"] for each in read] == list(range(1, len(read) + 1))
    assert whole["last"] == after == len(read)
    accepted = read[-1]
    assert accepted == {
        "number": len(read),
        "id": accepted["id"],
        "at": accepted["at"],
        "type": "leg.accept",
        "party": "recipient",
        "state": "accepted",
        "referral_id": made["id"],
        "reference": made["reference"],
        "leg_id": made["legs"][0]["id"],
    }


async def test_it_tells_no_word_of_the_patient_or_the_question(pair: Pair) -> None:
    await pair.sent(question="Zebrafish canary question")
    await numbered(pair)
    answer = await pair.other.get(EVENTS)
    assert answer.json()["items"]
    for word in ("Zebrafish", "canary", "Garc", "Mar"):
        assert word not in answer.text


async def test_who_waits_is_told_as_soon_as_something_has_a_number(pair: Pair) -> None:
    first = await told(pair.other, wait=0)
    assert first == {"items": [], "next": 0, "last": 0}
    waiting = asyncio.create_task(told(pair.other, wait=20))
    await asyncio.sleep(0.2)
    made = await pair.sent()
    await numbered(pair)
    found = await asyncio.wait_for(waiting, 10)
    assert {each["referral_id"] for each in found["items"]} == {made["id"]}


async def test_who_waits_in_vain_is_told_nothing_in_time(pair: Pair) -> None:
    began = time.monotonic()
    assert (await told(pair.other, wait=1))["items"] == []
    assert 0.9 < time.monotonic() - began < 5


async def test_reading_the_feed_is_one_line_that_names_the_referrals(pair: Pair) -> None:
    made = await pair.sent()
    await numbered(pair)
    for _ in range(3):
        await told(pair.one)
    lines = [line for line in await lists(pair, "referral.list") if line["list"] == "events"]
    assert [line["records"] for line in lines] == [[made["id"]]]


async def test_who_may_not_list_referrals_reads_no_feed(pair: Pair) -> None:
    for role, status in ((Role.ORG_ADMIN, 403), (Role.READER, 403), (Role.INTEGRATION, 200)):
        caller = await pair.site.program(
            await pair.site.house.member(pair.sender.id, roles=frozenset({role}))
        )
        async with caller:
            assert (await caller.get(EVENTS)).status_code == status, role


async def test_what_is_no_number_is_refused(pair: Pair) -> None:
    for asked in ("after=-1", "after=x", "limit=0", "limit=501", "wait=21", "after=9" * 30, "b=1"):
        assert (await pair.one.get(f"{EVENTS}?{asked}")).status_code == 422, asked
