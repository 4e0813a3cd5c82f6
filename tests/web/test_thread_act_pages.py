"""What is done in a conversation besides speaking, by form and without script."""

import httpx2

from tests.web import forms
from tests.web.pair import Pair
from tests.web.test_thread_pages import _as, begun


async def _form(browser: httpx2.AsyncClient, where: str, action: str) -> forms.Found:
    return forms.sent_to((await browser.get(where)).text, f"{where}/{action}")


async def test_a_note_and_a_draft_stay_on_ones_own_side(pair: Pair) -> None:
    made = await pair.sent()
    async with await _as(pair, pair.sender) as clinic, await _as(pair, pair.recipient) as office:
        where = await begun(pair, clinic, made["id"])
        form = await _form(clinic, where, "notes")
        kept = await clinic.post(form.action, data=form.fields | {"note": "He calls too often."})
        assert kept.status_code == 303
        form = await _form(clinic, where, "messages")
        typed = {"text": "Half a sentence", "draft": "yes"}
        assert (await clinic.post(form.action, data=form.fields | typed)).status_code == 303
        own, theirs = (await clinic.get(where)).text, (await office.get(where)).text
        assert "He calls too often." in own
        assert "Half a sentence" in own
        assert "He calls too often." not in theirs
        assert "Half a sentence" not in theirs


async def test_what_is_taken_back_is_gone_for_everybody_and_says_who_had_read_it(
    pair: Pair,
) -> None:
    made = await pair.sent()
    async with await _as(pair, pair.sender) as clinic, await _as(pair, pair.recipient) as office:
        where = await begun(pair, clinic, made["id"], text="About Rosa")
        assert "About Rosa" in (await office.get(where)).text
        page = (await clinic.get(where)).text
        form = next(each for each in forms.every(page) if each.action.endswith("/retraction"))
        refused = await clinic.post(form.action, data=form.fields)
        assert refused.status_code == 422
        assert "About Rosa" in refused.text
        done = await clinic.post(form.action, data=form.fields | {"reason": "wrong_patient"})
        assert done.status_code == 200
        assert "Before that it was opened by:" in done.text
        for browser in (clinic, office):
            after = (await browser.get(where)).text
            assert "About Rosa" not in after
            assert "This message was taken back." in after


async def test_somebody_let_in_without_the_past_reads_only_what_comes(pair: Pair) -> None:
    made = await pair.sent()
    third = await pair.site.house.organization("Harbor Clinic")
    async with (
        await _as(pair, pair.sender) as clinic,
        await _as(pair, third) as guest,
    ):
        where = await begun(pair, clinic, made["id"], text="Before")
        assert (await guest.get(where)).status_code == 404
        form = await _form(clinic, where, "participants")
        empty = await clinic.post(form.action, data=form.fields | {"words": ""})
        assert empty.status_code == 422
        assert "Choose an organization" in empty.text
        said = {"guest": str(third.id), "words": "Harbor joins us.", "history": "none"}
        done = await clinic.post(form.action, data=form.fields | said)
        assert done.status_code == 303, done.text
        shown = (await guest.get(where)).text
        assert "Harbor joins us." in shown
        assert "Before" not in shown
        end = await _form(clinic, where, f"participants/{third.id}/end")
        assert (await clinic.post(end.action, data=end.fields)).status_code == 303
        assert (await guest.get(where)).status_code == 404


async def test_the_list_counts_what_is_unread_and_finds_by_reference(pair: Pair) -> None:
    made = await pair.sent()
    async with await _as(pair, pair.sender) as clinic, await _as(pair, pair.recipient) as office:
        where = await begun(pair, clinic, made["id"])
        assert "1 unread" in (await office.get("/threads")).text
        form = await _form(office, where, "unread")
        assert "1 unread" not in (await office.get("/threads")).text
        assert (await office.post(form.action, data=form.fields)).status_code == 303
        assert "1 unread" in (await office.get("/threads?unread=yes")).text
        found = await office.get(f"/threads?reference={made['reference']}")
        assert where in found.text
        assert where not in (await office.get("/threads?to=2020-01-01")).text
        wrong = await office.get("/threads?from=yesterday")
        assert wrong.status_code == 422
        assert where in (await office.get(f"/referrals/{made['id']}")).text
