"""What happens on the way when things move on meanwhile."""

import pytest

from crypto import token
from service import clock
from service.actions import enrol_agency, link_visit, start_link
from service.actions.agency_people import AgencyPerson
from service.actions.enrol_agency import Enrolment, NewPerson
from service.domain.rules import Step
from service.faults import Invalid, StepRefused
from service.store.pool import Scope
from tests.web import link_making
from tests.web.link_making import Minted
from tests.web.link_person import Person
from tests.web.site import Site
from tests.web.test_link_inside import PIN, confirmed

pytestmark = pytest.mark.anyio

PERSON = AgencyPerson(name="Jo Harbor", phone="+15035550142")


async def visit_of(here: Site, person: Person) -> link_visit.Visit:
    found = await link_visit.visit(
        here.house.office,
        link_making.digest(person.client.cookies["lk_link_visit"]),
        browser=link_making.digest(person.client.cookies["lk_link_browser"]),
        now=clock.real_now(),
    )
    assert found is not None
    return found


async def entered(here: Site) -> tuple[Person, Minted]:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    await person.come_in()
    return person, link


async def test_the_page_of_the_code_mails_another_one_within_the_limits(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    await person.press()
    again = await person.client.post("/r/code")
    assert again.headers["location"] == "/r/code"
    assert len(await link_making.mails(here.house, link)) == 1
    browser = link_making.digest(person.client.cookies["lk_link_browser"])
    later = link_making.later(minutes=11)
    await start_link.ask_again(here.house.office, browser, now=later)
    assert len(await link_making.mails(here.house, link)) == 2
    await start_link.ask_again(here.house.office, browser, now=link_making.later(minutes=12))
    assert len(await link_making.mails(here.house, link)) == 2


async def test_a_decoy_that_asks_again_causes_nothing(here: Site) -> None:
    async with here.caller(accept="text/html") as client:
        await client.post(f"/r/{link_making.UNKNOWN}")
        assert (await client.post("/r/code")).headers["location"] == "/r/code"
    assert await link_making.rows(here.house, "select id from outbox") == []


async def test_a_form_that_was_open_too_long_changes_nothing(here: Site) -> None:
    person, link = await entered(here)
    for nonce in ("", "forged", "A" * 43):
        form = {"act": "decline", "nonce": nonce, "reason": "out_of_area"}
        assert (await person.client.post("/r/act", data=form)).status_code == 403
    key = await here.house.keys.network_key("form")
    visit = await visit_of(here, person)
    old = token.form_nonce(key, session=visit.secret, form="visit", at=clock.unix_seconds() - 3700)
    form = {"act": "decline", "nonce": old, "reason": "out_of_area"}
    assert (await person.client.post("/r/act", data=form)).status_code == 403
    leg = await link_making.rows(here.house, "select state from leg where id = $1", link.leg_id)
    assert leg[0]["state"] == "received"


async def test_an_act_that_is_none_is_a_plain_problem(here: Site) -> None:
    person, _ = await entered(here)
    assert (await person.send("/r/card", "explode")).status_code == 400
    assert (await person.send("/r/card", "void")).status_code in (403, 409)


async def test_an_answer_somebody_else_gave_first_is_said_with_the_way_back(here: Site) -> None:
    person, link = await entered(here)
    nonce = await person.nonce("/r/decline")
    await person.accept()
    form = {"act": "decline", "nonce": nonce, "reason": "out_of_area"}
    answer = await person.client.post("/r/act", data=form)
    assert answer.status_code == 409
    assert 'href="/r/card"' in answer.text
    assert (await person.get("/r/decline")).headers["location"] == "/r/card"
    leg = await link_making.rows(here.house, "select state from leg where id = $1", link.leg_id)
    assert leg[0]["state"] == "accepted"


async def test_what_is_over_says_so_and_offers_nothing(here: Site) -> None:
    person, link = await entered(here)
    await person.send("/r/decline", "decline", reason="out_of_area")
    scope = Scope(org_id=link.agency.id, opening=link.referral_id)
    statement = "update party set ended_at = started_at where org_id = $1"
    async with here.house.worker.transaction(scope) as connection:
        await connection.execute(statement, link.agency.id)
    page = await person.get("/r/card")
    assert "Nothing to do" in page.text
    assert "/r/act" not in page.text
    assert "Nothing to do" in (await person.get("/r/stepup")).text
    assert (await person.get("/r/done/decline")).headers["location"] == "/r/card"


async def test_a_mailbox_names_its_people_once(here: Site) -> None:
    person, _ = await entered(here)
    visit = await visit_of(here, person)
    wish = Enrolment(people=(NewPerson(person=PERSON, pin=PIN),))
    with pytest.raises(StepRefused):
        await enrol_agency.enrol_agency(here.house.office, visit, wish)
    with pytest.raises(Invalid):
        await enrol_agency.enrol_agency(here.house.office, visit, Enrolment(people=()))


def test_people_are_checked_by_field() -> None:
    people = (
        NewPerson(person=AgencyPerson(name="", phone=""), pin=""),
        NewPerson(person=AgencyPerson(name="x" * 200, phone="12"), pin="12ab"),
    )
    assert enrol_agency.check(Enrolment(people=people, phrase="x" * 200)) == {
        "name_1": "missing",
        "phone_1": "missing",
        "pin_1": "missing",
        "name_2": "too_long",
        "phone_2": "invalid",
        "pin_2": "invalid",
        "phrase": "too_long",
    }
    assert enrol_agency.check(Enrolment(people=())) == {"name_1": "missing"}


@pytest.mark.parametrize("pin", ["123456", "000000", "87654321"])
def test_a_pin_that_anybody_tries_first_is_refused(pin: str) -> None:
    wish = Enrolment(people=(NewPerson(person=PERSON, pin=pin),))
    assert enrol_agency.check(wish) == {"pin_1": "easy"}


async def test_the_appointment_stands_on_the_details_in_the_offices_time(here: Site) -> None:
    link = await link_making.minted(here.house)
    worker_id = await confirmed(here, link)
    person = Person(here, link)
    await person.come_in()
    missing = await person.send("/r/stepup", "stepup", person_id="nobody", pin="")
    assert missing.status_code == 422
    await person.send("/r/stepup", "stepup", person_id=worker_id, pin=PIN)
    await person.accept()
    form = {"starts_on": "2099-01-05", "starts_at": "10:30", "modality": "phone"}
    wrong = await person.send("/r/details", "schedule", **(form | {"starts_on": ""}))
    assert wrong.status_code == 422
    assert "Give the day" in wrong.text
    await person.send("/r/details", "schedule", **form)
    assert "10:30" in (await person.get("/r/details")).text
    assert (await person.get("/r/stepup")).headers["location"] == "/r/details"


async def test_pages_speak_the_language_that_was_asked_for(here: Site) -> None:
    person, _ = await entered(here)
    assert 'lang="es"' in (await person.get("/r/card?language=es")).text
    assert 'lang="es"' in (await person.get("/r/decline")).text


async def test_the_story_of_a_withdrawn_request_ends_with_it(here: Site) -> None:
    link = await link_making.minted(here.house)
    await here.house.step(link.sender.actor, link.leg_id, Step.WITHDRAW)
    person = Person(here, link)
    await person.come_in()
    assert "This request was cancelled." in (await person.get("/r/card")).text
