"""Inside a visit through a link: named people, PINs, and what is shown to whom."""

import pytest

from crypto import primitives
from service.actions import agency_people, keep_consents
from service.actions.agency_people import AgencyPerson
from service.domain import ids
from service.domain.rules import Step
from service.store import agency_workers
from service.store.agency_workers import NewWorker
from service.store.pool import Scope
from tests.web import link_making
from tests.web.link_making import Minted
from tests.web.link_person import Person
from tests.web.site import Site

pytestmark = pytest.mark.anyio

PIN = "271828"


async def confirmed(here: Site, link: Minted) -> str:
    """Put a confirmed person on record, as a call to the number on file does."""
    worker_id = ids.new_id()
    sealed = await agency_people.sealed(
        here.house.keys,
        link.agency.id,
        worker_id=worker_id,
        person=AgencyPerson(name="Jo Harbor", phone="+15035550142"),
    )
    row = NewWorker(
        org_id=link.agency.id,
        id=worker_id,
        sealed=sealed,
        pin_hash=primitives.password_hash(PIN),
        entered_through_link_id=link.id,
    )
    async with here.house.office.db.transaction(Scope(org_id=link.agency.id)) as connection:
        await agency_workers.insert(connection, row)
        await connection.execute("update agency_worker set confirmed_at = lk.now()")
    return str(worker_id)


async def test_a_pin_shows_who_it_is_about_and_the_look_is_recorded(here: Site) -> None:
    link = await link_making.minted(here.house)
    worker_id = await confirmed(here, link)
    person = Person(here, link)
    await person.come_in()
    assert (await person.get("/r/details")).headers["location"] == "/r/stepup"
    wrong = await person.send("/r/stepup", "stepup", person_id=worker_id, pin="000000")
    assert wrong.status_code == 422
    right = await person.send("/r/stepup", "stepup", person_id=worker_id, pin=PIN)
    assert right.headers["location"] == "/r/details"
    page = await person.get("/r/details")
    assert "María García López" in page.text
    assert "Can you help this family with food?" in page.text
    looks = await link_making.rows(
        here.house,
        "select worker_id from audit where action = 'link.read_identity' and link_id = $1",
        link.id,
    )
    assert [str(row["worker_id"]) for row in looks] == [worker_id]


async def test_a_consent_taken_back_closes_the_details_with_the_next_request(here: Site) -> None:
    sender, patient_id, consent_id = await link_making.allowed(here.house)
    link = await link_making.minted(
        here.house, sender=sender, patient_id=patient_id, consent_id=consent_id
    )
    worker_id = await confirmed(here, link)
    person = Person(here, link)
    await person.come_in()
    await person.send("/r/stepup", "stepup", person_id=worker_id, pin=PIN)
    assert "María García López" in (await person.get("/r/details")).text
    await keep_consents.withdraw_consent(
        here.house.office, sender.actor, patient_id=patient_id, consent_id=consent_id
    )
    page = await person.get("/r/details")
    assert page.status_code == 403
    assert "María" not in page.text
    assert (await person.get("/r/card")).status_code == 200


async def test_five_wrong_pins_close_the_person_until_somebody_confirms_anew(here: Site) -> None:
    link = await link_making.minted(here.house)
    worker_id = await confirmed(here, link)
    person = Person(here, link)
    await person.come_in()
    for _ in range(5):
        await person.send("/r/stepup", "stepup", person_id=worker_id, pin="000000")
    page = await person.get("/r/stepup")
    assert "waiting to be confirmed" in page.text


async def test_a_first_visit_names_people_who_see_nothing_before_a_call(here: Site) -> None:
    link = await link_making.minted(here.house)
    await link_making.change(here.house, link, "update address set enrolled_at = null")
    person = Person(here, link)
    await person.come_in()
    assert (await person.get("/r/card")).headers["location"] == "/r/people"
    bad = await person.send("/r/people", "enrol", name_1="Jo Harbor", pin_1="12")
    assert bad.status_code == 422
    form = {"name_1": "Jo Harbor", "phone_1": "(503) 555-0142", "pin_1": PIN}
    good = await person.send("/r/people", "enrol", **form, phrase="blue kettle")
    assert good.headers["location"] == "/r/card"
    assert (await person.get("/r/card")).status_code == 200
    page = await person.get("/r/stepup")
    assert "Jo Harbor is waiting to be confirmed by phone." in page.text
    again = await person.client.get("/r/people")
    assert again.headers["location"] == "/r/card"


async def test_a_visit_goes_through_to_the_outcome(here: Site) -> None:
    link = await link_making.minted(here.house)
    worker_id = await confirmed(here, link)
    person = Person(here, link)
    await person.come_in()
    await person.send("/r/stepup", "stepup", person_id=worker_id, pin=PIN)
    await person.accept()
    for act, form in (
        ("schedule", {"starts_on": "2099-01-05", "starts_at": "10:30", "modality": "phone"}),
        ("no_show", {}),
        ("undo", {}),
        ("start", {}),
        ("complete", {"outcome": "served", "need_met": "partly"}),
    ):
        page = "/r/card" if act == "undo" else "/r/details"
        answered = await person.send(page, act, **form)
        assert answered.headers["location"] == f"/r/done/{act}", answered.text
    leg = await link_making.rows(
        here.house, "select state, outcome, need_met from leg where id = $1", link.leg_id
    )
    assert tuple(leg[0]) == ("completed", "served", "partly")


async def test_before_the_pin_only_neutral_answers_are_taken(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    await person.come_in()
    await person.accept()
    data = {"act": "complete", "nonce": await person.nonce("/r/card")}
    refused = await person.client.post(
        "/r/act", data=data | {"outcome": "served", "need_met": "yes"}
    )
    assert refused.status_code == 403


async def test_the_senders_answers_stand_beside_the_questions(here: Site) -> None:
    link = await link_making.minted(here.house)
    worker_id = await confirmed(here, link)
    person = Person(here, link)
    await person.come_in()
    await person.send("/r/ask", "ask", items="Is there a child?\nA cat?", due="2099-01-02")
    await here.house.step(link.sender.actor, link.leg_id, Step.SUPPLY)
    await person.send("/r/stepup", "stepup", person_id=worker_id, pin=PIN)
    page = await person.get("/r/details")
    assert "Is there a child?" in page.text
    assert "insurance card: attached" in page.text


async def test_pressing_again_during_a_visit_leads_back_to_it(here: Site) -> None:
    link = await link_making.minted(here.house)
    person = Person(here, link)
    await person.come_in()
    again = await person.press()
    assert again.headers["location"] == "/r/card"
    assert "set-cookie" not in again.headers
    assert len(await link_making.mails(here.house, link)) == 1
