"""How the routes of files are called, and the record of one: clean, and its own key gone."""

from typing import Any

from service.domain import ids
from service.domain.policy import Action
from tests.web.matrix.call import Call
from tests.web.matrix.callers import RECIPIENT
from tests.web.matrix.law import About
from tests.web.matrix.stage import Stage

_READ = (Call(actions=(Action.REFERRAL_READ_NARRATIVE,)),)
_FORM = {"nonce": "{nonce}"}
_WHY = {"reason": "wrong_content"}

CALLS: dict[str, tuple[Call, ...]] = {
    "POST /api/v1/referrals/{referral_id:uuid}/attachments": (Call(json={}),),
    "POST /api/v1/threads/{thread_id:uuid}/attachments": (Call(json={}),),
    "GET /api/v1/attachments/{attachment_id:uuid}": _READ,
    "GET /api/v1/attachments/{attachment_id:uuid}/content": _READ,
    "GET /files/{attachment_id:uuid}": _READ,
    "POST /api/v1/documents/{document_id:uuid}/retraction": (
        Call(json=_WHY, about=About.FILED, spends=("document_id",)),
    ),
    "POST /api/v1/attachments/{attachment_id:uuid}/retraction": (
        Call(json=_WHY, about=About.FILED, spends=("attachment_id",)),
    ),
    "POST /documents/{document_id:uuid}/retraction": (
        Call(form=_WHY, about=About.FILED, spends=("document_id",)),
    ),
    "POST /files/{attachment_id:uuid}/retraction": (
        Call(form=_WHY, about=About.FILED, spends=("attachment_id",)),
    ),
    "POST /referrals/{referral_id:uuid}/files": (Call(form=_FORM),),
    "POST /threads/{thread_id:uuid}/files": (Call(form=_FORM),),
    "POST /r/files": (Call(form={"nonce": "{visit_nonce}"}),),
    "GET /r/files/{attachment_id:uuid}": (
        Call(about=About.ONESELF, records={"attachment_id": "link_attachment"}),
    ),
}
"""The calls of each route; what is sent is no file that is taken."""

_INSERT = """insert into lk.attachment (id, org_id, referral_id, document_id, leg_id, context_id,
    class, epoch, blob_id, stored_bytes, state, next_at, bound_at, created_at)
  select $1, $2, e.context_id, $3, $4, e.context_id, e.class, e.epoch, $1, 272, 'clean', lk.now(),
    case when $3::uuid is null then null else lk.now() end, lk.now()
    from lk.epoch e where e.context_id = $5 limit 1"""


async def attachment(stage: Stage) -> Any:
    """A file that whoever may have it is told is gone: nobody gets more than that."""
    return await _made(stage, RECIPIENT, document_id=stage.records["document_id"])


async def by_link(stage: Stage) -> Any:
    """The same of an agency, as it sent it by link."""
    return await _made(stage, "berth", document_id=None)


async def _made(stage: Stage, name: str, *, document_id: Any) -> Any:
    file_id, org_id = ids.new_id(), stage.orgs[name].id
    await stage.owner.execute(
        _INSERT, file_id, org_id, document_id, stage.legs[org_id], stage.taken.referral_id
    )
    return file_id
