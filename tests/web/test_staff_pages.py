"""Staff's pages without script: lists, one referral, its steps, a new one, tasks, people."""

from typing import Any

import httpx2

from service.domain import ids
from service.domain.people import Role
from service.domain.rules import Step
from tests.web import forms, link_making
from tests.web.link_person import Person
from tests.web.pair import ACCEPT, Pair
from tests.web.site import Site


async def _as(pair: Pair, org: Any) -> httpx2.AsyncClient:
    browser, _ = await pair.site.browser(org.actor)
    browser.headers["accept"] = "text/html"
    return browser


async def _post(browser: httpx2.AsyncClient, form: forms.Found, **typed: str) -> httpx2.Response:
    return await browser.post(form.action, data=form.fields | typed)


async def test_the_first_page_counts_the_lists_and_says_why_each_is_open(pair: Pair) -> None:
    made = await pair.sent()
    async with await _as(pair, pair.sender) as browser:
        assert "Waiting for others <strong>1</strong>" in (await browser.get("/")).text
        page = (await browser.get("/?view=waiting_for_others")).text
        assert made["reference"] in page
        assert "has not answered since" in page
        assert "García López, María" in page
        empty = await browser.get("/?view=closed")
        assert "Nothing here." in empty.text
        assert (await browser.get("/?view=unknown")).status_code == 404
        spanish = await browser.get(
            "/?view=waiting_for_others", headers={"accept-language": "es-MX"}
        )
        assert "no ha respondido" in spanish.text
    async with await _as(pair, pair.recipient) as browser:
        assert "Mine to answer <strong>1</strong>" in (await browser.get("/")).text


async def test_a_long_list_goes_on_where_it_stopped(pair: Pair) -> None:
    made = {(await pair.sent())["reference"] for _ in range(26)}
    async with await _as(pair, pair.sender) as browser:
        first = (await browser.get("/?view=waiting_for_others")).text
        href = first.partition('href="/?view=waiting_for_others&amp;after=')[2].partition('"')[0]
        second = (await browser.get(f"/?view=waiting_for_others&after={href}")).text
        forged = await browser.get("/?view=waiting_for_others&after=AAAA")
    assert forged.status_code == 422
    on_first = {each for each in made if each in first}
    on_second = {each for each in made if each in second}
    assert (len(on_first), len(on_second)) == (25, 1)
    assert on_first | on_second == made


async def test_a_role_without_lists_is_told_so(pair: Pair) -> None:
    reader = await pair.site.house.member(pair.sender.id, roles=frozenset({Role.READER}))
    browser, _ = await pair.site.browser(reader)
    async with browser:
        page = await browser.get("/", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "Your roles show no referrals" in page.text


async def test_the_page_offers_the_steps_that_are_open_and_no_others(pair: Pair) -> None:
    made = await pair.sent(narrative="Two children at home.")
    async with await _as(pair, pair.recipient) as browser:
        page = (await browser.get(f"/referrals/{made['id']}")).text
        assert "Can you help this family with food?" in page
        assert "Two children at home." in page
        offered = {form.fields.get("act") for form in forms.every(page)} - {None}
        read = (await pair.other.get(f"/api/v1/referrals/{made['id']}")).json()
        legs = read["referral"]["legs"][0]["open_steps"]
        assert offered == {step["step"] for step in [*legs, *read.get("open_steps", [])]}
        form = forms.of_step(page, "accept")
        done = await _post(browser, form, owner_name="Sam Lee", owner_phone="5035550101")
        assert done.status_code == 303, done.text
        after = (await browser.get(done.headers["location"])).text
        assert "Done: Accept" in after
        assert forms.of_step(after, "undo")
        twice = await _post(browser, form, owner_name="Sam Lee", owner_phone="5035550101")
        assert twice.headers["location"] == done.headers["location"]
    read = (await pair.other.get(f"/api/v1/referrals/{made['id']}")).json()
    accepted = [line for line in read["history"] if line["step"] == "accept"]
    assert [line["source"] for line in accepted] == ["web"]


async def test_a_form_that_is_not_taken_comes_back_with_every_word(pair: Pair) -> None:
    made = await pair.sent()
    async with await _as(pair, pair.recipient) as browser:
        page = (await browser.get(f"/referrals/{made['id']}")).text
        form = forms.of_step(page, "decline")
        answer = await _post(browser, form, reason="other", no_capacity_until="nonsense")
        assert answer.status_code == 422
        assert "Check this and try again" in answer.text
        answer = await _post(browser, form, reason="other")
        assert answer.status_code == 422
        assert "Say a few words about this choice" in answer.text
        assert forms.of_step(answer.text, "decline").fields["reason"] == "other"


async def test_a_stale_page_shows_how_it_stands_and_keeps_what_was_typed(pair: Pair) -> None:
    made = await pair.sent()
    leg = made["legs"][0]
    async with await _as(pair, pair.recipient) as browser:
        page = (await browser.get(f"/referrals/{made['id']}")).text
        asked = {"step": "ask", "items": ["insurance card"], "due_on": "2030-01-02"}
        assert (await pair.step(pair.other, leg, asked)).status_code == 200
        late = await _post(
            browser, forms.of_step(page, "decline"), reason="other", comment="A long story"
        )
        assert late.status_code == 412
        assert "changed meanwhile" in late.text
        again = forms.of_step(late.text, "decline")
        assert again.fields["comment"] == "A long story"
        assert again.fields["seen"] != forms.of_step(page, "decline").fields["seen"]
        done = await _post(browser, again)
        assert done.status_code == 303, done.text


async def test_words_for_a_step_that_is_closed_by_now_are_shown_beside_it(pair: Pair) -> None:
    made = await pair.sent()
    leg = made["legs"][0]
    async with await _as(pair, pair.recipient) as browser:
        page = (await browser.get(f"/referrals/{made['id']}")).text
        accepted = await pair.step(pair.other, leg, ACCEPT)
        leg = accepted.json()["legs"][0]
        done = {"step": "complete", "outcome": "served", "need_met": "yes"}
        assert (await pair.step(pair.other, leg, done)).status_code == 200
        late = await _post(
            browser, forms.of_step(page, "decline"), reason="other", comment="A long story"
        )
    assert late.status_code in (409, 412)
    assert "A long story" in late.text
    assert all(form.fields.get("act") != "decline" for form in forms.every(late.text))


async def test_an_answer_on_behalf_says_who_gave_it_and_how(pair: Pair) -> None:
    made = await pair.sent()
    async with await _as(pair, pair.sender) as browser:
        page = (await browser.get(f"/referrals/{made['id']}")).text
        form = forms.of_step(page, "decline", on_behalf=True)
        bare = await _post(browser, form, reason="no_capacity", comment="Full until spring")
        assert bare.status_code == 422
        assert "Say who gave the answer" in bare.text
        again = forms.of_step(bare.text, "decline", on_behalf=True)
        assert again.fields["comment"] == "Full until spring"
        done = await _post(browser, again, source="phone", spoke_to="Jo Harbor")
        assert done.status_code == 303, done.text
        after = (await browser.get(done.headers["location"])).text
    assert "Recorded on the recipient&#39;s behalf" in after or "recipient's behalf" in after
    assert "By phone, Jo Harbor" in after
    assert "Full until spring" in after


async def test_another_organizations_referral_is_not_there(pair: Pair) -> None:
    made = await pair.sent()
    stranger = await pair.site.house.organization("Riverbend Health")
    async with await _as(pair, stranger) as browser:
        page = await browser.get(f"/referrals/{made['id']}")
        assert page.status_code == 404
        posted = {"act": "void", "seen": "1", "nonce": "n", "reason": "other"}
        home = (await browser.get("/")).text
        csrf = forms.sent_to(home, "/sign-out").fields["csrf"]
        step = await browser.post(f"/referrals/{made['id']}/steps", data=posted | {"csrf": csrf})
        assert step.status_code == 404
        bad = await browser.post(f"/referrals/{made['id']}/steps", data={"csrf": csrf})
        assert bad.status_code == 400


async def test_a_new_patient_and_their_referral_are_sent_from_one_page(pair: Pair) -> None:
    async with await _as(pair, pair.sender) as browser:
        page = (await browser.get("/referrals/new")).text
        form = forms.sent_to(page, "/referrals/new")
        assert "has room, stated today" in page
        typed = {
            "given_name": "Elena",
            "family_name": "Torres Vega",
            "birth_date": "1975-05-06",
            "phone": "503 555 0177",
            "patient_language": "es",
            "service_id": str(pair.recipient.service_id),
            "narrative": "Two children.",
        }
        short = await _post(browser, form, **typed)
        assert short.status_code == 422
        assert "Say in one line" in short.text
        assert "Say on what basis" in short.text
        form = forms.sent_to(short.text, "/referrals/new")
        assert form.fields["narrative"] == "Two children."
        ready = {"question": "Groceries?", "consent_basis": "treatment"}
        done = await _post(browser, form, **ready)
        assert done.status_code == 303, done.text
        assert (await _post(browser, form, **ready)).headers["location"] == done.headers["location"]
        after = (await browser.get(done.headers["location"])).text
        assert "Elena Torres Vega" in after
        assert "With the recipient" in after
        listed = await pair.one.get("/api/v1/referrals")
        assert len(listed.json()["items"]) == 1


async def test_somebody_alike_is_shown_before_they_are_registered_twice(pair: Pair) -> None:
    async with await _as(pair, pair.sender) as browser:
        page = (await browser.get("/referrals/new")).text
        form = forms.sent_to(page, "/referrals/new")
        typed = {
            "given_name": "María",
            "family_name": "García López",
            "birth_date": "1980-01-02",
            "phone": "+15035550123",
            "service_id": str(pair.recipient.service_id),
            "question": "Groceries?",
            "consent_basis": "treatment",
        }
        known = await _post(browser, form, **typed)
        assert known.status_code == 409
        assert str(pair.patient_id) in known.text
        again = forms.sent_to(known.text, "/referrals/new")
        kept = await _post(browser, again, patient_id=str(pair.patient_id), draft="yes")
        assert kept.status_code == 303, kept.text
        draft = (await browser.get(kept.headers["location"])).text
        assert "Draft" in draft
        assert forms.of_step(draft, Step.SEND)


async def test_a_patient_is_found_without_a_word_in_the_address(pair: Pair) -> None:
    async with await _as(pair, pair.sender) as browser:
        page = (await browser.get("/referrals/new")).text
        form = forms.sent_to(page, "/referrals/new")
        found = await _post(
            browser, form, find="yes", find_family="López", find_initial="M", question="Groceries?"
        )
        assert found.status_code == 200
        fields = forms.sent_to(found.text, "/referrals/new").fields
        assert (fields["patient_id"], fields["question"]) == (str(pair.patient_id), "Groceries?")
        wrong = await _post(browser, form, find="yes", find_family="López")
        assert wrong.status_code == 422
        none = await _post(browser, form, find="yes", find_other="+15035559999")
        assert "Nobody found" in none.text


async def test_work_for_people_is_listed_and_resolved_by_hand(here: Site) -> None:
    house = here.house
    await house.organization("Valley CCO", kind="coordination", cco=True)
    sender = await house.organization()
    offline = await house.organization("Old Church", kind="social_service", channel="offline")
    await house.sent(sender, [offline])
    browser, _ = await here.browser(sender.actor)
    browser.headers["accept"] = "text/html"
    async with browser:
        page = (await browser.get("/tasks")).text
        assert "Call the recipient" in page
        assert "They have no mailbox" in page
        form = next(each for each in forms.every(page) if each.action.endswith("/resolve"))
        assert (await _post(browser, form, resolution="")).status_code == 422
        done = await _post(browser, form, resolution="reached")
        assert done.headers["location"] == "/tasks"
        assert "Nothing here." in (await browser.get("/tasks")).text
        missing = forms.Found(f"/tasks/{ids.new_id()}/resolve", form.fields)
        assert (await _post(browser, missing, resolution="done")).status_code == 404


async def test_whoever_calls_an_agency_finds_its_people_and_is_done_with_it(here: Site) -> None:
    link = await link_making.minted(here.house)
    await link_making.change(here.house, link, "update address set enrolled_at = null")
    worker = Person(here, link)
    await worker.come_in()
    named = {"name_1": "Jo Harbor", "phone_1": "(503) 555-0142", "pin_1": "271828"}
    assert (await worker.send("/r/people", "enrol", **named)).status_code == 303
    browser, _ = await here.browser(link.sender.actor)
    browser.headers["accept"] = "text/html"
    async with browser:
        assert "Confirm the people named" in (await browser.get("/tasks")).text
        referral = (await browser.get(f"/referrals/{link.referral_id}")).text
        people = f"/organizations/{link.agency.id}/people"
        assert f'href="{people}"' in referral
        page = (await browser.get(people)).text
        form = next(each for each in forms.every(page) if each.action.startswith(people))
        done = await _post(browser, form, how="called")
        assert done.headers["location"] == people
        assert "I called" not in (await browser.get(people)).text
        assert "Nothing here." in (await browser.get("/tasks")).text
