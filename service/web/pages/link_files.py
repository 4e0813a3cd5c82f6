"""Files on the pages of a link, after step-up: a PDF or a photo in, what was sent out."""

from typing import Any

import msgspec
from litestar import Response

from crypto import token
from service import faults
from service.actions import add_attachment, file_places, link_files, receive_file
from service.actions.file_places import Place
from service.actions.receive_file import FileRefused, Received
from service.domain.policy import Action
from service.store.rows import OnceRow
from service.web import desk, downloads, guards, idempotency, problems, routing, uploads, visits
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import file_words, link_words, speaking

_BACK = "/r/details"


@routing.door(
    "POST",
    "/r/files",
    policy=Action.LINK_READ_IDENTITY,
    page=Page.FORM,
    hidden=True,
    upload="form",
)
async def send(request: Asked) -> Response[Any]:
    """Take a file for this visit's part; the outcome or an addition then sends it along."""
    visit, office = visits.of(request), desk.of(request).office
    if not visit.stepped_up:
        return speaking.see_other("/r/stepup")
    form = uploads.Form(request)
    there = await form.begin()
    nonce = form.fields.get("nonce", "")
    if not guards.from_here(request) or not await link_words.is_fresh(request, nonce):
        raise faults.VisitOver
    place = Place(referral_id=visit.referral_id, leg_id=visit.leg_id, worker_id=visit.worker_id)
    await file_places.may_add(office, visit.actor, place)
    if not there:
        return speaking.see_other(f"{_BACK}?file=missing#file")
    await uploads.counted(request, str(visit.link_id))
    request_id = problems.request_id_of(request.scope)
    try:
        async with receive_file.received(
            office, visit.actor, form.file(), request_id=request_id
        ) as file:
            once = await _once(request, nonce, file)
            return await idempotency.run(
                request,
                once,
                act=lambda: _added(request, place, file, once=once),
                again=lambda _: _done(),
            )
    except (FileRefused, faults.TooLarge) as refusal:
        return speaking.see_other(f"{_BACK}?file={file_words.code_of(refusal)}#file")


async def _added(request: Asked, place: Place, file: Received, *, once: OnceRow) -> Response[Any]:
    await add_attachment.add_attachment(
        desk.of(request).office,
        visits.of(request).actor,
        place,
        file=file,
        once=once,
        request_id=problems.request_id_of(request.scope),
    )
    return await _done()


async def _done() -> Response[Any]:
    return speaking.see_other(f"{_BACK}#files")


async def _once(request: Asked, nonce: str, file: Received) -> OnceRow:
    visit = visits.of(request)
    key = await desk.of(request).office.keys.network_key("idempotency")
    told = file.digest + msgspec.json.encode((file.name, file.kind.name))
    return OnceRow(
        principal=visit.id,
        key=nonce,
        body_mac=token.idempotency_digest(key, route="link file", body=told),
        route="link file",
        status=303,
        org_id=visit.org_id,
    )


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
