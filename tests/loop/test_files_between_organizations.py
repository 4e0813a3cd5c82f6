"""Files where organizations meet: given with the past, fetched by link, taken back from all."""

import asyncio

from tests import files
from tests.fixtures.town import Caller, body_of
from tests.loop import people
from tests.loop.people import Cast
from tests.loop.test_a_conversation_stays_between_its_parties import begun, to
from tests.loop.test_break_glass import of
from tests.loop.test_files import headers_of


async def sent(caller: Caller, where: str, body: bytes) -> str:
    """Send a file and wait until the scanner has looked at it."""
    async with caller.town.client() as client:
        answer = await client.post(
            f"/api/v1/{where}/attachments", content=body, headers=headers_of(caller)
        )
    assert answer.status_code == 201, answer.text
    file_id = str(answer.json()["id"])
    for _ in range(400):
        if (await caller.get(f"/attachments/{file_id}")).json()["state"] == "clean":
            return file_id
        await asyncio.sleep(0.05)
    raise AssertionError(caller.town.logs()[-4000:])


async def said(caller: Caller, thread: str, *attachments: str) -> str:
    body = {"text": "Here it is.", "attachments": list(attachments)}
    answer = await caller.post(f"/threads/{thread}/messages", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["message_id"])


async def test_who_is_let_in_later_gets_the_files_of_what_they_are_given(story: Cast) -> None:
    heart, lungs = await story.account("Heart"), await story.account("Lungs")
    outsider = await story.account("Outsider")
    thread = await begun(story.clinic, heart.org)
    first, second = files.pdf(1_000), files.pdf(200_000)
    early = await sent(story.clinic, f"threads/{thread}", first)
    await said(story.clinic, thread, early)
    late = await sent(heart, f"threads/{thread}", second)
    since = await said(heart, thread, late)
    body = {"participant": to(lungs.org)[0], "text": "Please look.", "history": "from"}
    where = f"/threads/{thread}/participants"
    let_in = await story.clinic.post(where, body | {"from_message_id": since})
    assert let_in.status_code == 201, let_in.text
    assert (await lungs.get(f"/attachments/{late}/content")).content == second
    assert (await lungs.get(f"/attachments/{early}/content")).status_code == 404
    for file_id in (early, late):
        assert (await outsider.get(f"/attachments/{file_id}/content")).status_code == 404
    answer = await heart.post(f"/attachments/{late}/retraction", {"reason": "wrong_patient"})
    assert [each["org_id"] for each in answer.json()["opened_by"]] == [str(lungs.org.id)]
    for caller in (story.clinic, heart, lungs):
        assert (await caller.get(f"/attachments/{late}/content")).status_code == 410
    mail = await story.town.letter(of(lungs.org), text="was taken back")
    assert "/tasks" in body_of(mail)


async def test_a_file_for_an_agency_is_fetched_by_link_and_taken_back(story: Cast) -> None:
    town, agency = story.town, await story.agency(enrolled=False)
    heart = await story.account("Heart")
    referral = await story.send(agency, heart.org, mode="all_needed")
    thread = await begun(story.clinic, agency, referral_id=referral)
    made = await sent(story.clinic, f"threads/{thread}", files.PDF)
    await said(story.clinic, thread, made)
    mail = await town.letter(agency.mailbox, text="You have a message")
    visitor = story.visitor(agency)
    await people.enrolled(visitor, await visitor.open(town.link_of(mail)))
    assert (await visitor.go(f"/r/files/{made}")).content != files.PDF
    await people.identified(story, visitor, agency)
    assert f'href="/r/files/{made}"' in (await visitor.go("/r/messages")).text
    assert (await visitor.go(f"/r/files/{made}")).content == files.PDF
    assert (await heart.get(f"/attachments/{made}/content")).status_code == 404
    assert (
        await heart.post(f"/attachments/{made}/retraction", {"reason": "other"})
    ).status_code == 404
    answer = await story.clinic.post(f"/attachments/{made}/retraction", {"reason": "wrong_patient"})
    (reader,) = answer.json()["opened_by"]
    assert (reader["org"], reader["by_link"]) == ("Harbor Food Bank", True)
    assert (await visitor.go(f"/r/files/{made}")).status_code == 410
    assert "This file was taken back." in (await visitor.go("/r/messages")).text
