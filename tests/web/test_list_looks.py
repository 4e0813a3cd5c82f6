"""A list is one line of the record that names what it showed; the same list again is none."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from service.domain import ids
from service.domain.people import Role
from service.store.pool import Scope
from tests.web import test_threads_api
from tests.web.pair import Pair


async def lists(pair: Pair, action: str = "referral.list") -> list[dict[str, Any]]:
    async with pair.site.house.check.transaction(Scope()) as connection:
        rows = await connection.fetch(
            "select detail from audit where action = $1 order by at, id", action
        )
    return [row["detail"] for row in rows]


async def test_a_list_names_every_record_it_showed(pair: Pair) -> None:
    made = sorted([(await pair.sent())["id"] for _ in range(3)])
    await pair.one.get("/api/v1/referrals?view=all")
    (line,) = await lists(pair)
    assert (line["list"], line["records"]) == ("all", made)


async def test_a_page_that_stays_fresh_adds_no_line_until_it_shows_a_new_record(
    pair: Pair,
) -> None:
    await pair.sent()
    for _ in range(4):
        await pair.one.get("/api/v1/referrals?view=all")
    assert len(await lists(pair)) == 1
    second = await pair.sent()
    for _ in range(3):
        await pair.one.get("/api/v1/referrals?view=all")
    assert len(await lists(pair)) == 2
    assert second["id"] in (await lists(pair))[1]["records"]


async def test_another_list_another_session_or_another_quarter_hour_is_a_look_of_its_own(
    pair: Pair, connect
) -> None:
    await pair.sent()
    await pair.one.get("/api/v1/referrals?view=all")
    await pair.one.get("/api/v1/referrals?view=waiting_for_others")
    assert len(await lists(pair)) == 2
    browser, _ = await pair.site.browser(pair.sender.actor)
    async with browser:
        for _ in range(2):
            await browser.get("/api/v1/referrals?view=all")
    assert len(await lists(pair)) == 3
    owner = await connect(pair.site.owner_url)
    await owner.execute("update lk.clock_offset set offset_by = interval '16 minutes'")
    await pair.one.get("/api/v1/referrals?view=all")
    assert len(await lists(pair)) == 4


async def test_work_for_people_is_a_list_of_the_referrals_it_is_about(pair: Pair) -> None:
    made = await pair.sent()
    leg = made["legs"][0]
    async with pair.site.house.worker.transaction(Scope()) as connection:
        await connection.execute(
            "insert into human_task (id, kind, org_id, referral_id, leg_id, reason, opened_at)"
            " values (gen_random_uuid(), 'call', $1, $2::text::uuid, $3::text::uuid, 'x',"
            " lk.now())",
            pair.sender.id,
            made["id"],
            leg["id"],
        )
    for _ in range(2):
        answer = await pair.one.get("/api/v1/human-tasks")
        assert answer.json()["items"]
    assert [line["records"] for line in await lists(pair)] == [[made["id"]]]


@pytest.mark.parametrize("path", ["/api/v1/threads", "/threads"])
async def test_a_list_of_conversations_that_stays_fresh_is_one_line_until_one_is_new(
    pair: Pair, path: str
) -> None:
    browser, _ = await pair.site.browser(pair.sender.actor)
    browser.headers["accept"] = "text/html"
    caller = browser if path == "/threads" else pair.one
    async with browser:
        first = (await test_threads_api.begun(pair))["thread_id"]
        for _ in range(3):
            assert (await caller.get(path)).status_code == 200
        (line,) = await lists(pair, "thread.list")
        assert first in line["records"]
        second = (await test_threads_api.begun(pair))["thread_id"]
        for _ in range(2):
            await caller.get(path)
        assert second in (await lists(pair, "thread.list"))[1]["records"]
        assert len(await lists(pair, "thread.list")) == 2


async def test_looking_for_a_conversation_is_a_line_once_and_says_by_what_and_not_for_what(
    pair: Pair,
) -> None:
    await test_threads_api.begun(pair)
    other = str(pair.recipient.id)
    for asked in ({}, {"participant": other}, {"unread": "true"}):
        for _ in range(2):
            found = await pair.one.get("/api/v1/threads", params=asked)
            assert found.status_code == 200, found.text
    names = [line["list"] for line in await lists(pair, "thread.list")]
    assert names == ["threads", "threads,participant", "threads,unread"]
    assert other not in str(await lists(pair, "thread.list"))


@pytest.mark.parametrize("path", ["/api/v1/break-glass", "/break-glass"])
async def test_a_list_of_emergency_accesses_that_stays_fresh_is_one_line(
    pair: Pair, path: str
) -> None:
    officer = await pair.site.house.member(pair.sender.id, roles=frozenset({Role.PRIVACY_OFFICER}))
    browser, _ = await pair.site.browser(officer)
    browser.headers["accept"] = "text/html" if path == "/break-glass" else "application/json"
    async with browser:
        for _ in range(3):
            assert (await browser.get(path)).status_code == 200
        assert [line["records"] for line in await lists(pair, "break_glass.list")] == [[]]
        opened = await access(pair)
        for _ in range(3):
            await browser.get(path)
        assert len(await lists(pair, "break_glass.list")) == 2
        assert opened in (await lists(pair, "break_glass.list"))[1]["records"]


async def access(pair: Pair) -> str:
    """Write an emergency access of somebody of the sender's organization."""
    made, glass_id, actor = await pair.sent(), ids.new_id(), pair.sender.actor
    columns = {
        "id": glass_id,
        "org_id": pair.sender.id,
        "subject_org_id": pair.sender.id,
        "patient_id": pair.patient_id,
        "referral_id": UUID(made["id"]),
        "member_id": actor.member_id,
        "person_id": actor.person_id,
        "session_id": ids.new_id(),
        "reason": "other",
        "medical_emergency": False,
        "classes": ["general"],
        "sealed": b"",
    }
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    owner = await asyncpg.connect(pair.site.owner_url)
    await owner.execute(
        f"insert into lk.break_glass ({', '.join(columns)}, opened_at, until_at)"
        f" values ({places}, lk.now(), lk.now() + interval '59 minutes')",
        *columns.values(),
    )
    await owner.close()
    return str(glass_id)
