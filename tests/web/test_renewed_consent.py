"""A referral whose consent ended goes on, on one the patient gave anew; and nobody else is told."""

from typing import Any

import httpx2
import pytest

from service.domain.people import Role
from service.store import invariants
from service.store.pool import Scope
from tests.web import forms
from tests.web.consenting import recorded
from tests.web.pair import Pair
from tests.web.registering import rows
from tests.web.test_consent_pages import _as
from tests.web.test_gate import part2

ANSWER = "Buprenorphine, 8 mg"


class Stalled:
    """A referral of protected care that lost its consent in the middle of a question."""

    def __init__(self, pair: Pair, consent_id: str, referral_id: str) -> None:
        self.pair, self.consent_id, self.referral_id = pair, consent_id, referral_id
        self.path = f"/api/v1/referrals/{referral_id}"
        self.consents = f"/api/v1/patients/{pair.patient_id}/consents"

    async def version(self) -> int:
        found: int = (await self.pair.one.get(self.path)).json()["referral"]["version"]
        return found

    async def leg(self, caller: httpx2.AsyncClient) -> Any:
        return (await caller.get(self.path)).json()["referral"]["legs"][0]

    async def withdrawn(self) -> None:
        gone = await self.pair.one.post(f"{self.consents}/{self.consent_id}/withdraw", json={})
        assert gone.status_code == 200, gone.text

    async def answered(self) -> None:
        """Let the sender answer the recipient's question."""
        said = {"step": "supply", "items": [ANSWER]}
        done = await self.pair.step(self.pair.one, await self.leg(self.pair.one), said)
        assert done.status_code == 200, done.text

    async def moved(self, consent_id: str, **changed: Any) -> httpx2.Response:
        body = {"consent_id": consent_id, "version": await self.version()} | changed
        return await self.pair.one.put(f"{self.path}/consent", json=body)


@pytest.fixture
async def stalled(pair: Pair) -> Stalled:
    consent_id = await recorded(pair.one, pair.patient_id, pair.recipient)
    made = (await pair.post(part2(pair, consent_id))).json()
    found = Stalled(pair, consent_id, made["id"])
    asked = {"step": "ask", "items": ["Which dose?"], "due_on": "2030-01-02"}
    done = await pair.step(pair.other, await found.leg(pair.other), asked)
    assert done.status_code == 200, done.text
    return found


async def holds_together(pair: Pair) -> None:
    always = [each for each in invariants.INVARIANTS if not each.running]
    async with pair.site.house.check.transaction(Scope()) as connection:
        found = await invariants.check(connection, always)
    assert [each for each in found if not each.holds] == []


async def work(pair: Pair) -> list[tuple[str, str]]:
    found = await rows(
        pair.site, "select kind, state from human_task where kind like 'consent%' order by kind"
    )
    return [tuple(row) for row in found]


async def test_what_was_said_meanwhile_is_told_on_the_new_one_and_the_work_is_done(
    stalled: Stalled,
) -> None:
    pair = stalled.pair
    await stalled.withdrawn()
    await stalled.answered()
    assert ANSWER not in (await pair.other.get(stalled.path)).text
    assert await work(pair) == [("consent_withdrawn", "open")]
    renewed = await recorded(pair.one, pair.patient_id, pair.recipient)
    before = await stalled.version()
    done = await stalled.moved(renewed)
    assert (done.status_code, done.json()["version"]) == (200, before + 1), done.text
    assert ANSWER in (await pair.other.get(stalled.path)).text
    assert await work(pair) == [("consent_withdrawn", "done")]
    account = (await pair.one.get(f"/api/v1/patients/{pair.patient_id}/disclosures")).json()
    grounds = [each["consent_id"] for each in account["items"] if each["sensitivity"] == "part2"]
    assert set(grounds) == {stalled.consent_id, renewed}
    (line,) = await rows(
        pair.site, "select org_id, class, detail from audit where action = 'consent.renew'"
    )
    assert (line["org_id"], line["class"]) == (pair.sender.id, "part2")
    assert (line["detail"]["consent_id"], line["detail"]["instead_of"]) == (
        renewed,
        stalled.consent_id,
    )
    await holds_together(pair)


async def test_after_it_both_go_on_in_one_epoch_that_both_open(stalled: Stalled) -> None:
    pair = stalled.pair
    await stalled.withdrawn()
    renewed = await recorded(pair.one, pair.patient_id, pair.recipient)
    assert (await stalled.moved(renewed)).status_code == 200
    await stalled.answered()
    assert ANSWER in (await pair.other.get(stalled.path)).text
    accepted = {"step": "accept", "expected_by": "2030-01-02", "owner": {"name": "Sam Lee"}}
    done = await pair.step(pair.other, await stalled.leg(pair.other), accepted)
    assert done.status_code == 200, done.text
    assert "Sam Lee" in (await pair.one.get(stalled.path)).text
    active = await rows(
        pair.site,
        "select array_agg(s.org_id) as holders from epoch e join seal s"
        " using (context_id, class, epoch) where e.class = 'part2' and e.state = 'active'"
        " group by e.context_id, e.epoch",
    )
    assert [set(row["holders"]) for row in active] == [{pair.sender.id, pair.recipient.id}]
    await holds_together(pair)


async def test_one_that_ran_out_is_renewed_the_same_way(stalled: Stalled) -> None:
    pair = stalled.pair
    async with pair.site.house.office.db.transaction(Scope(org_id=pair.sender.id)) as connection:
        await connection.execute("update consent set expires_at = lk.now()")
    await stalled.answered()
    assert ANSWER not in (await pair.other.get(stalled.path)).text
    renewed = await recorded(pair.one, pair.patient_id, pair.recipient)
    assert (await stalled.moved(renewed)).status_code == 200
    assert ANSWER in (await pair.other.get(stalled.path)).text
    await holds_together(pair)


async def test_who_came_in_by_an_emergency_that_was_taken_back_stands_on_the_new_one(
    pair: Pair,
) -> None:
    made = (await pair.post(part2(pair, override_reason="Overdose; they need it now."))).json()
    (emergency,) = (await pair.one.get(f"/api/v1/patients/{pair.patient_id}/consents")).json()[
        "items"
    ]
    stalled = Stalled(pair, emergency["id"], made["id"])
    asked = {"step": "ask", "items": ["Which dose?"], "due_on": "2030-01-02"}
    await pair.step(pair.other, await stalled.leg(pair.other), asked)
    await stalled.withdrawn()
    await stalled.answered()
    assert ANSWER not in (await pair.other.get(stalled.path)).text
    renewed = await recorded(pair.one, pair.patient_id, pair.recipient)
    assert (await stalled.moved(renewed)).status_code == 200
    assert ANSWER in (await pair.other.get(stalled.path)).text
    assert await rows(pair.site, "select 1 from party where override_consent_id is not null") == []
    await holds_together(pair)


async def test_one_that_does_not_allow_those_who_take_part_changes_nothing(
    stalled: Stalled,
) -> None:
    pair = stalled.pair
    await stalled.withdrawn()
    await stalled.answered()
    elsewhere = await pair.site.house.organization("Second Clinic")
    other = await recorded(pair.one, pair.patient_id, elsewhere)
    refused = await stalled.moved(other)
    assert (refused.status_code, refused.json()["reason"]) == (422, "recipient_not_named")
    ended = await stalled.moved(stalled.consent_id)
    assert [each["field"] for each in ended.json()["errors"]] == ["consent_id"]
    stranger = (await pair.site.house.patient(pair.sender)).id
    theirs = await recorded(pair.one, stranger, pair.recipient)
    assert (await stalled.moved(theirs)).status_code == 422
    renewed = await recorded(pair.one, pair.patient_id, pair.recipient)
    assert (await stalled.moved(renewed, version=1)).status_code == 412
    assert ANSWER not in (await pair.other.get(stalled.path)).text
    assert await work(pair) == [("consent_withdrawn", "open")]
    (row,) = await rows(pair.site, "select consent_id from referral")
    assert str(row["consent_id"]) == stalled.consent_id


async def test_only_the_sender_chooses_and_there_only_who_may_send(stalled: Stalled) -> None:
    pair = stalled.pair
    body = {"consent_id": stalled.consent_id, "version": await stalled.version()}
    assert (await pair.other.put(f"{stalled.path}/consent", json=body)).status_code == 404
    desk = await pair.site.house.member(pair.sender.id, roles=frozenset({Role.FRONT_DESK}))
    async with await pair.site.program(desk) as caller:
        assert (await caller.put(f"{stalled.path}/consent", json=body)).status_code == 403
    async with await _as(pair, pair.recipient.actor) as office:
        page = await office.get(f"/referrals/{stalled.referral_id}/consent")
        assert page.status_code == 404


async def test_it_is_chosen_on_a_page_that_the_referral_leads_to(stalled: Stalled) -> None:
    pair, where = stalled.pair, f"/referrals/{stalled.referral_id}/consent"
    await stalled.withdrawn()
    elsewhere = await pair.site.house.organization("Second Clinic")
    other = await recorded(pair.one, pair.patient_id, elsewhere)
    renewed = await recorded(pair.one, pair.patient_id, pair.recipient)
    async with (
        await _as(pair, pair.sender.actor) as clinic,
        await _as(pair, pair.recipient.actor) as office,
    ):
        shown = (await clinic.get(f"/referrals/{stalled.referral_id}")).text
        assert "has ended: nobody is told anything new." in shown
        assert where in shown
        assert where not in (await office.get(f"/referrals/{stalled.referral_id}")).text
        page = (await clinic.get(where)).text
        assert stalled.consent_id not in page
        form = forms.sent_to(page, where)
        empty = await clinic.post(where, data=form.fields)
        assert (empty.status_code, 'href="#consent_id"' in empty.text) == (422, True)
        wrong = await clinic.post(where, data=form.fields | {"consent_id": other})
        assert "does not name this recipient" in wrong.text
        done = await clinic.post(where, data=form.fields | {"consent_id": renewed})
        assert done.status_code == 303, done.text
        after = (await clinic.get(done.headers["location"])).text
        assert "The referral stands on the new consent." in after
        assert "nobody is told anything new" not in after
        late = await clinic.post(where, data=form.fields | {"consent_id": renewed})
        assert late.status_code == 412


async def test_a_draft_takes_the_consent_that_was_recorded_later(pair: Pair) -> None:
    made = (await pair.post(part2(pair, send=False))).json()
    consent_id = await recorded(pair.one, pair.patient_id, pair.recipient)
    path = f"/api/v1/referrals/{made['id']}"
    body = {"consent_id": consent_id, "version": made["version"]}
    moved = await pair.one.put(f"{path}/consent", json=body)
    assert moved.status_code == 200, moved.text
    assert (await pair.other.get(path)).status_code == 404
    sent = {"step": "send", "version": moved.json()["version"]}
    assert (await pair.one.post(f"{path}/steps", json=sent)).status_code == 200
    assert (await pair.other.get(path)).status_code == 200
