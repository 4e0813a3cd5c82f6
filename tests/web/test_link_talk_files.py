"""Files in the conversations of a link: fetched and sent by somebody who said who they are."""

from typing import Any

import httpx2

from tests import files
from tests.web import forms
from tests.web.link_person import Person
from tests.web.sending import looked_at, send
from tests.web.site import Site
from tests.web.test_file_pages import PHOTO, _stepped_up

KEYS = iter(range(10_000))


async def _post(caller: httpx2.AsyncClient, where: str, **body: Any) -> Any:
    headers = {"idempotency-key": f"of-the-talk-{next(KEYS)}"}
    answer = await caller.post(f"/api/v1/{where}", json=body, headers=headers)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def _talk(here: Site, person: Person) -> tuple[httpx2.AsyncClient, str]:
    """Begin a conversation with the agency about its leg; return its sender and its id."""
    sender = await here.program(person.link.sender.actor)
    begun = await _post(
        sender,
        "threads",
        referral_id=str(person.link.referral_id),
        subject="Proof of address",
        text="Could you send it?",
        participants=[{"org_id": str(person.link.agency.id)}],
    )
    return sender, str(begun["thread_id"])


def _form(page: str, thread: str, act: str) -> forms.Found:
    return next(
        each
        for each in forms.every(page)
        if (each.fields.get("act"), each.fields.get("thread_id")) == (act, thread)
    )


async def _upload(person: Person, thread: str, file: Any = PHOTO) -> httpx2.Response:
    form = _form((await person.get("/r/messages")).text, thread, "file")
    fields = {name: value for name, value in form.fields.items() if name != "file"}
    return await person.client.post(form.action, data=fields, files={"file": file})


async def test_a_file_of_the_conversation_is_shown_fetched_and_on_record(here: Site) -> None:
    person = await _stepped_up(here)
    sender, thread = await _talk(here, person)
    made = (await send(sender, f"threads/{thread}")).json()["id"]
    await _post(sender, f"threads/{thread}/messages", text="Here.", attachments=[made])
    page = (await person.get("/r/messages")).text
    assert "note.pdf" in page
    assert f"/r/files/{made}" not in page
    assert (await person.get(f"/r/files/{made}")).status_code == 409
    await looked_at(here)
    assert f'href="/r/files/{made}"' in (await person.get("/r/messages")).text
    assert (await person.get(f"/r/files/{made}")).content == files.PDF
    retracted = await _post(sender, f"attachments/{made}/retraction", reason="wrong_patient")
    assert [(each["by_link"], each["member"]) for each in retracted["opened_by"]] == [(True, None)]
    assert (await person.get(f"/r/files/{made}")).status_code == 410
    assert "This file was taken back." in (await person.get("/r/messages")).text
    assert "Este archivo se retiró." in (await person.get("/r/messages?language=es")).text


async def test_the_agency_sends_a_file_with_its_answer(here: Site) -> None:
    person = await _stepped_up(here)
    sender, thread = await _talk(here, person)
    sent = await _upload(person, thread)
    assert (sent.status_code, sent.headers["location"]) == (303, "/r/messages")
    await looked_at(here)
    answer = _form((await person.get("/r/messages")).text, thread, "say")
    (made,) = [name.removeprefix("file_") for name in answer.fields if name.startswith("file_")]
    assert (await sender.get(f"/api/v1/attachments/{made}/content")).status_code == 404
    said = await person.client.post("/r/act", data=answer.fields | {"text": "Here it is."})
    assert said.headers["location"] == "/r/messages", said.text
    assert (await sender.get(f"/api/v1/attachments/{made}/content")).content == files.JPEG
    assert (await person.get(f"/r/files/{made}")).content == files.JPEG


async def test_what_is_wrong_with_a_file_is_said_in_its_own_conversation(here: Site) -> None:
    person = await _stepped_up(here)
    _, thread = await _talk(here, person)
    _, other = await _talk(here, person)
    sent = await _upload(person, thread, ("note.pdf", b"MZ" + bytes(99), "application/pdf"))
    where = f"/r/messages?file=file_lies&talk={thread}"
    assert sent.headers["location"] == f"{where}#file"
    page = (await person.get(where)).text
    assert page.count("file-error") == 2
    mine = page.partition(f'value="{thread}"')[2].partition("</section>")[0]
    assert 'id="file-error"' in mine
    assert other in page


async def test_a_conversation_of_another_part_is_not_there(here: Site) -> None:
    person, stranger = await _stepped_up(here), await _stepped_up(here)
    sender, thread = await _talk(here, person)
    _, own = await _talk(here, stranger)
    made = (await send(sender, f"threads/{thread}")).json()["id"]
    await _post(sender, f"threads/{thread}/messages", text="Here.", attachments=[made])
    await looked_at(here)
    assert (await stranger.get(f"/r/files/{made}")).status_code == 404
    form = _form((await stranger.get("/r/messages")).text, own, "file")
    fields = {name: value for name, value in form.fields.items() if name != "file"}
    sent = await stranger.client.post(
        form.action, data=fields | {"thread_id": thread}, files={"file": PHOTO}
    )
    assert sent.status_code == 404


async def test_a_threat_in_a_conversation_is_work_for_whose_it_is(here: Site) -> None:
    person = await _stepped_up(here)
    sender, thread = await _talk(here, person)
    await _upload(person, thread, ("a.txt", files.EICAR, "text/plain"))

    async def never(pieces: Any) -> bool:
        async for _ in pieces:
            pass
        return False

    assert await looked_at(here, scanner=never) == ["threat"]
    tasks = (await sender.get("/api/v1/human-tasks")).json()["items"]
    assert "attachment_threat" in {each["reason"] for each in tasks}
