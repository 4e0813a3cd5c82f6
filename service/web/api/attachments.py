"""Files over the API: sent as they are, looked at, fetched whole or in part."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import add_attachment, file_places, read_attachment, receive_file
from service.actions.file_places import Place
from service.actions.read_attachment import File
from service.domain.policy import Action
from service.web import desk, downloads, guards, idempotency, problems, routing, uploads
from service.web.desk import Asked
from service.web.headers import Page


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file: what it is called, how the scan of it stands, and what took it along.

    `scanner` is none where a file counts as clean by its form alone. Without `name` no key of the
    reader's opens it any more; with `retract_reason` it was taken back.
    """

    id: UUID
    state: str
    scanner: str | None
    name: str | None
    media_type: str | None
    length: int | None
    organization: str
    sensitivity: str
    created_at: datetime
    referral_id: UUID | None = None
    thread_id: UUID | None = None
    document_id: UUID | None = None
    message_id: UUID | None = None
    retract_reason: str | None = None


class Attachments(msgspec.Struct, frozen=True, kw_only=True):
    """Files of a referral or a conversation, oldest first."""

    items: tuple[Attachment, ...]


def attachment_of(file: File) -> Attachment:
    """Spell a file for the API."""
    label = file.label
    return Attachment(
        id=file.id,
        state=file.state,
        scanner=file.scanner,
        name=label.name if label else None,
        media_type=label.media if label else None,
        length=label.length if label else None,
        organization=file.organization,
        sensitivity=file.sensitivity,
        created_at=file.created_at,
        referral_id=file.referral_id,
        thread_id=file.thread_id,
        document_id=file.document_id,
        message_id=file.message_id,
        retract_reason=file.retract_reason,
    )


@routing.door(
    "POST",
    "/api/v1/referrals/{referral_id:uuid}/attachments",
    policy=Action.DOCUMENT_FILE,
    gives=Attachment,
    status=201,
    once=True,
    upload="file",
)
async def to_referral(request: Asked) -> Response[Any]:
    """Send a file to a referral; a document takes it along, and what none takes is swept."""
    return await _sent(request, Place(referral_id=request.path_params["referral_id"]))


@routing.door(
    "POST",
    "/api/v1/threads/{thread_id:uuid}/attachments",
    policy=Action.THREAD_WRITE,
    gives=Attachment,
    status=201,
    once=True,
    upload="file",
)
async def to_thread(request: Asked) -> Response[Any]:
    """Send a file to a conversation; a message takes it along, and what none takes is swept."""
    return await _sent(request, Place(thread_id=request.path_params["thread_id"]))


async def _sent(request: Asked, place: Place) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    request_id = problems.request_id_of(request.scope)
    idempotency.key_of(request)
    await file_places.may_add(office, actor, place)
    await uploads.counted(request, str(actor.member_id))
    incoming = uploads.whole(request)

    async def said(file_id: UUID) -> Response[Any]:
        found = await read_attachment.look(office, actor, file_id, request_id=request_id)
        where = f"/api/v1/attachments/{file_id}"
        return routing.answer(attachment_of(found), status=201, location=where)

    async with receive_file.received(office, actor, incoming, request_id=request_id) as file:
        told = file.digest + msgspec.json.encode((file.name, file.kind.name))
        once = await idempotency.once_of_file(request, told, status=201)

        async def act() -> Response[Any]:
            added = await add_attachment.add_attachment(
                office, actor, place, file=file, once=once, request_id=request_id
            )
            return await said(added.id)

        async def again(spent: idempotency.Spent) -> Response[Any]:
            assert spent.resource_id is not None
            return await said(spent.resource_id)

        return await idempotency.run(request, once, act=act, again=again)


@routing.door(
    "GET",
    "/api/v1/referrals/{referral_id:uuid}/attachments",
    policy=Action.REFERRAL_READ,
    gives=Attachments,
)
async def of_referral(request: Asked) -> Response[Any]:
    """List the files of a referral that the caller may see, its own loose ones too."""
    found = await read_attachment.listed(
        desk.of(request).office,
        guards.actor(request),
        request.path_params["referral_id"],
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(Attachments(items=tuple(attachment_of(each) for each in found)))


@routing.door(
    "GET",
    "/api/v1/threads/{thread_id:uuid}/attachments",
    policy=Action.THREAD_READ,
    gives=Attachments,
)
async def of_thread(request: Asked) -> Response[Any]:
    """List the files of a conversation that the caller may see, its own loose ones too."""
    found = await read_attachment.listed_in_thread(
        desk.of(request).office,
        guards.actor(request),
        request.path_params["thread_id"],
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(Attachments(items=tuple(attachment_of(each) for each in found)))


@routing.door(
    "GET",
    "/api/v1/attachments/{attachment_id:uuid}",
    policy=(Action.REFERRAL_READ_NARRATIVE, Action.THREAD_READ),
    gives=Attachment,
)
async def look(request: Asked) -> Response[Any]:
    """Say what a file is called and how the scan of it stands."""
    found = await read_attachment.look(
        desk.of(request).office,
        guards.actor(request),
        request.path_params["attachment_id"],
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(attachment_of(found))


@routing.door(
    "GET",
    "/api/v1/attachments/{attachment_id:uuid}/content",
    policy=(Action.REFERRAL_READ_NARRATIVE, Action.THREAD_READ),
    page=Page.FILE,
)
async def content(request: Asked) -> Response[Any]:
    """Fetch a clean file, whole or a part of it (Range); that it was read is recorded first."""
    file, opened = await read_attachment.fetch(
        desk.of(request).office,
        guards.actor(request),
        request.path_params["attachment_id"],
        request_id=problems.request_id_of(request.scope),
    )
    return await downloads.answer(request, file, opened)


HANDLERS = (to_referral, to_thread, of_referral, of_thread, look, content)
