"""Documents on pages, and taking a document or a file back by form."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Response

from service.actions import retract_document
from service.actions.read_attachment import File
from service.actions.read_referral import Sheet
from service.actions.retract_document import Retraction
from service.domain import policy
from service.domain.people import Actor, SensitivityClass
from service.domain.policy import Action
from service.domain.threads import RetractReason
from service.web import desk, guards, problems, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff


def may(actor: Actor, org_id: UUID, sensitivity: str) -> bool:
    """Say whether the policy lets somebody take back what this organization filed."""
    resource = policy.Resource(org_id=org_id, sensitivity=SensitivityClass(sensitivity))
    return isinstance(
        policy.decide(actor, Action.DOCUMENT_RETRACT, resource=resource), policy.Allow
    )


def may_of(actor: Actor) -> Callable[[File], bool]:
    """Return the same question about files, for the list of them."""
    return lambda file: may(actor, file.org_id, file.sensitivity)


def documents_of(sheet: Sheet, actor: Actor) -> list[dict[str, Any]]:
    """Spell the documents with the words this reader may have; a tombstone has its reason."""
    found: list[dict[str, Any]] = []
    for row in sheet.documents:
        said: dict[str, Any] = sheet.words.get(row.content_id) or {}
        standing = row.retract_reason is None
        found.append(
            {
                "id": str(row.id),
                "title": said.get("title") or "",
                "author": said.get("author") or row.author_org,
                "organization": row.author_org,
                "written": row.written_on,
                "text": said.get("text", ""),
                "reason": row.retract_reason or "",
                "retractable": standing and may(actor, row.author_org_id, row.sensitivity),
            }
        )
    return found


@routing.door(
    "POST",
    "/documents/{document_id:uuid}/retraction",
    policy=Action.DOCUMENT_RETRACT,
    **staff.DOOR,
)
async def document(request: Asked) -> Response[Any]:
    """Take a document back with its files, and show who had it opened before."""
    return await _take_back(request, request.path_params["document_id"], file=False)


@routing.door(
    "POST",
    "/files/{attachment_id:uuid}/retraction",
    policy=Action.DOCUMENT_RETRACT,
    **staff.DOOR,
)
async def file(request: Asked) -> Response[Any]:
    """Take one file back, and show who had fetched it before."""
    return await _take_back(request, request.path_params["attachment_id"], file=True)


async def _take_back(request: Asked, record_id: UUID, *, file: bool) -> Response[Any]:
    form = await speaking.form(request)
    reason = form.get("reason", "")
    if reason not in set(RetractReason):
        # The form alone, with nothing of what it is about: that was on the page before.
        context = {"action": request.scope["path"], "errors": {"reason": "choose_one"}}
        return await staff.show(request, "staff/taken_back", context, status=422)
    wish = Retraction(
        record_id=record_id,
        reason=RetractReason(reason),
        file=file,
        request_id=problems.request_id_of(request.scope),
    )
    done = await retract_document.retract_document(
        desk.of(request).office, guards.actor(request), wish
    )
    back = f"/referrals/{done.referral_id}" if done.referral_id else f"/threads/{done.thread_id}"
    named = [", ".join(each for each in (by.member, by.org) if each) for by in done.readers]
    context = {"back": back, "readers": named, "errors": {}}
    return await staff.show(request, "staff/taken_back", context)


HANDLERS = (document, file)
