"""Three organizations, an agency with a link, and an outsider who tries everything."""

import asyncio
from typing import Any

import asyncpg
import httpx2
import msgspec
import pytest

from service.actions import mail_wishes
from service.domain import ids
from service.domain.mail_pace import RoutineMail
from service.domain.people import Role
from tests import making
from tests.fixtures.town import Caller, body_of
from tests.loop import people
from tests.loop.people import Cast

SECRET = ("chest pain", "beta blocker", "Heating bill", "fridge")


def to(*orgs: making.Org) -> list[dict[str, str]]:
    return [{"org_id": str(org.id)} for org in orgs]


async def begun(caller: Caller, *orgs: making.Org, **fields: Any) -> Any:
    body = {
        "subject": "chest pain at rest",
        "text": "On a beta blocker?",
        "participants": to(*orgs),
    }
    answer = await caller.post("/threads", body | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()["thread_id"]


async def says(caller: Caller, thread: str, text: str) -> httpx2.Response:
    return await caller.post(f"/threads/{thread}/messages", {"text": text})


async def reads(caller: Caller, thread: str) -> Any:
    answer = await caller.get(f"/threads/{thread}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def texts(caller: Caller, thread: str) -> list[str | None]:
    return [each.get("text") for each in (await reads(caller, thread))["messages"]]


async def test_a_specialist_joins_reads_what_was_chosen_and_leaves(story: Cast) -> None:
    clinic, heart, mind = (
        story.clinic,
        await story.account("Harbor Cardiology"),
        await story.account("Valley Behavioral"),
    )
    thread = await begun(clinic, heart.org)
    await says(heart, thread, "Since when?")
    await says(clinic, thread, "Since May")
    note = {"text": "They never answer on Fridays."}
    assert (await clinic.post(f"/threads/{thread}/notes", note)).status_code == 201
    second = (await reads(heart, thread))["messages"][1]["id"]
    forward = {
        "participant": {"org_id": str(mind.org.id)},
        "text": "Could this be panic?",
        "history": "from",
        "from_message_id": second,
    }
    assert (await heart.post(f"/threads/{thread}/participants", forward)).status_code == 201
    assert await texts(mind, thread) == ["Since when?", "Since May", "Could this be panic?"]
    assert (await says(mind, thread, "Likely")).status_code == 201
    assert (await texts(clinic, thread))[-1] == "Likely"
    notes = [(await reads(each, thread))["internal_notes"] for each in (clinic, heart, mind)]
    assert [[each["text"] for each in found] for found in notes] == [[note["text"]], [], []]
    where = f"/threads/{thread}/participants/{mind.org.id}"
    assert (await delete(mind, where)).status_code == 200
    assert (await mind.get(f"/threads/{thread}")).status_code == 404
    assert (await says(mind, thread, "Me again")).status_code == 404
    assert (await says(clinic, thread, "Between us two")).status_code == 201
    assert await _held(story, mind.org, thread) == {2}
    assert await _held(story, heart.org, thread) == {1, 2, 3}


async def delete(caller: Caller, path: str) -> httpx2.Response:
    async with caller.town.client() as client:
        return await client.delete(f"/api/v1{path}", headers=caller.headers)


async def _held(story: Cast, org: making.Org, thread: str) -> set[int]:
    """Say which epochs of a thread an organization has a key of, past every fence."""
    async with story.house.check.transaction(people.Scope()) as connection:
        rows = await connection.fetch(
            "select epoch from seal where org_id = $1 and thread_id = $2", org.id, thread
        )
    return {row["epoch"] for row in rows}


async def test_an_outsider_finds_nothing_by_any_door(story: Cast) -> None:
    heart, outsider = await story.account("Heart"), await story.account("Outsider")
    thread = await begun(story.clinic, heart.org)
    message = (await reads(heart, thread))["messages"][0]["id"]
    mine = await begun(outsider, heart.org)
    nothing = (await outsider.get(f"/threads/{ids.new_id()}")).content
    tried = [
        await outsider.get(f"/threads/{thread}"),
        await says(outsider, thread, "Let me in"),
        await outsider.get(f"/threads/{thread}/draft"),
        await outsider.post(f"/threads/{thread}/notes", {"text": "x"}),
        await outsider.post(
            f"/threads/{thread}/participants",
            {"participant": {"org_id": str(outsider.org.id)}, "text": "x", "history": "all"},
        ),
        await outsider.post(
            f"/threads/{thread}/messages/{message}/retraction", {"reason": "wrong_content"}
        ),
        await outsider.post(
            f"/threads/{mine}/messages/{message}/retraction", {"reason": "wrong_content"}
        ),
        await delete(outsider, f"/threads/{thread}/participants/{heart.org.id}"),
        await delete(outsider, f"/threads/{thread}/participants/{outsider.org.id}"),
    ]
    assert [each.status_code for each in tried] == [404] * len(tried)
    assert {each.content for each in tried} == {nothing}
    reply = {"text": "x", "reply_to": message}
    assert (await outsider.post(f"/threads/{mine}/messages", reply)).status_code == 422
    listed = (await outsider.get("/threads")).json()["items"]
    assert [each["id"] for each in listed] == [mine]
    assert await _held(story, outsider.org, thread) == set()
    assert len((await reads(heart, thread))["messages"]) == 1


async def test_who_may_not_be_told_is_refused_and_nothing_is_stored(story: Cast) -> None:
    agency, program = await story.agency(), await story.account("Kitchen", covered=False)
    patient = await story.house.patient(story.clinic.org)
    about = {"patient_id": str(patient.id), "consent_basis": "treatment"}
    for guests, more in (
        ([agency], {}),
        ([program.org], about),
        ([program.org], {"patient_id": str(patient.id)}),
        ([program.org], {"sensitivity": "part2", **about}),
        ([story.clinic.org], {}),
    ):
        body = {"subject": "s", "text": "t", "participants": to(*guests), **more}
        answer = await story.clinic.post("/threads", body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["field"] == "participants"
    assert (await story.clinic.get("/threads")).json()["items"] == []


async def test_an_agency_reads_and_answers_by_its_link(story: Cast) -> None:
    town, agency = story.town, await story.agency(enrolled=False)
    referral = await story.send(agency)
    thread = await begun(
        story.clinic,
        agency,
        referral_id=referral,
        subject="Heating bill",
        text="Does the fridge work?",
    )
    mail = await town.letter(agency.mailbox, text="You have a message")
    said = body_of(mail) + str(mail["subject"])
    assert "Northside Clinic" in said
    assert [word for word in SECRET if word in said] == []
    visitor = story.visitor(agency)
    card = await people.enrolled(visitor, await visitor.open(town.link_of(mail)))
    assert [word for word in SECRET if word in card.text] == []
    before = await visitor.go("/r/messages")
    assert "Does the fridge work?" not in before.text
    await people.identified(story, visitor, agency)
    page = await visitor.go("/r/messages")
    assert "Does the fridge work?" in page.text
    await visitor.act(page, "say", thread_id=thread, text="It does not.")
    assert await texts(story.clinic, thread) == ["Does the fridge work?", "It does not."]
    elsewhere = await begun(story.clinic, (await story.account("Other")).org)
    refused = await visitor.act(
        await visitor.go("/r/messages"), "say", thread_id=elsewhere, text="And here?"
    )
    assert refused.status_code == 404
    assert len(await texts(story.clinic, elsewhere)) == 1


async def test_members_are_told_of_others_words_and_never_of_their_own(story: Cast) -> None:
    heart = await story.account("Heart")
    for org in (story.clinic.org, heart.org):
        await mail_wishes.wish(story.house.office, org.actor, routine=RoutineMail.AT_ONCE)
    thread = await begun(story.clinic, heart.org)
    told = await story.town.letter(heart.org.mailbox, text="You have a message")
    assert f"/threads/{thread}" in body_of(told)
    assert [word for word in SECRET if word in body_of(told) + str(told["subject"])] == []
    await says(heart, thread, "A question")
    await asyncio.sleep(1)
    mailed = [str(mail["to"]) for mail in (story.town.letters("") or [])]
    ours = [each for each in mailed if story.clinic.org.id.hex[-8:] in each]
    theirs = [each for each in mailed if heart.org.id.hex[-8:] in each]
    assert (len(ours), len(theirs)) == (1, 1)


async def test_what_is_taken_back_leaves_a_tombstone_and_a_task_on_each_side(story: Cast) -> None:
    heart = await story.account("Heart")
    thread = await begun(story.clinic, heart.org)
    first = (await reads(heart, thread))["messages"][0]["id"]
    body = {"reason": "wrong_patient", "comment": "Another Maria."}
    where = f"/threads/{thread}/messages/{first}/retraction"
    answer = await story.clinic.post(where, body)
    assert answer.status_code == 200, answer.text
    assert [each["org"] for each in answer.json()["opened_by"]] == ["Heart"]
    for side in (story.clinic, heart):
        stone = (await reads(side, thread))["messages"][0]
        assert (stone["state"], stone.get("text")) == ("retracted", None)
        tasks = (await side.get("/human-tasks", limit=100)).json()["items"]
        assert "message_retracted" in {task["kind"] for task in tasks}
    owner = await asyncpg.connect(story.town.database_url)
    left = await owner.fetchval("select envelope from lk.message where id = $1", first)
    await owner.close()
    assert left is None


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.ORG_ADMIN, Role.READER])
async def test_a_role_that_reads_no_narrative_reads_no_messages(story: Cast, role: Role) -> None:
    heart = await story.account("Heart")
    thread = await begun(story.clinic, heart.org)
    actor = await story.house.member(heart.org.id, roles=frozenset({role}))
    colleague = await story.town.caller(
        story.house, msgspec.structs.replace(heart.org, actor=actor)
    )
    assert (await colleague.get(f"/threads/{thread}")).status_code == 403
