"""The record on a page: found by patient, person, referral and day; a look at it is one line."""

import json
from typing import Any

import httpx2

from service.domain.people import Actor, Role
from service.store.pool import Scope
from tests.web import test_threads_api
from tests.web.pair import Pair


async def officer(pair: Pair, *roles: Role) -> tuple[httpx2.AsyncClient, Actor]:
    """Return the browser of a member of the sender, and the member."""
    actor = await pair.site.house.member(
        pair.sender.id, roles=frozenset(roles or {Role.PRIVACY_OFFICER}), name="Pat Officer"
    )
    browser, _ = await pair.site.browser(actor)
    browser.headers["accept"] = "text/html"
    return browser, actor


async def shown(browser: httpx2.AsyncClient, **asked: str) -> str:
    answer = await browser.get("/record", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.text.partition("<tbody>")[2]


async def looks(pair: Pair, action: str) -> list[Any]:
    async with pair.site.house.check.transaction(Scope()) as connection:
        found: list[Any] = await connection.fetch(
            "select * from audit where action = $1 order by at, id", action
        )
    return found


async def test_an_officer_finds_who_looked_at_a_patient_wherever_it_was(pair: Pair) -> None:
    one, other = await pair.sent(), await pair.sent()
    await pair.one.get(f"/api/v1/referrals/{one['id']}")
    await pair.one.get(f"/api/v1/patients/{pair.patient_id}")
    talked = await test_threads_api.begun(pair, referral_id=one["id"])
    await pair.one.get(f"/api/v1/threads/{talked['thread_id']}")
    unrelated = await test_threads_api.begun(pair)
    await pair.one.get(f"/api/v1/threads/{unrelated['thread_id']}")
    browser, actor = await officer(pair)
    async with browser:
        page = await shown(browser, patient=one["reference"])
        for words in ("Opened a referral", "Opened a patient", "Opened a conversation"):
            assert f"<td>{words}" in page, words
        assert page.count("<td>Opened a conversation") == 1
        assert page.count("<td>Opened a patient") == 1
        by_id = await shown(browser, patient=str(pair.patient_id))
        assert by_id.count("<td>Opened a conversation") == 1
        of_other = await shown(browser, referral=other["reference"])
        assert "Opened a referral" not in of_other
        assert other["id"] in of_other
        nobody = await browser.get("/record", params={"patient": "ZZZZ-ZZZZ"})
        assert "Nothing here." in nobody.text
    lines = await looks(pair, "audit.read")
    assert {line["actor_member_id"] for line in lines} == {actor.member_id}
    assert len(lines) == 4
    assert lines[0]["resource_id"] == pair.patient_id
    assert lines[0]["request_id"]


async def test_it_is_narrowed_to_a_person_and_to_days(pair: Pair) -> None:
    made = await pair.sent()
    await pair.one.get(f"/api/v1/referrals/{made['id']}")
    browser, actor = await officer(pair)
    async with browser:
        whole = await shown(browser)
        assert "Opened a referral" in whole
        own = await shown(browser, member=str(actor.member_id))
        assert "Opened a referral" not in own
        assert "Looked at this record" in own
        assert "Pat Officer" in own
        assert "Opened a referral" not in await shown(browser, to="2020-01-01")
        assert "Opened a referral" in await shown(browser, **{"from": "2020-01-01"})
        wrong = await browser.get("/record", params={"from": "yesterday"})
        assert wrong.status_code == 422
        assert 'id="from-error"' in wrong.text


async def test_pages_follow_each_other_and_miss_nothing(pair: Pair) -> None:
    for _ in range(18):
        made = await pair.sent()
        await pair.one.get(f"/api/v1/referrals/{made['id']}")
    browser, _ = await officer(pair)
    async with browser:
        seen, where = 0, "/record"
        for _ in range(9):
            page = (await browser.get(where)).text
            seen += page.count("<td>Opened a referral")
            if "More</a>" not in page:
                break
            where = page.rpartition('href="/record?')[2].partition('"')[0].replace("&amp;", "&")
            where = f"/record?{where}"
    assert seen == 18


async def test_everybody_else_sees_their_own_acts_and_no_door_to_others(pair: Pair) -> None:
    made = await pair.sent()
    await pair.one.get(f"/api/v1/referrals/{made['id']}")
    browser, _ = await officer(pair, Role.CLINICIAN)
    async with browser:
        await browser.get(f"/referrals/{made['id']}")
        page = await browser.get("/record", params={"member": str(pair.sender.actor.member_id)})
        assert page.text.count("<td>Opened a referral") == 1
        assert "What you did and looked at yourself." in page.text
        assert 'name="member"' not in page.text
        assert 'href="/record">Record' not in (await browser.get("/account")).text
    watching, _ = await officer(pair)
    async with watching:
        assert 'href="/record">Record' in (await watching.get("/account")).text
    assert await looks(pair, "audit.read") == []


async def test_what_is_shown_is_handed_out_as_a_file_and_that_is_a_line(pair: Pair) -> None:
    made = await pair.sent()
    await pair.one.get(f"/api/v1/referrals/{made['id']}")
    browser, actor = await officer(pair)
    async with browser:
        page = await browser.get("/record", params={"referral": made["reference"]})
        where = page.text.partition('href="/record/export?')[2].partition('"')[0]
        answer = await browser.get(f"/record/export?{where}")
    assert answer.headers["content-type"] == "application/fhir+ndjson"
    assert "attachment" in answer.headers["content-disposition"]
    events = [json.loads(line) for line in answer.text.splitlines()]
    assert {each["resourceType"] for each in events} == {"AuditEvent"}
    assert "referral.read" in {each["subtype"][1]["code"] for each in events}
    (line,) = await looks(pair, "audit.export")
    assert (line["actor_member_id"], line["org_id"]) == (actor.member_id, pair.sender.id)
    assert str(line["resource_id"]) == made["id"]
    assert line["detail"] == {"by": ["about"], "count": len(events)}


async def test_another_house_is_told_nothing_of_ours(pair: Pair) -> None:
    made = await pair.sent()
    await pair.one.get(f"/api/v1/referrals/{made['id']}")
    actor = await pair.site.house.member(pair.recipient.id, roles=frozenset({Role.PRIVACY_OFFICER}))
    browser, _ = await pair.site.browser(actor)
    browser.headers["accept"] = "text/html"
    async with browser:
        for asked in ({"patient": str(pair.patient_id)}, {"patient": made["reference"]}):
            page = await browser.get("/record", params=asked)
            assert "Nothing here." in page.text
        of_referral = await shown(browser, referral=made["reference"])
    assert "Opened a referral" not in of_referral
