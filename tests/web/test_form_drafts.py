"""What somebody types is kept as they type: theirs alone, sealed, until it is sent."""

from typing import Any

import httpx2

from service.store.pool import Scope
from tests.web import forms
from tests.web.pair import ACCEPT, Pair
from tests.web.test_staff_pages import _as, _post

NEW = "/referrals/new"
WORDS = "Sleeps in the car since March."
BY_SCRIPT = {"of": NEW, "by_script": "yes"}


async def kept(pair: Pair) -> list[Any]:
    async with pair.site.house.check.transaction(Scope()) as connection:
        return list(
            await connection.fetch("select id, person_id from parked_form where kind = 'draft'")
        )


async def begins(browser: httpx2.AsyncClient) -> forms.Found:
    return forms.sent_to((await browser.get(NEW)).text, NEW)


def told(pair: Pair) -> dict[str, str]:
    return {
        "patient_id": str(pair.patient_id),
        "service_id": str(pair.recipient.service_id),
        "question": "A bed?",
        "narrative": WORDS,
        "consent_basis": "treatment",
    }


async def test_a_form_is_there_again_as_it_was_left_and_gone_once_it_is_sent(pair: Pair) -> None:
    async with await _as(pair, pair.sender) as browser:
        form = await begins(browser)
        for words in ("Sleeps", WORDS):
            wish = form.fields | told(pair) | {"narrative": words} | BY_SCRIPT
            answer = await browser.post("/drafts", data=wish)
            assert (answer.status_code, answer.content) == (204, b"")
        assert len(await kept(pair)) == 1
        page = (await browser.get(NEW)).text
        assert "You began this one and did not send it" in page
        again = forms.sent_to(page, NEW)
        assert again.fields["narrative"] == WORDS
        assert again.fields["patient_id"] == str(pair.patient_id)
        assert again.fields["nonce"] != form.fields["nonce"]
        assert (await _post(browser, again)).status_code == 303
        assert await kept(pair) == []
        assert WORDS not in (await browser.get(NEW)).text


async def test_without_a_script_a_button_keeps_it_and_another_throws_it_away(pair: Pair) -> None:
    async with await _as(pair, pair.sender) as browser:
        form = await begins(browser)
        assert 'formaction="/drafts"' in (await browser.get(NEW)).text
        led = await browser.post("/drafts", data=form.fields | told(pair) | {"of": NEW})
        assert (led.status_code, led.headers["location"]) == (303, NEW)
        drop = forms.sent_to((await browser.get(NEW)).text, "/drafts/drop").fields
        gone = await browser.post("/drafts/drop", data=drop | {"of": NEW})
        assert gone.status_code == 303
        assert WORDS not in (await browser.get(NEW)).text
    assert await kept(pair) == []


async def test_it_is_sealed_and_nobody_elses(pair: Pair) -> None:
    async with await _as(pair, pair.sender) as browser:
        form = await begins(browser)
        await browser.post("/drafts", data=form.fields | told(pair) | BY_SCRIPT)
    scope = Scope(person_id=pair.sender.actor.person_id)
    async with pair.site.house.office.db.transaction(scope) as connection:
        (sealed,) = [
            row["sealed"] for row in await connection.fetch("select sealed from parked_form")
        ]
    assert WORDS.encode() not in sealed
    colleague = await pair.site.house.member(pair.sender.id, name="Jo")
    browser, _ = await pair.site.browser(colleague)
    async with browser:
        assert WORDS not in (await browser.get(NEW)).text


async def test_a_note_that_was_begun_is_gone_on_with_on_its_page(pair: Pair) -> None:
    made = await pair.sent()
    leg = (await pair.step(pair.other, made["legs"][0], ACCEPT)).json()["legs"][0]
    where = f"/referrals/{made['id']}"
    async with await _as(pair, pair.recipient) as browser:
        form = forms.of_step((await browser.get(where)).text, "complete")
        assert form.action == f"/legs/{leg['id']}/steps"
        wish = form.fields | {"note": WORDS, "of": form.action, "by_script": "yes"}
        assert (await browser.post("/drafts", data=wish)).status_code == 204
        page = (await browser.get(where)).text
        assert "You began to write here" in page
        assert WORDS not in page
        (begun,) = await kept(pair)
        shown = (await browser.get(f"{where}?kept={begun['id']}&begun=yes")).text
        again = forms.of_step(shown, "complete")
        assert again.fields["note"] == WORDS
        ready = {"outcome": "served", "need_met": "yes"}
        done = await browser.post(again.action, data=again.fields | ready)
        assert done.status_code == 303, done.text
    assert await kept(pair) == []


async def test_a_colleague_sees_that_somebody_writes_and_not_what(pair: Pair) -> None:
    made = await pair.sent()
    where = f"/referrals/{made['id']}"
    colleague = await pair.site.house.member(pair.recipient.id, name="Jo Park")
    writer, _ = await pair.site.browser(colleague)
    async with await _as(pair, pair.recipient) as browser, writer:
        assert "Writing here now" not in (await browser.get(where)).text
        form = forms.of_step((await writer.get(where)).text, "decline")
        wish = form.fields | {"comment": WORDS, "of": form.action, "by_script": "yes"}
        assert (await writer.post("/drafts", data=wish)).status_code == 204
        seen = (await browser.get(where)).text
        assert "Writing here now: Jo Park." in seen
        assert WORDS not in seen
        assert "Writing here now" not in (await writer.get(where)).text
    async with await _as(pair, pair.sender) as other:
        assert "Writing here now" not in (await other.get(where)).text


async def test_a_page_that_is_late_says_what_happened_since(pair: Pair) -> None:
    made = await pair.sent()
    where = f"/referrals/{made['id']}"
    async with await _as(pair, pair.recipient) as browser:
        form = forms.of_step((await browser.get(where)).text, "decline")
        assert (await pair.step(pair.other, made["legs"][0], ACCEPT)).status_code == 200
        late = await browser.post(form.action, data=form.fields | {"reason": "no_capacity"})
        assert late.status_code in (409, 412)
        since = late.text.partition("Since you opened it")[2].partition("</ul>")[0]
        assert "Accept" in since
        assert "Send" not in since


async def test_what_is_none_of_our_forms_or_too_large_is_refused(pair: Pair) -> None:
    async with await _as(pair, pair.sender) as browser:
        csrf = (await begins(browser)).fields["csrf"]
        for wrong in ("", "/account", "/legs/x/steps", "//elsewhere"):
            late = await browser.post(
                "/drafts", data={"csrf": csrf, "of": wrong, "narrative": WORDS}
            )
            assert late.status_code == 400
        large = {f"narrative_{n}": "x" * 19_000 for n in range(4)} | BY_SCRIPT
        assert (await browser.post("/drafts", data={"csrf": csrf} | large)).status_code == 413
    assert await kept(pair) == []
