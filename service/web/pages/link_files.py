"""Files on the pages of a link, after step-up: a PDF or a photo in, what was sent out.

They belong to the visit's part of the referral or to one of its conversations.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service import faults
from service.actions import add_attachment, file_places, link_files, receive_file, talk_by_link
from service.actions.file_places import Place
from service.actions.receive_file import FileRefused, Received
from service.domain.policy import Action
from service.store.rows import OnceRow
from service.web import desk, downloads, guards, idempotency, problems, routing, uploads, visits
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import file_words, link_once, link_words, speaking


@routing.door(
    "POST",
    "/r/files",
    policy=Action.LINK_READ_IDENTITY,
    page=Page.FORM,
    hidden=True,
    upload="form",
)
async def send(request: Asked) -> Response[Any]:
    """Take a file for this visit's part or one of its conversations; a later answer sends it."""
    visit, office = visits.of(request), desk.of(request).office
    if not visit.stepped_up:
        return speaking.see_other("/r/stepup")
    form = uploads.Form(request)
    there = await form.begin()
    nonce = form.fields.get("nonce", "")
    if not guards.from_here(request) or not await link_words.is_fresh(request, nonce):
        raise faults.VisitOver
    place = await _place(request, form.fields.get("thread_id", ""))
    await file_places.may_add(office, visit.actor, place)
    if not there:
        return _back(place, "missing")
    await uploads.counted(request, str(visit.link_id))
    request_id = problems.request_id_of(request.scope)
    try:
        async with receive_file.received(
            office, visit.actor, form.file(), request_id=request_id
        ) as file:
            told = file.digest + msgspec.json.encode((file.name, file.kind.name))
            once = await link_once.of(request, nonce, route="link file", body=told)
            return await idempotency.run(
                request,
                once,
                act=lambda: _added(request, place, file, once=once),
                again=lambda _: _done(place),
            )
    except (FileRefused, faults.TooLarge) as refusal:
        return _back(place, file_words.code_of(refusal))


async def _place(request: Asked, thread: str) -> Place:
    """Say where a file goes: to a conversation that the form names, else to this visit's part."""
    visit = visits.of(request)
    if not thread:
        return Place(referral_id=visit.referral_id, leg_id=visit.leg_id, worker_id=visit.worker_id)
    try:
        thread_id = UUID(thread)
    except ValueError:
        raise faults.Malformed("Send the form as the page has it.") from None
    await talk_by_link.own(desk.of(request).office, visit, thread_id)
    return Place(thread_id=thread_id, worker_id=visit.worker_id)


def _back(place: Place, code: str) -> Response[Any]:
    if place.thread_id is None:
        return speaking.see_other(f"/r/details?file={code}#file")
    return speaking.see_other(f"/r/messages?file={code}&talk={place.thread_id}#file")


async def _added(request: Asked, place: Place, file: Received, *, once: OnceRow) -> Response[Any]:
    await add_attachment.add_attachment(
        desk.of(request).office,
        visits.of(request).actor,
        place,
        file=file,
        once=once,
        request_id=problems.request_id_of(request.scope),
    )
    return await _done(place)


async def _done(place: Place) -> Response[Any]:
    return speaking.see_other("/r/details#files" if place.thread_id is None else "/r/messages")


@routing.door(
    "GET",
    "/r/files/{attachment_id:uuid}",
    policy=Action.LINK_READ_IDENTITY,
    page=Page.FILE,
    hidden=True,
)
async def fetch(request: Asked) -> Response[Any]:
    """Fetch a file of this visit's part."""
    if not visits.of(request).stepped_up:
        return speaking.see_other("/r/stepup")
    file, opened = await link_files.fetch(
        desk.of(request).office,
        visits.of(request),
        request.path_params["attachment_id"],
        request_id=problems.request_id_of(request.scope),
    )
    return await downloads.answer(request, file, opened)


HANDLERS = (send, fetch)
