"""Conversations on the pages for staff, without script: begun, answered, shown to no other."""

from typing import Any

import httpx2

from service.domain.people import Role
from tests.web import forms
from tests.web.pair import Pair


async def _as(pair: Pair, org: Any) -> httpx2.AsyncClient:
    browser, _ = await pair.site.browser(org.actor)
    browser.headers["accept"] = "text/html"
    return browser


async def begun(pair: Pair, browser: httpx2.AsyncClient, referral: str, **typed: str) -> str:
    """Begin a conversation about a referral from its page and return where it is shown."""
    page = (await browser.get(f"/threads/new?referral_id={referral}")).text
    form = forms.sent_to(page, "/threads/new")
    said = {"to": str(pair.recipient.id), "subject": "Groceries", "text": "Do you deliver?"} | typed
    answer = await browser.post("/threads/new", data=form.fields | said)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_two_organizations_talk_about_a_referral_by_form(pair: Pair) -> None:
    made = await pair.sent()
    async with await _as(pair, pair.sender) as clinic, await _as(pair, pair.recipient) as office:
        page = (await clinic.get(f"/referrals/{made['id']}")).text
        assert f"/threads/new?referral_id={made['id']}" in page
        where = await begun(pair, clinic, made["id"])
        shown = (await office.get(where)).text
        assert "Do you deliver?" in shown
        assert ">New<" in shown
        form = forms.sent_to(shown, f"{where}/messages")
        sent = await office.post(form.action, data=form.fields | {"text": "On Fridays."})
        twice = await office.post(form.action, data=form.fields | {"text": "On Fridays."})
        assert (sent.status_code, twice.status_code) == (303, 303)
        assert (await clinic.get(where)).text.count("On Fridays.") == 1


async def test_a_message_that_is_not_taken_comes_back_with_every_word(pair: Pair) -> None:
    made = await pair.sent()
    async with await _as(pair, pair.sender) as clinic:
        page = (await clinic.get(f"/threads/new?referral_id={made['id']}")).text
        form = forms.sent_to(page, "/threads/new")
        answer = await clinic.post("/threads/new", data=form.fields | {"text": "Do you deliver?"})
        assert answer.status_code == 422
        assert "Choose whom to write to" in answer.text
        assert "Say in a few words what it is about" in answer.text
        assert "Do you deliver?" in answer.text
        where = await begun(pair, clinic, made["id"])
        empty = forms.sent_to((await clinic.get(where)).text, f"{where}/messages")
        answer = await clinic.post(empty.action, data=empty.fields | {"text": "  "})
        assert answer.status_code == 422
        assert "Write something" in answer.text


async def test_a_stranger_finds_no_conversation_and_cannot_speak_in_it(pair: Pair) -> None:
    made = await pair.sent()
    stranger = await pair.site.house.organization("Stranger")
    async with await _as(pair, pair.sender) as clinic, await _as(pair, stranger) as other:
        where = await begun(pair, clinic, made["id"])
        form = forms.sent_to((await clinic.get(where)).text, f"{where}/messages")
        assert (await other.get(where)).status_code == 404
        csrf = forms.every((await other.get("/")).text)[0].fields["csrf"]
        said = {"csrf": csrf, "nonce": form.fields["nonce"], "text": "Hello?"}
        assert (await other.post(form.action, data=said)).status_code == 404
        asked = await other.get(f"/threads/new?referral_id={made['id']}")
        assert asked.status_code == 404


async def test_a_recipient_is_offered_the_sender_and_never_its_siblings(pair: Pair) -> None:
    made = await pair.sent()
    async with await _as(pair, pair.recipient) as office:
        page = (await office.get(f"/threads/new?referral_id={made['id']}")).text
    assert str(pair.sender.id) in page
    assert page.count('<option value="') <= 2 * 3


async def test_a_page_offers_no_conversation_that_the_door_would_refuse(pair: Pair) -> None:
    made = await pair.sent()
    clerk = await pair.site.house.member(pair.sender.id, roles=frozenset({Role.FRONT_DESK}))
    browser, _ = await pair.site.browser(clerk)
    async with browser:
        browser.headers["accept"] = "text/html"
        page = await browser.get(f"/referrals/{made['id']}")
        assert page.status_code == 200
        assert "/threads/new" not in page.text
        asked = await browser.get(f"/threads/new?referral_id={made['id']}")
        assert asked.status_code == 403
