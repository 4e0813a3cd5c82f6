"""The people around a patient, by form and without script: kept, asked, silenced, put right."""

from typing import Any

import httpx2
import pytest

from service.domain.people import Role
from service.store.pool import Scope
from tests.web import forms
from tests.web.pair import Pair
from tests.web.registering import rows

NEW = {"relation": "self", "language": "es", "name": "María García", "class-general": "yes"}
YES = {"may-news": "yes", "may-reminders": "yes", "how": "form", "given_by": "self"}


async def _as(pair: Pair, actor: Any) -> httpx2.AsyncClient:
    browser, _ = await pair.site.browser(actor)
    browser.headers["accept"] = "text/html"
    return browser


@pytest.fixture
def where(pair: Pair) -> str:
    return f"/patients/{pair.patient_id}/contacts"


class Desk:
    """A browser at the page of one patient's contacts."""

    def __init__(self, browser: httpx2.AsyncClient, where: str) -> None:
        self.browser, self.where = browser, where

    async def page(self) -> str:
        return (await self.browser.get(self.where)).text

    async def send(self, action: str, said: dict[str, str], *, of: str = "") -> httpx2.Response:
        """Fill in the form that is sent to an address, as the page has it, and send it."""
        form = forms.sent_to(await self.page(), action)
        behind = {f"{name}-{of}" if of else name: value for name, value in said.items()}
        return await self.browser.post(action, data=form.fields | behind)

    async def added(self, phone: str = "(503) 555-0100") -> str:
        """Keep a contact and return its id."""
        done = await self.send(self.where, NEW | {"phone": phone})
        assert (done.status_code, done.headers["location"]) == (303, f"{self.where}?done=added")
        page = await self.page()
        return next(
            form.action.split("/")[4]
            for form in forms.every(page)
            if form.action.endswith("/remove")
        )


async def _lines(pair: Pair) -> list[dict[str, Any]]:
    async with pair.site.house.check.transaction(Scope()) as connection:
        asked = (
            "select purpose, given, how, given_by, witness_member_id, member_id from text_consent"
            " order by at, id"
        )
        return [dict(row) for row in await connection.fetch(asked)]


async def _phone_says(pair: Pair, state: str, how: str) -> None:
    """Leave what a worker leaves that heard a phone say so."""
    async with pair.site.house.worker.transaction(Scope()) as connection:
        await connection.execute(
            "insert into text_consent (id, number_id, given, how, at)"
            " select gen_random_uuid(), id, false, $1, lk.now() from text_number",
            how,
        )
        await connection.execute("update text_number set state = $1, state_at = lk.now()", state)


async def test_a_contact_is_kept_and_allows_texts_on_paper(pair: Pair, where: str) -> None:
    async with await _as(pair, pair.sender.actor) as browser:
        desk = Desk(browser, where)
        contact = await desk.added()
        page = await desk.page()
        assert "(503) 555-0100" in page
        assert "Nobody has allowed it yet" in page
        assert await _lines(pair) == []
        done = await desk.send(f"{where}/{contact}/texts", YES, of=contact)
        assert done.headers["location"] == f"{where}?done=allowed"
        again = (await browser.get(done.headers["location"])).text
        assert "It is on record what this number may be texted for." in again
        assert "News of the request, Reminders of appointments" in again.replace("\n", "")
        assert "written down by" in again
    lines = await _lines(pair)
    assert {(each["purpose"], each["given"]) for each in lines} == {
        ("news", True),
        ("reminders", True),
        ("questions", False),
    }
    assert {(each["how"], each["given_by"]) for each in lines} == {("form", "self")}
    assert await rows(pair.site, "select 1 from audit where action = 'contact.texts'")


async def test_what_was_only_spoken_needs_somebody_else_who_heard_it(
    pair: Pair, where: str
) -> None:
    await pair.site.house.member(pair.sender.id, roles=frozenset({Role.COORDINATOR}), name="Jo")
    async with await _as(pair, pair.sender.actor) as browser:
        desk = Desk(browser, where)
        contact = await desk.added()
        spoken = YES | {"how": "phone"}
        action = f"{where}/{contact}/texts"
        wrong = await desk.send(action, spoken, of=contact)
        assert wrong.status_code == 422
        assert f'href="#witness-{contact}"' in wrong.text
        kept = forms.sent_to(wrong.text, action).fields
        assert (kept[f"how-{contact}"], kept[f"may-news-{contact}"]) == ("phone", "yes")
        assert await _lines(pair) == []
        own = await desk.send(
            action, spoken | {"witness": str(pair.sender.actor.member_id)}, of=contact
        )
        assert own.status_code == 422
        page = await desk.page()
        jo = page.split(">Jo</option>")[0].rsplit('value="', 1)[1].rstrip('">')
        done = await desk.send(action, spoken | {"witness": jo}, of=contact)
        assert done.status_code == 303, done.text
        assert "heard by Jo" in (await desk.page()).replace("\n", " ")
    assert {str(each["witness_member_id"]) for each in await _lines(pair)} == {jo}


async def test_one_showing_of_a_form_is_one_act(pair: Pair, where: str) -> None:
    async with await _as(pair, pair.sender.actor) as browser:
        form = forms.sent_to((await browser.get(where)).text, where)
        for _ in range(2):
            done = await browser.post(where, data=form.fields | NEW)
            assert done.status_code == 303
        assert (await browser.get(where)).text.count("María García (The patient)") == 1


async def test_taking_it_back_needs_no_witness_and_silences(pair: Pair, where: str) -> None:
    async with await _as(pair, pair.sender.actor) as browser:
        desk = Desk(browser, where)
        contact = await desk.added()
        action = f"{where}/{contact}/texts"
        await desk.send(action, YES, of=contact)
        form = forms.sent_to(await desk.page(), action).fields
        said = {name: value for name, value in form.items() if not name.startswith("may-")}
        said |= {f"how-{contact}": "phone", f"given_by-{contact}": "self"}
        done = await browser.post(action, data=said)
        assert done.headers["location"] == f"{where}?done=withdrawn"
        assert "it was taken back" in await desk.page()
    assert not any(each["given"] for each in (await _lines(pair))[-3:])


async def test_a_wrong_number_is_shown_why_and_reopened_with_evidence(
    pair: Pair, where: str
) -> None:
    async with await _as(pair, pair.sender.actor) as browser:
        desk = Desk(browser, where)
        contact = await desk.added()
        await desk.send(f"{where}/{contact}/texts", YES, of=contact)
        await _phone_says(pair, "wrong", "wrong_number")
        page = await desk.page()
        assert "The phone said that this is a wrong number." in page
        assert "the phone said: wrong number" in page
        assert not [form for form in forms.every(page) if form.action.endswith("/texts")]
        action = f"{where}/{contact}/reopen"
        form = forms.sent_to(page, action).fields
        nothing = {name: said for name, said in form.items() if not name.startswith("may-")}
        nothing |= {f"how-{contact}": "form", f"given_by-{contact}": "self"}
        assert (await browser.post(action, data=nothing)).status_code == 422
        news = {f"may-news-{contact}": "yes"}
        done = await browser.post(action, data=nothing | news)
        assert done.headers["location"] == f"{where}?done=reopened"
        page = await desk.page()
        assert "the number is theirs after all" in page
        shown = page.split("May be texted for")[1].split("</div>")[0]
        assert "News of the request" in shown
        # What it had allowed while it was somebody else's does not come back with it.
        assert "Reminders" not in shown
    told = "select 1 from audit where action = 'contact.number_reopened'"
    assert len(await rows(pair.site, told)) == 1


async def test_nobody_reopens_what_the_phone_itself_stopped(pair: Pair, where: str) -> None:
    async with await _as(pair, pair.sender.actor) as browser:
        desk = Desk(browser, where)
        contact = await desk.added()
        await _phone_says(pair, "stopped", "text")
        page = await desk.page()
        assert "Only the same phone takes that back" in page
        assert not [form for form in forms.every(page) if form.action.endswith("/reopen")]
        nonce = forms.sent_to(page, where).fields
        said = {name: nonce[name] for name in ("nonce", "csrf")} | {
            f"{name}-{contact}": value for name, value in YES.items()
        }
        refused = await browser.post(f"{where}/{contact}/reopen", data=said)
        assert refused.status_code == 422
        await _phone_says(pair, "wrong", "wrong_number")
        done = await desk.send(f"{where}/{contact}/reopen", YES, of=contact)
        assert done.headers["location"] == f"{where}?done=still_stopped"
    async with pair.site.house.check.transaction(Scope()) as connection:
        assert await connection.fetchval("select state from text_number") == "stopped"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("503.555.0100 x12", "(503) 555-0100 ext. 12"),
        ("+52 1 55 1234 5678", "+52 55 1234 5678"),
        ("1-503-555-0100", "(503) 555-0100"),
    ],
)
async def test_numbers_are_taken_as_people_write_them(
    pair: Pair, where: str, typed: str, shown: str
) -> None:
    async with await _as(pair, pair.sender.actor) as browser:
        desk = Desk(browser, where)
        await desk.added(typed)
        page = await desk.page()
        assert f">{shown}</a>" in page
        assert ('href="tel:5035550100;ext=12"' in page) == ("ext" in shown)
        assert ("No number that can be texted" in page) == ("ext" in shown)


@pytest.mark.parametrize("typed", ["555-0100", "911", "call me", "+1 503 555 010"])
async def test_what_is_no_number_is_said_at_its_field(pair: Pair, where: str, typed: str) -> None:
    async with await _as(pair, pair.sender.actor) as browser:
        wrong = await Desk(browser, where).send(where, NEW | {"phone": typed})
    assert wrong.status_code == 422
    assert 'id="phone-error"' in wrong.text
    assert "Give a number with its area code" in wrong.text
    assert forms.sent_to(wrong.text, where).fields["phone"] == typed


async def test_correcting_a_name_keeps_what_the_number_allowed_and_a_new_number_asks_again(
    pair: Pair, where: str
) -> None:
    async with await _as(pair, pair.sender.actor) as browser:
        desk = Desk(browser, where)
        contact = await desk.added()
        await desk.send(f"{where}/{contact}/texts", YES, of=contact)
        before = await _lines(pair)
        done = await desk.send(f"{where}/{contact}", {"name": "M. García"}, of=contact)
        assert done.headers["location"] == f"{where}?done=changed"
        assert "May be texted for" in await desk.page()
        assert await _lines(pair) == before
        await desk.send(f"{where}/{contact}", {"phone": "503 555 0122"}, of=contact)
        page = await desk.page()
        assert "(503) 555-0122" in page
        assert "May be texted for" not in page
        old = forms.sent_to(page, f"{where}/{contact}").fields | {"seen": "1"}
        late = await browser.post(f"{where}/{contact}", data=old)
        assert late.status_code == 422
        assert "changed meanwhile" in late.text


async def test_how_a_patient_may_be_reached_is_changed_and_nonsense_is_said(
    pair: Pair, where: str
) -> None:
    action = f"/patients/{pair.patient_id}/safe-contact"
    async with await _as(pair, pair.sender.actor) as browser:
        desk = Desk(browser, where)
        wrong = await desk.send(action, {"from_hour": "20", "to_hour": "9"})
        assert wrong.status_code == 422
        assert 'id="to_hour-error"' in wrong.text
        said = {"may_text": "yes", "shared_phone": "yes", "from_hour": "10", "to_hour": "18"}
        done = await desk.send(action, said)
        assert done.headers["location"] == f"{where}?done=profile"
    seen = (await pair.one.get(f"/api/v1/patients/{pair.patient_id}")).json()["safe_contact"]
    assert (seen["may_text"], seen["shared_phone"], seen["from_hour"]) == (True, True, 10)


async def test_another_organization_finds_nothing(pair: Pair, where: str) -> None:
    async with await _as(pair, pair.sender.actor) as browser:
        contact = await Desk(browser, where).added()
    async with await _as(pair, pair.recipient.actor) as other:
        assert (await other.get(where)).status_code == 404
        token = forms.every((await other.get("/")).text)[0].fields["csrf"]
        for part in ("texts", "reopen"):
            said = {f"{name}-{contact}": value for name, value in YES.items()}
            answer = await other.post(
                f"{where}/{contact}/{part}", data=said | {"csrf": token, "nonce": "0" * 32}
            )
            assert answer.status_code == 404, part
