"""Documents and files taken back over the API, with who had them opened."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import retract_document
from service.domain import threads as rules
from service.domain.policy import Action
from service.web import desk, guards, problems, routing
from service.web.api.thread_shapes import Reader
from service.web.desk import Asked


class TakeBackBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is taken back, as a code."""

    reason: rules.RetractReason


class TakenBack(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a document or a file, and who had it opened."""

    id: UUID
    reason: rules.RetractReason
    opened_by: tuple[Reader, ...]


@routing.door(
    "POST",
    "/api/v1/documents/{document_id:uuid}/retraction",
    policy=Action.DOCUMENT_RETRACT,
    takes=TakeBackBody,
    gives=TakenBack,
)
async def document(request: Asked) -> Response[Any]:
    """Take a document back with its files: nobody opens it any more; who did is listed."""
    return await _taken_back(request, request.path_params["document_id"], file=False)


@routing.door(
    "POST",
    "/api/v1/attachments/{attachment_id:uuid}/retraction",
    policy=Action.DOCUMENT_RETRACT,
    takes=TakeBackBody,
    gives=TakenBack,
)
async def file(request: Asked) -> Response[Any]:
    """Take one file back and leave the words it went along with; who fetched it is listed."""
    return await _taken_back(request, request.path_params["attachment_id"], file=True)


async def _taken_back(request: Asked, record_id: UUID, *, file: bool) -> Response[Any]:
    body = await routing.body(request, TakeBackBody)
    wish = retract_document.Retraction(
        record_id=record_id,
        reason=body.reason,
        file=file,
        request_id=problems.request_id_of(request.scope),
    )
    done = await retract_document.retract_document(
        desk.of(request).office, guards.actor(request), wish
    )
    found = tuple(Reader(**msgspec.structs.asdict(each)) for each in done.readers)
    return routing.answer(TakenBack(id=record_id, reason=body.reason, opened_by=found))


HANDLERS = (document, file)
