"""What patients allow, by form and without script: recorded, listed with how it stands, ended."""

from typing import Any
from uuid import UUID

import httpx2
import pytest

from service.domain.people import Role
from tests.web import forms
from tests.web.consenting import PART2, recorded
from tests.web.pair import Pair
from tests.web.registering import rows


async def _as(pair: Pair, actor: Any) -> httpx2.AsyncClient:
    browser, _ = await pair.site.browser(actor)
    browser.headers["accept"] = "text/html"
    return browser


async def _hired(pair: Pair, *roles: Role) -> httpx2.AsyncClient:
    actor = await pair.site.house.member(pair.sender.id, roles=frozenset(roles))
    return await _as(pair, actor)


def typed(pair: Pair, **changed: str) -> dict[str, str]:
    """A Part 2 consent as somebody types it."""
    return {
        "basis": "part2_consent",
        "class-part2": "yes",
        "to_org_1": str(pair.recipient.id),
        "signed_on": "2026-01-02",
        "expires_on": "2038-12-31",
        "document_sha256": "AB" * 32,
        **PART2["words"],
    } | changed


@pytest.fixture
def where(pair: Pair) -> str:
    return f"/patients/{pair.patient_id}/consents"


async def test_a_consent_is_recorded_by_form_once_and_listed_with_its_words(
    pair: Pair, where: str
) -> None:
    async with await _as(pair, pair.sender.actor) as clinic:
        form = forms.sent_to((await clinic.get(where)).text, where)
        form.fields.pop("class-general")
        said = form.fields | typed(pair)
        for _ in range(2):
            done = await clinic.post(where, data=said)
            assert (done.status_code, done.headers["location"]) == (303, f"{where}?done=recorded")
        shown = (await clinic.get(done.headers["location"])).text
        assert "The consent is recorded." in shown
        assert "In force" in shown
        assert "Medication and attendance" in shown
        assert "Harbor Food Bank" in shown
    (kept,) = (await pair.one.get(f"/api/v1{where}")).json()["items"]
    assert (kept["basis"], kept["classes"], kept["purpose"]) == (
        "part2_consent",
        ["part2"],
        "treatment",
    )
    assert kept["to_org_ids"] == [str(pair.recipient.id)]
    assert len(kept["elements"]) == 9
    assert kept["document_sha256"] == "ab" * 32
    # Through its last day, by the clocks of those who keep it.
    assert kept["expires_at"][:10] == "2039-01-01"


async def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(
    pair: Pair, where: str
) -> None:
    async with await _as(pair, pair.sender.actor) as clinic:
        form = forms.sent_to((await clinic.get(where)).text, where)
        said = typed(pair, to_org_1="", how_to_revoke="", signed_by="", document_sha256="xyz")
        wrong = await clinic.post(where, data=form.fields | said)
        assert wrong.status_code == 422
        for field in ("to_org_1", "how_to_revoke", "signed_by", "document_sha256"):
            assert f'href="#{field}"' in wrong.text, field
            assert f'id="{field}-error"' in wrong.text, field
        again = forms.sent_to(wrong.text, where).fields
        assert again["description"] == "Medication and attendance"
        assert (again["class-part2"], again["class-general"]) == ("yes", "yes")
        empty = await clinic.post(where, data={k: form.fields[k] for k in ("nonce", "csrf")})
        assert 'href="#signed_on"' in empty.text
        assert 'href="#basis"' in empty.text
        late = await clinic.post(where, data=form.fields | typed(pair, signed_on="2090-01-01"))
        assert "It cannot be signed in the future." in late.text
    assert await rows(pair.site, "select 1 from consent") == []


async def test_ending_one_asks_why_and_sends_owners_of_open_referrals_to_work(
    pair: Pair, where: str
) -> None:
    consent_id = await recorded(pair.one, pair.patient_id, pair.recipient)
    await pair.sent(sensitivity="part2", consent_basis="part2_consent", consent_id=consent_id)
    async with await _as(pair, pair.sender.actor) as clinic:
        form = forms.sent_to((await clinic.get(where)).text, f"{where}/{consent_id}/withdraw")
        asked = await clinic.post(form.action, data=form.fields)
        assert asked.status_code == 422
        assert f'href="#why-{consent_id}"' in asked.text
        done = await clinic.post(form.action, data=form.fields | {"why": "withdrawn"})
        assert done.headers["location"] == f"{where}?done=ended_open"
        shown = (await clinic.get(done.headers["location"])).text
        assert "Taken back" in shown
        assert "their owners were asked to decide" in shown
        assert f"{where}/{consent_id}/withdraw" not in shown
        # Once is once: nobody ends it twice.
        assert (
            await clinic.post(form.action, data=form.fields | {"why": "event"})
        ).status_code == 404
    (task,) = await rows(pair.site, "select kind, org_id from human_task where state = 'open'")
    assert tuple(task) == ("consent_withdrawn", pair.sender.id)


async def test_one_that_ran_out_says_so(pair: Pair, where: str) -> None:
    await recorded(pair.one, pair.patient_id, pair.recipient)
    async with pair.site.house.office.db.transaction(_scope(pair)) as connection:
        await connection.execute("update consent set expires_at = lk.now() - interval '1 day'")
    async with await _as(pair, pair.sender.actor) as clinic:
        shown = (await clinic.get(where)).text
    assert "Has ended" in shown
    assert "/withdraw" not in shown


def _scope(pair: Pair) -> Any:
    from service.store.pool import Scope

    return Scope(org_id=pair.sender.id)


async def test_each_role_sees_what_it_may_do(pair: Pair, where: str) -> None:
    consent_id = await recorded(pair.one, pair.patient_id, pair.recipient)
    ends, records = f'action="{where}/{consent_id}/withdraw"', f'action="{where}"'
    async with await _hired(pair, Role.PRIVACY_OFFICER) as officer:
        shown = (await officer.get(where)).text
        assert ends in shown
        assert records not in shown
    lines = await rows(
        pair.site, "select detail from audit where action = 'consent.read' order by at, id"
    )
    assert "logged_review" in lines[-1]["detail"]["owed"]
    async with await _hired(pair, Role.FRONT_DESK) as desk:
        shown = (await desk.get(where)).text
        assert ends not in shown
        assert records in shown
    async with await _hired(pair, Role.READER) as reader:
        assert (await reader.get(where)).status_code == 403


async def test_to_another_organization_there_is_no_such_patient(pair: Pair, where: str) -> None:
    async with await _as(pair, pair.recipient.actor) as office:
        assert (await office.get(where)).status_code == 404
        form = {"csrf": office.headers.get("x-csrf-token", ""), "nonce": UUID(int=1).hex}
        assert (await office.post(where, data=form | typed(pair))).status_code in (403, 404)
    assert await rows(pair.site, "select 1 from consent") == []


async def test_the_page_of_a_referral_leads_there_for_its_sender_only(
    pair: Pair, where: str
) -> None:
    made = await pair.sent()
    async with (
        await _as(pair, pair.sender.actor) as clinic,
        await _as(pair, pair.recipient.actor) as office,
    ):
        assert f'href="{where}"' in (await clinic.get(f"/referrals/{made['id']}")).text
        assert where not in (await office.get(f"/referrals/{made['id']}")).text
