"""Files by hand: sent from the page of a referral or a conversation, and fetched."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service import faults
from service.actions import add_attachment, file_places, read_attachment, receive_file
from service.actions.file_places import Place
from service.actions.receive_file import FileRefused
from service.domain.policy import Action
from service.web import desk, downloads, guards, idempotency, problems, routing, uploads
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import file_words, speaking, staff


@routing.door(
    "POST",
    "/referrals/{referral_id:uuid}/files",
    policy=Action.DOCUMENT_FILE,
    upload="form",
    **staff.DOOR,
)
async def to_referral(request: Asked) -> Response[Any]:
    """Take a file for a referral; a step's form then sends it along."""
    referral_id: UUID = request.path_params["referral_id"]
    return await _sent(request, Place(referral_id=referral_id), back=f"/referrals/{referral_id}")


@routing.door(
    "POST",
    "/threads/{thread_id:uuid}/files",
    policy=Action.THREAD_WRITE,
    upload="form",
    **staff.DOOR,
)
async def to_thread(request: Asked) -> Response[Any]:
    """Take a file for a conversation; the next message then sends it along."""
    thread_id: UUID = request.path_params["thread_id"]
    return await _sent(request, Place(thread_id=thread_id), back=f"/threads/{thread_id}")


async def _sent(request: Asked, place: Place, *, back: str) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    request_id = problems.request_id_of(request.scope)
    form = uploads.Form(request)
    there = await form.begin()
    await guards.proven(request, form.fields.get("csrf", ""))
    await file_places.may_add(office, actor, place)
    if not there:
        return speaking.see_other(f"{back}?file=missing#file")
    await uploads.counted(request, str(actor.member_id))
    done = speaking.see_other(f"{back}#files")
    try:
        async with receive_file.received(office, actor, form.file(), request_id=request_id) as file:
            told = file.digest + msgspec.json.encode((file.name, file.kind.name))
            once = await idempotency.once_of_upload(request, form.fields.get("nonce", ""), told)

            async def act() -> Response[Any]:
                await add_attachment.add_attachment(
                    office, actor, place, file=file, once=once, request_id=request_id
                )
                return done

            async def again(_: idempotency.Spent) -> Response[Any]:
                return done

            return await idempotency.run(request, once, act=act, again=again)
    except (FileRefused, faults.TooLarge) as refusal:
        return speaking.see_other(f"{back}?file={file_words.code_of(refusal)}#file")


@routing.door(
    "GET",
    "/files/{attachment_id:uuid}",
    policy=(Action.REFERRAL_READ_NARRATIVE, Action.THREAD_READ),
    hidden=True,
    page=Page.FILE,
)
async def fetch(request: Asked) -> Response[Any]:
    """Fetch a file that was found clean."""
    file, opened = await read_attachment.fetch(
        desk.of(request).office,
        guards.actor(request),
        request.path_params["attachment_id"],
        request_id=problems.request_id_of(request.scope),
    )
    return await downloads.answer(request, file, opened)


HANDLERS = (to_referral, to_thread, fetch)
