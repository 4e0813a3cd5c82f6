"""Protected care sent from the page: on a consent on record, or refused with what comes next."""

from typing import Any

import httpx2

from tests.web import forms
from tests.web.consenting import recorded
from tests.web.pair import Pair
from tests.web.registering import rows
from tests.web.test_consent_pages import _as

NEW = "/referrals/new"
WORDS = {"question": "Can you look after the rest?", "sensitivity": "part2"}


async def _found(pair: Pair, browser: httpx2.AsyncClient, **typed: str) -> httpx2.Response:
    """Look for the patient and return the page with them on it."""
    form = forms.sent_to((await browser.get(NEW)).text, NEW)
    looked = {"find": "yes", "find_family": "López", "find_initial": "M"}
    service = {"service_id": str(pair.recipient.service_id)}
    return await browser.post(NEW, data=form.fields | service | WORDS | looked | typed)


async def test_part2_care_is_sent_on_a_consent_that_was_found_with_the_patient(pair: Pair) -> None:
    consent_id = await recorded(pair.one, pair.patient_id, pair.recipient)
    ended = await recorded(pair.one, pair.patient_id, pair.recipient)
    path = f"/api/v1/patients/{pair.patient_id}/consents"
    assert (await pair.one.post(f"{path}/{ended}/withdraw", json={})).status_code == 200
    async with await _as(pair, pair.sender.actor) as clinic:
        page = (await _found(pair, clinic)).text
        assert consent_id in page
        assert ended not in page
        form = forms.sent_to(page, NEW)
        done = await clinic.post(NEW, data=form.fields | {"consent_id": consent_id})
        assert done.status_code == 303, done.text
    (sent,) = await rows(pair.site, "select class, consent_basis, consent_id, state from referral")
    assert (sent["class"], sent["state"]) == ("part2", "with_recipient")
    assert (sent["consent_basis"], str(sent["consent_id"])) == ("part2_consent", consent_id)
    told = await rows(pair.site, "select distinct basis, to_org_id from disclosure")
    assert ("part2_consent", pair.recipient.id) in [tuple(row) for row in told]


async def test_without_one_the_page_says_what_to_do_and_where_and_keeps_every_word(
    pair: Pair,
) -> None:
    async with await _as(pair, pair.sender.actor) as clinic:
        form = forms.sent_to((await _found(pair, clinic)).text, NEW)
        weak = await clinic.post(NEW, data=form.fields | {"consent_basis": "treatment"})
        assert weak.status_code == 422
        assert "record the patient&#39;s written consent" in weak.text
        assert 'href="#consent_basis"' in weak.text
        assert f'href="/patients/{pair.patient_id}/consents"' in weak.text
        # Recorded meanwhile, next door; asked for again, it is there to be chosen.
        consent_id = await recorded(pair.one, pair.patient_id, pair.recipient)
        again = forms.sent_to(weak.text, NEW).fields
        assert again["question"] == WORDS["question"]
        seen = await clinic.post(NEW, data=again | {"look": "yes"})
        assert consent_id in seen.text
        ready = forms.sent_to(seen.text, NEW).fields
        done = await clinic.post(NEW, data=ready | {"consent_id": consent_id})
        assert done.status_code == 303, done.text


async def test_a_consent_that_names_somebody_else_is_refused_with_what_is_missing(
    pair: Pair,
) -> None:
    other = await pair.site.house.organization("Second Clinic")
    consent_id = await recorded(pair.one, pair.patient_id, other)
    async with await _as(pair, pair.sender.actor) as clinic:
        form = forms.sent_to((await _found(pair, clinic)).text, NEW)
        said = await clinic.post(NEW, data=form.fields | {"consent_id": consent_id})
        assert said.status_code == 422
        assert "does not name this recipient; record one that does" in said.text
        strange = "018f0000-0000-7000-8000-000000000000"
        wrong = await clinic.post(NEW, data=form.fields | {"consent_id": strange})
        assert wrong.status_code == 422
        assert 'id="consent_id-error"' in wrong.text
    assert await rows(pair.site, "select 1 from referral") == []


async def test_the_page_of_consents_leads_on_with_patient_and_consent_chosen(pair: Pair) -> None:
    consent_id = await recorded(pair.one, pair.patient_id, pair.recipient)
    async with (
        await _as(pair, pair.sender.actor) as clinic,
        await _as(pair, pair.recipient.actor) as office,
    ):
        listed = (await clinic.get(f"/patients/{pair.patient_id}/consents")).text
        where = f"{NEW}?patient_id={pair.patient_id}&consent_id={consent_id}"
        assert where.replace("&", "&amp;") in listed
        fields = forms.sent_to((await clinic.get(where)).text, NEW).fields
        assert (fields["patient_id"], fields["consent_id"]) == (str(pair.patient_id), consent_id)
        looks = await _looks(pair, pair.sender.actor.org_id)
        assert {"patient.read", "consent.read"} <= looks
        # Somebody else's patient is nobody here.
        theirs = (await office.get(where)).text
        assert "García" not in theirs
        assert f'value="{pair.patient_id}"' not in theirs
        assert f'value="{consent_id}"' not in theirs


async def _looks(pair: Pair, org_id: Any) -> set[str]:
    found = await rows(pair.site, f"select action from audit where org_id = '{org_id}'")
    return {row["action"] for row in found}


async def test_a_draft_waits_for_its_consent(pair: Pair) -> None:
    async with await _as(pair, pair.sender.actor) as clinic:
        form = forms.sent_to((await _found(pair, clinic)).text, NEW)
        kept = await clinic.post(NEW, data=form.fields | {"draft": "yes"})
        assert kept.status_code == 303, kept.text
    (draft,) = await rows(pair.site, "select state, consent_basis from referral")
    assert tuple(draft) == ("draft", None)
