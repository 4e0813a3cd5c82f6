"""Every line says who looked and in which request: through a link, and about patients."""

from typing import Any

from service.store.pool import Scope
from tests.web import consenting, link_making, registering
from tests.web.link_person import Person
from tests.web.registering import MARIA
from tests.web.site import Site
from tests.web.test_link_inside import PIN, confirmed


async def lines(here: Site, condition: str, *values: Any) -> list[Any]:
    async with here.house.check.transaction(Scope()) as connection:
        found: list[Any] = await connection.fetch(
            "select action, link_id, worker_id, request_id from audit"
            f" where {condition} order by at, id",
            *values,
        )
    return found


async def test_a_look_through_a_link_names_the_link_and_who_said_who_they_are(here: Site) -> None:
    link = await link_making.minted(here.house)
    worker_id = await confirmed(here, link)
    async with await here.program(link.sender.actor) as sender:
        body = {
            "referral_id": str(link.referral_id),
            "subject": "A delivery",
            "text": "Does the fridge work?",
            "participants": [{"org_id": str(link.agency.id)}],
        }
        said = await sender.post("/api/v1/threads", json=body, headers={"idempotency-key": "k"})
        assert said.status_code == 201, said.text
    person = Person(here, link)
    await person.come_in()
    card = await person.get("/r/card")
    await person.send("/r/stepup", "stepup", person_id=worker_id, pin=PIN)
    pages = {
        act: await person.get(path)
        for act, path in (
            ("link.read_identity", "/r/details"),
            ("thread.read", "/r/messages"),
            ("link.read_card", "/r/card"),
        )
    }
    assert "Does the fridge work?" in pages["thread.read"].text
    for act, page in pages.items():
        asked_in = page.headers["x-request-id"]
        (line,) = await lines(here, "action = $1 and request_id = $2", act, asked_in)
        assert (line["link_id"], str(line["worker_id"])) == (link.id, worker_id), act
    # Before anybody said who they are there is nobody to name.
    (before,) = await lines(here, "request_id = $1", card.headers["x-request-id"])
    assert (before["link_id"], before["worker_id"]) == (link.id, None)
    assert await lines(here, "actor_kind = 'link' and link_id is null") == []


async def test_every_line_about_a_patient_names_the_request_it_was_asked_in(here: Site) -> None:
    _, program = await registering.north_of(here)
    other = await here.house.organization("Other")
    contact = {"relation": "parent", "reach": {"name": "Rosa García"}}
    async with program:
        answers = [await registering.created(program)]
        where = f"/api/v1/patients/{answers[0].json()['id']}"
        answers += [
            await registering.created(program),
            await program.get(where),
            await program.get(f"{where}/contacts"),
            await program.post(f"{where}/contacts", json=contact),
            await program.get(f"{where}/consents"),
            await program.get(f"{where}/disclosures"),
            await program.post("/api/v1/patients/search", json={"phone": MARIA["phones"][0]}),
            await program.patch(
                where, json={"identity": {"call_as": "Elena"}}, headers={"if-match": '"1"'}
            ),
        ]
        await consenting.recorded(program, where.rpartition("/")[2], other)
    asked_in = {answer.headers["x-request-id"] for answer in answers}
    about = "action ~ '^(patient|contact|consent|disclosure)[.]'"
    found = await lines(here, about)
    assert {line["action"] for line in found} >= {
        *("patient.create", "patient.candidate", "patient.read", "patient.search"),
        *("patient.found", "patient.edit", "contact.add", "contact.read"),
        *("consent.read", "consent.record", "disclosure.list"),
    }
    assert [line["action"] for line in found if not line["request_id"]] == []
    recorded = {line["request_id"] for line in found if line["action"] != "consent.record"}
    assert recorded == asked_in
