"""How the routes of conversations are called, and how the records they name are made."""

from typing import Any

from service.actions.start_thread import NewThread, Said, start_thread
from service.actions.thread_guests import Invited
from tests.web.matrix import marks
from tests.web.matrix.call import NOBODY, Call
from tests.web.matrix.callers import OWNER, RECIPIENT
from tests.web.matrix.law import About

CALLS: dict[str, tuple[Call, ...]] = {
    "POST /api/v1/threads": (Call(json={}),),
    "POST /api/v1/threads/{thread_id:uuid}/messages": (Call(json={"text": "Good morning."}),),
    "POST /api/v1/threads/{thread_id:uuid}/participants": (
        Call(json={"participant": {"org_id": NOBODY}, "text": "Please look."}),
    ),
    "DELETE /api/v1/threads/{thread_id:uuid}/participants/{org_id:uuid}": (
        Call(records={"org_id": "thread_guest"}, spends=("thread_id",)),
    ),
    "POST /api/v1/threads/{thread_id:uuid}/messages/{message_id:uuid}/retraction": (
        Call(json={"reason": "wrong_content"}, about=About.MESSAGE, spends=("message_id",)),
    ),
    "POST /api/v1/threads/{thread_id:uuid}/notes": (Call(json={"text": "Call them back."}),),
    "PUT /api/v1/threads/{thread_id:uuid}/draft": (Call(json={"text": "I think"}),),
    "PUT /api/v1/threads/{thread_id:uuid}/read": (Call(json={"read_seq": 0}),),
    "POST /api/v1/threads/{thread_id:uuid}/referral": (Call(json={}, about=About.ONESELF),),
    "POST /threads/new": (Call(form={"nonce": "{nonce}"}),),
    "POST /threads/{thread_id:uuid}/messages": (Call(form={"nonce": "{nonce}"}),),
    "POST /threads/{thread_id:uuid}/notes": (Call(form={"nonce": "{nonce}"}),),
    "POST /threads/{thread_id:uuid}/participants": (Call(form={"nonce": "{nonce}"}),),
    "POST /threads/{thread_id:uuid}/participants/{org_id:uuid}/end": (
        Call(form={}, records={"org_id": "thread_guest"}, spends=("thread_id",)),
    ),
    "POST /threads/{thread_id:uuid}/messages/{message_id:uuid}/retraction": (
        Call(form={"reason": "wrong_content"}, about=About.MESSAGE, spends=("message_id",)),
    ),
    "POST /threads/{thread_id:uuid}/unread": (Call(form={"number": "1"}),),
}
"""The calls of each route."""


async def _said(stage: Any) -> Said:
    wish = NewThread(
        subject="A question",
        text=marks.MESSAGE,
        participants=(Invited(org_id=stage.orgs[RECIPIENT].id),),
    )
    return await start_thread(stage.site.house.office, stage.orgs[OWNER].actor, wish)


async def _thread(stage: Any) -> Any:
    return (await _said(stage)).thread_id


async def _message(stage: Any) -> Any:
    """What the clinic said in a thread of its own, which then is the one that paths name."""
    said = await _said(stage)
    stage.records["thread_id"] = said.thread_id
    return said.message_id


async def _recipient(stage: Any) -> Any:
    return stage.orgs[RECIPIENT].id


MAKERS = {"thread_id": _thread, "message_id": _message, "thread_guest": _recipient}
"""What makes each record, in an order in which later ones may use earlier ones."""
