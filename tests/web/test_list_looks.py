"""A list is one line of the record that names what it showed; the same list again is none."""

from typing import Any

from service.store.pool import Scope
from tests.web.pair import Pair


async def lists(pair: Pair) -> list[dict[str, Any]]:
    async with pair.site.house.check.transaction(Scope()) as connection:
        rows = await connection.fetch(
            "select detail from audit where action = 'referral.list' order by at, id"
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
