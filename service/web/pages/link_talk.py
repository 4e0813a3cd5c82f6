"""The messages of a visit through a link: read, and answered, by somebody who said who they are."""

from typing import Any
from uuid import UUID

from litestar import Response

from service import faults
from service.actions import link_files, talk_by_link
from service.actions.read_thread import Line, Sheet
from service.domain import threads as rules
from service.domain.policy import Action
from service.domain.threads import MessageState
from service.web import desk, idempotency, limits, problems, routing, visits
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import file_words, link_once, link_visit, link_words, speaking


@routing.door("GET", "/r/messages", policy=Action.LINK_TALK, page=Page.FORM, hidden=True)
async def read(request: Asked) -> Response[Any]:
    """Show what was said in the conversations of this leg."""
    if not visits.of(request).stepped_up:
        return speaking.see_other("/r/stepup")
    errors = file_words.errors_of(request.query_params.get("file", ""))
    failed = {"errors": errors, "failed": request.query_params.get("talk", "")}
    return await _show(request, failed if errors else {})


async def _show(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    card = await link_visit.card_of(request)
    if card is None:
        return await link_visit.gone(request, None)
    visit = visits.of(request)
    sheets = await talk_by_link.read_talks(
        desk.of(request).office, visit, request_id=problems.request_id_of(request.scope)
    )
    context = {
        "reference": card.row.reference,
        "nonce": await link_words.nonce(request),
        "talks": [_talk(sheet, visit) | await _files(request, sheet.id) for sheet in sheets],
        **link_words.contact(card),
    }
    return await link_visit.show(request, "link/messages", context | said, status=status)


async def _files(request: Asked, thread_id: UUID) -> dict[str, Any]:
    visit = visits.of(request)
    found = await link_files.of_talk(
        desk.of(request).office,
        visit,
        thread_id,
        request_id=problems.request_id_of(request.scope),
    )
    return {"files": file_words.shown(found, under="/r/files", own=visit.org_id)}


def _talk(sheet: Sheet, visit: Any) -> dict[str, Any]:
    return {
        "id": str(sheet.id),
        "subject": sheet.subject or "",
        "who": [each.name for each in sheet.parties if each.ended_at is None],
        "lines": [_line(line, visit) for line in sheet.lines],
    }


def _line(line: Line, visit: Any) -> dict[str, Any]:
    return {
        "who": ", ".join(each for each in (line.author, line.author_org) if each),
        "at": link_words.local(visit, line.card.created_at),
        "text": line.text if line.state is MessageState.READABLE else None,
        "retracted": line.state is MessageState.RETRACTED,
        "absent": line.state is MessageState.ABSENT,
    }


async def say(request: Asked, form: dict[str, str]) -> Response[Any]:
    """Answer in one conversation; a form sent twice says it once."""
    visit = visits.of(request)
    if not visit.stepped_up:
        return speaking.see_other("/r/stepup")
    text = form.get("text", "").strip()
    if not text or len(text) > rules.LONGEST_TEXT:
        wrong = {"text": "too_long" if text else "missing"}
        said = {"errors": wrong, "values": form, "failed": form.get("thread_id", "")}
        return await _show(request, said, status=422)
    await desk.of(request).limits.spend(limits.MESSAGES, str(visit.link_id))
    thread_id = _id(form.get("thread_id", ""))
    once = await link_once.of(request, form["nonce"], route="link say")
    chosen = file_words.chosen(form)

    async def act() -> Response[Any]:
        await talk_by_link.answer(
            desk.of(request).office,
            visit,
            thread_id,
            text=text,
            files=chosen,
            once=once,
            request_id=problems.request_id_of(request.scope),
        )
        return speaking.see_other("/r/messages")

    async def again(_: idempotency.Spent) -> Response[Any]:
        return speaking.see_other("/r/messages")

    return await idempotency.run(request, once, act=act, again=again)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise faults.Malformed("Send the form as the page has it.") from None


HANDLERS = (read,)
