"""Taking a document or a file back by hand, and what its page says afterwards to everybody."""

from tests import files
from tests.web import forms
from tests.web.pair import ACCEPT, Pair
from tests.web.sending import looked_at, send
from tests.web.site import Site
from tests.web.test_attachments_taken_along import filed
from tests.web.test_documents_taken_back import TEXT
from tests.web.test_file_pages import _browser, _stepped_up


async def test_staff_take_a_note_back_and_are_told_who_had_it(pair: Pair) -> None:
    made = await pair.sent()
    accepted = (await pair.step(pair.other, made["legs"][0], ACCEPT)).json()
    where = f"/referrals/{made['id']}"
    file = (await send(pair.other, where.lstrip("/"))).json()["id"]
    await looked_at(pair.site)
    assert (await filed(pair, accepted, file, text=TEXT)).status_code == 201
    async with await _browser(pair, pair.sender) as browser:
        page = (await browser.get(where)).text
        assert TEXT in page
        assert "Take this document back" not in page
    async with await _browser(pair, pair.recipient) as browser:
        (form,) = [
            each
            for each in forms.every((await browser.get(where)).text)
            if each.action.startswith("/documents/")
        ]
        unsaid = await browser.post(form.action, data=form.fields)
        assert (unsaid.status_code, "reason-error" in unsaid.text) == (422, True)
        again = forms.sent_to(unsaid.text, form.action)
        done = await browser.post(form.action, data=again.fields | {"reason": "wrong_patient"})
        assert (done.status_code, where in done.text) == (200, True)
        assert "Northside" in done.text.partition("Before that it was opened by:")[2]
    async with await _browser(pair, pair.sender) as browser:
        for page in (where, f"{where}/print"):
            text = (await browser.get(page)).text
            assert "This document was taken back. It was about another patient." in text
            assert TEXT not in text
        assert "This file was taken back." in (await browser.get(where)).text
        gone = await browser.get(f"/files/{file}")
        assert (gone.status_code, "took it back" in gone.text) == (410, True)


async def test_an_agency_by_link_sees_that_a_file_was_taken_back(here: Site) -> None:
    person = await _stepped_up(here)
    asked = await person.send("/r/ask", "ask", items="Which shoe size?", due="2099-01-02")
    assert asked.status_code == 303, asked.text
    sender = await here.program(person.link.sender.actor)
    referral = f"referrals/{person.link.referral_id}"
    made = (await send(sender, referral)).json()["id"]
    await looked_at(here)
    leg = (await sender.get(f"/api/v1/{referral}")).json()["referral"]["legs"][0]
    document = {
        "type_code": "11488-4",
        "author": "Dr. Lee",
        "written_on": "2026-01-02",
        "attachments": [made],
    }
    supplied = await sender.post(
        f"/api/v1/legs/{leg['id']}/steps",
        json={"step": "supply", "version": leg["version"], "document": document, "items": ["42"]},
        headers={"idempotency-key": "once-and-only-once"},
    )
    assert supplied.status_code == 200, supplied.text
    assert (await person.get(f"/r/files/{made}")).content == files.PDF
    taken = await sender.post(
        f"/api/v1/attachments/{made}/retraction", json={"reason": "wrong_recipient"}
    )
    assert [each["by_link"] for each in taken.json()["opened_by"]] == [True]
    gone = await person.get(f"/r/files/{made}")
    assert (gone.status_code, "took it back" in gone.text) == (410, True)
    assert "This file was taken back." in (await person.get("/r/details")).text
    assert "Este archivo se retiró." in (await person.get("/r/details?language=es")).text
