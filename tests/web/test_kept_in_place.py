"""A form kept over a sign-in comes back on its own page: replies, notes, steps."""

from service.domain import ids
from service.domain.rules import Step
from tests.making import Org
from tests.web import forms
from tests.web.site import Site
from tests.web.test_kept_forms import ADDRESS, HTML, WORDS, ana, parked, runs_out, signs_in


async def test_a_reply_is_shown_again_in_its_conversation_and_sent_from_there(here: Site) -> None:
    async with ana(here) as (org, browser, csrf):
        proof, other = csrf, await here.house.organization("Harbor Food Bank")
        thread = await _thread(here, org, other)
        for path, name in (("messages", "text"), ("notes", "note")):
            await runs_out(here.house, org, here)
            typed = {"csrf": proof, "nonce": ids.new_id().hex, name: WORDS}
            late = await browser.post(f"{thread}/{path}", data=typed)
            (*_, (parked_id, _)) = await parked(here)
            assert str(parked_id) in late.headers["location"]
            await signs_in(browser, ADDRESS, f"/parked/{parked_id}")
            led = await browser.get(f"/parked/{parked_id}")
            assert led.headers["location"] == f"{thread}?kept={parked_id}"
            page = await browser.get(led.headers["location"])
            assert "nothing was sent" in page.text
            again = forms.sent_to(page.text, f"{thread}/{path}").fields
            assert again[name] == WORDS
            sent = await browser.post(f"{thread}/{path}", data=again)
            assert sent.status_code == 303, sent.text
            proof = again["csrf"]
        page = await browser.get(thread)
        assert page.text.count(WORDS) == 2


async def test_an_answer_with_a_note_is_shown_again_in_its_form(here: Site) -> None:
    async with ana(here) as (org, browser, _):
        sender = await here.house.organization("Sender")
        taken = await here.house.sent(sender, [org])
        leg, referral = taken.plan.referral.legs[0], f"/referrals/{taken.referral_id}"
        await here.house.step(org.actor, leg.id, Step.ACCEPT)
        page = await browser.get(referral)
        form = next(
            each
            for each in forms.every(page.text)
            if each.action.endswith("/steps") and each.fields.get("act") == "complete"
        )
        typed = form.fields | {"note": WORDS, "author": "Dr. Lee", "outcome": "served"}
        await runs_out(here.house, org, here)
        await browser.post(form.action, data=typed)
        ((parked_id, _),) = await parked(here)
        await signs_in(browser, ADDRESS, f"/parked/{parked_id}")
        led = await browser.get(f"/parked/{parked_id}")
        assert led.headers["location"] == f"{referral}?kept={parked_id}"
        page = await browser.get(led.headers["location"])
        again = next(
            each for each in forms.every(page.text) if each.fields.get("act") == "complete"
        ).fields
        assert (again["note"], again["author"], again["outcome"]) == (WORDS, "Dr. Lee", "served")
        done = await browser.post(form.action, data=again | {"need_met": "yes"})
        assert done.headers.get("location") == f"{referral}?done=complete", done.text


async def test_words_outlive_the_page_they_were_typed_on(here: Site) -> None:
    async with ana(here) as (org, browser, csrf):
        proof = csrf
        for path in (f"/threads/{ids.new_id()}/messages", f"/legs/{ids.new_id()}/steps"):
            await runs_out(here.house, org, here)
            typed = {"csrf": proof, "text": WORDS, "act": "accept"}
            await browser.post(path, data=typed | {"referral_id": str(ids.new_id())})
            (*_, (parked_id, _)) = await parked(here)
            await signs_in(browser, ADDRESS, f"/parked/{parked_id}")
            browser.follow_redirects = True
            page = await browser.get(f"/parked/{parked_id}")
            browser.follow_redirects = False
            assert page.url.query == b"alone=yes"
            again = forms.sent_to(page.text, path).fields
            assert again["text"] == WORDS
            proof = again["csrf"]


async def test_a_page_shows_no_form_that_was_typed_elsewhere_or_by_another(here: Site) -> None:
    async with ana(here) as (org, browser, csrf):
        other = await here.house.organization("Harbor Food Bank")
        one, two = [await _thread(here, org, other) for _ in range(2)]
        await runs_out(here.house, org, here)
        await browser.post(f"{one}/messages", data={"csrf": csrf, "text": WORDS})
        ((parked_id, _),) = await parked(here)
        await signs_in(browser, ADDRESS)
        assert WORDS not in (await browser.get(f"{two}?kept={parked_id}")).text
        assert WORDS not in (await browser.get(f"{one}?kept=nonsense")).text
        colleague = await here.house.member(org.id, name="Jo")
        jo, _opened = await here.browser(colleague)
        async with jo:
            seen = await jo.get(f"{one}?kept={parked_id}", headers=HTML)
        assert seen.status_code == 200
        assert WORDS not in seen.text


async def _thread(here: Site, org: Org, other: Org) -> str:
    async with await here.program(org.actor) as program:
        body = {
            "subject": "A question",
            "text": "Hello",
            "participants": [{"org_id": str(other.id)}],
        }
        made = await program.post(
            "/api/v1/threads", json=body, headers={"idempotency-key": ids.new_id().hex}
        )
    return f"/threads/{made.json()['thread_id']}"
