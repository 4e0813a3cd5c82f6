"""Advice that turns out to need a referral becomes one in place, by form and without script."""

from typing import Any

import httpx2

from tests.web import forms
from tests.web.pair import Pair
from tests.web.registering import rows
from tests.web.test_thread_pages import _as

NEW = "/referrals/new"


async def asked(pair: Pair, clinic: httpx2.AsyncClient) -> str:
    """Ask for advice in a conversation about no referral, and return where it is shown."""
    form = forms.sent_to((await clinic.get("/threads/new")).text, "/threads/new")
    said = {"to": str(pair.recipient.id), "subject": "Advice", "text": "Would you see him?"}
    answer = await clinic.post("/threads/new", data=form.fields | said)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def written(pair: Pair, clinic: httpx2.AsyncClient, where: str) -> dict[str, Any]:
    """Follow the conversation to the form of a referral, and fill it in."""
    lead = f"{NEW}?thread_id={where.rpartition('/')[2]}"
    assert lead in (await clinic.get(where)).text
    return forms.sent_to((await clinic.get(lead)).text, NEW).fields | {
        "patient_id": str(pair.patient_id),
        "service_id": str(pair.recipient.service_id),
        "question": "As we talked about: please see him.",
        "consent_basis": "treatment",
    }


async def test_a_conversation_becomes_a_referral_and_who_talks_there_stays(pair: Pair) -> None:
    async with await _as(pair, pair.sender) as clinic, await _as(pair, pair.recipient) as office:
        where = await asked(pair, clinic)
        fields = await written(pair, clinic, where)
        # What is missing does not lose where it came from.
        short = await clinic.post(NEW, data=fields | {"question": ""})
        assert short.status_code == 422
        kept = forms.sent_to(short.text, NEW).fields
        assert kept["thread_id"] == where.rpartition("/")[2]
        done = await clinic.post(NEW, data=fields)
        assert done.status_code == 303, done.text
        referral = done.headers["location"].partition("?")[0]
        assert where in (await clinic.get(referral)).text
        assert where in (await office.get(referral)).text
        shown = (await office.get(where)).text
        assert "Would you see him?" in shown
        assert f'href="{referral}"' in shown
        after = (await clinic.get(where)).text
        assert f"{NEW}?thread_id=" not in after
    (found,) = await rows(pair.site, "select referral_id from thread")
    assert str(found["referral_id"]) == referral.rpartition("/")[2]


async def test_it_becomes_one_once_and_of_whoever_began_it(pair: Pair) -> None:
    async with await _as(pair, pair.sender) as clinic, await _as(pair, pair.recipient) as office:
        where = await asked(pair, clinic)
        assert f"{NEW}?thread_id=" not in (await office.get(where)).text
        first, second = [await written(pair, clinic, where) for _ in range(2)]
        assert (await clinic.post(NEW, data=first)).status_code == 303
        late = await clinic.post(NEW, data=second | {"confirm_another": "yes"})
        assert late.status_code == 422
        assert "Only your own conversation, and once, becomes a referral" in late.text
        assert forms.sent_to(late.text, NEW).fields["question"] == second["question"]
    assert len(await rows(pair.site, "select 1 from referral")) == 1
