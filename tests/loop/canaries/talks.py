"""Conversations and files over the API, with marks in each sealed field."""

import asyncio
from typing import Any
from urllib.parse import quote

from service.domain import ids
from tests.fixtures.town import Caller
from tests.loop.canaries.charts import look, put
from tests.loop.canaries.marks import Book
from tests.loop.people import Cast
from tests.making import Org

MESSAGES = 6
"""In each conversation; nobody may say more than twenty in twenty seconds."""


async def held(story: Cast, book: Book, office: Caller, *others: Org, referral: str) -> str:
    """Hold a conversation: notes, a draft, somebody let in, a message taken back."""
    clinic = story.clinic
    began = {
        "subject": book.words("NewThreadBody", "subject"),
        "text": book.words("NewThreadBody", "text", 10),
        "participants": [{"org_id": str(each.id)} for each in (office.org, *others)],
        "referral_id": referral,
    }
    thread = f"/threads/{(await put(clinic, '/threads', began))['thread_id']}"
    for _ in range(MESSAGES):
        await put(office, f"{thread}/messages", {"text": book.words("MessageBody", "text", 15)})
    await _enclosed(clinic, book, thread)
    await put(clinic, f"{thread}/notes", {"text": book.words("NoteBody", "text", 10)})
    await _forwarded(story, book, thread)
    await _retracted(clinic, book, thread)
    # Whoever says something has no draft any more, so the draft comes last.
    await _drafted(clinic, book, thread)
    return thread


async def _enclosed(clinic: Caller, book: Book, thread: str) -> None:
    """Send a file along with a message; whoever is let in later is given it sealed again."""
    file = await uploaded(clinic, book, thread)
    await fetched(clinic, book, file)
    said = {"text": book.words("MessageBody", "text", 5), "attachments": [file]}
    await put(clinic, f"{thread}/messages", said)


async def _drafted(clinic: Caller, book: Book, thread: str) -> None:
    for _ in range(2):
        draft = {"text": book.words("DraftBody", "text", 10)}
        await put(clinic, f"{thread}/draft", draft, method="PUT")
        await look(clinic, book, f"{thread}/draft")


async def _forwarded(story: Cast, book: Book, thread: str) -> None:
    """Let two in, one from a message on: what they are given of the past is sealed again."""
    messages = (await look(story.clinic, book, thread)).json()["messages"]
    asked: tuple[dict[str, Any], ...] = (
        {"history": "all"},
        {"history": "from", "from_message_id": messages[4]["id"]},
    )
    for each in asked:
        newcomer = await story.account("Newcomer")
        said = {
            "participant": {"org_id": str(newcomer.org.id)},
            "text": book.words("ForwardBody", "text", 5),
        }
        await put(story.clinic, f"{thread}/participants", said | each)
        await look(newcomer, book, thread)
        await look(newcomer, book, f"{thread}/attachments")


async def _retracted(clinic: Caller, book: Book, thread: str) -> None:
    wrong = {"text": book.words("MessageBody", "text", 5)}
    said = await put(clinic, f"{thread}/messages", wrong)
    await look(clinic, book, thread)
    why = {"reason": "wrong_content", "comment": book.words("RetractBody", "comment", 5)}
    await put(clinic, f"{thread}/messages/{said['message_id']}/retraction", why)


async def uploaded(caller: Caller, book: Book, where: str) -> str:
    """Send a file of several chunks whose name and lines are marks."""
    lines = "\n".join(book.words("File", "content", 6) + " -" * 2000 for _ in range(10))
    sent = caller.headers | {
        "content-type": "text/plain",
        "x-file-name": quote(f"{book.word('File', 'name')}.txt"),
        "idempotency-key": ids.new_id().hex,
    }
    async with caller.town.client() as client:
        answer = await client.post(
            f"/api/v1{where}/attachments", content=lines.encode(), headers=sent
        )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def fetched(caller: Caller, book: Book, file_id: str) -> None:
    """Wait until a file was looked at, and read it."""
    path = f"/attachments/{file_id}"
    for _ in range(600):
        if (await caller.get(path)).json()["state"] == "clean":
            break
        await asyncio.sleep(0.05)
    await look(caller, book, path)
    await look(caller, book, f"{path}/content")
