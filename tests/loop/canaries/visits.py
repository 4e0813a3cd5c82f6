"""An agency's visit through a link, with marks in whatever its people type."""

import httpx2
import msgspec

from tests.fixtures.town import Visitor
from tests.loop import people
from tests.loop.canaries.charts import look, order, put
from tests.loop.canaries.marks import Book
from tests.loop.people import Cast
from tests.making import Org
from tests.web import forms

PIN = "481516"


async def visited(story: Cast, book: Book, patient: str) -> None:
    """Send to an agency, and let its people accept, step up, say something and send a file."""
    agency, mailbox = await _reached(story, book)
    made = await put(story.clinic, "/referrals", order(book, patient, agency.service_id))
    await story.town.skip(story.cco, hours=1)
    letter = await story.town.letter(mailbox, text=made["reference"])
    worker = story.visitor(msgspec.structs.replace(agency, mailbox=mailbox))
    await _accepted(worker, book, await worker.open(story.town.link_of(letter)))
    began = {
        "subject": book.words("NewThreadBody", "subject"),
        "text": book.words("NewThreadBody", "text"),
        "participants": [{"org_id": str(agency.id)}],
        "referral_id": made["id"],
    }
    thread = (await put(story.clinic, "/threads", began))["thread_id"]
    book.shown.append((await people.identified(story, worker, agency)).content)
    said = book.words("MessageBody", "text", 5)
    page = await worker.act(await worker.go("/r/messages"), "say", thread_id=thread, text=said)
    assert page.status_code == 200, page.text
    await _sent(worker, book)
    outcome = {"outcome": "served", "need_met": "yes", "comment": book.words("Wanted", "comment")}
    page = await worker.act(await worker.go("/r/outcome"), "complete", **outcome)
    assert page.status_code == 200, page.text
    await look(story.clinic, book, f"/threads/{thread}")
    await look(story.clinic, book, f"/referrals/{made['id']}")
    await look(story.clinic, book, f"/organizations/{agency.id}/workers")


async def _reached(story: Cast, book: Book) -> tuple[Org, str]:
    """Make an agency and attest its mailbox."""
    agency = await story.agency(enrolled=False)
    address = book.email("Mailbox", "address")
    body = {"address": address, "phrase": book.words("Mailbox", "phrase", 1)}
    await put(story.cco, f"/organizations/{agency.id}/mailbox", body, method="PUT")
    await look(story.cco, book, f"/organizations/{agency.id}/mailbox")
    return agency, address


async def _accepted(worker: Visitor, book: Book, page: httpx2.Response) -> None:
    await worker.act(
        page,
        "enrol",
        name_1=book.words("AgencyPerson", "name", 2),
        phone_1=book.phone("AgencyPerson", "phone"),
        pin_1=PIN,
        phrase=book.words("Enrolment", "phrase", 1),
    )
    await worker.act(
        await worker.go("/r/accept"),
        "accept",
        owner_name=book.words("OwnerBody", "name"),
        owner_phone=book.phone("OwnerBody", "phone"),
        expected_by="2030-01-02",
    )
    noted = {"own_note": book.words("MessageBody", "text", 3)}
    await worker.act(await worker.go("/r/card"), "note", **noted)
    book.shown.append((await worker.go("/r/card")).content)


async def _sent(worker: Visitor, book: Book) -> None:
    form = forms.sent_to((await worker.go("/r/details")).text, "/r/files")
    file = (f"{book.word('File', 'name')}.txt", book.words("File", "content", 20), "text/plain")
    answer = await worker.client.post(
        form.action,
        data=form.fields,
        files={"file": (file[0], file[1].encode(), file[2])},
        headers=worker.town.same_origin,
    )
    assert answer.headers["location"] == "/r/details#files", answer.headers
    book.shown += [(await worker.go("/r/details")).content, file[1].encode()]
