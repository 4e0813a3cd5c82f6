"""What somebody had typed when their session ran out: shown again, to be sent or thrown away."""

import re
from typing import Any
from uuid import UUID

from litestar import Response

from service.actions import parking
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.pages import kept_forms, speaking, staff, staff_new, staff_thread_new
from templates import words

_WHOLE = {
    "/referrals/new": staff_new.shown_again,
    "/threads/new": staff_thread_new.shown_again,
}
"""Pages that can show themselves as they were filled in."""

_UNSEEN = re.compile(r"(nonce|act|step|seen|view|on_behalf|version|.*_id)")
"""Fields a page fills in by itself; nobody typed them."""

_LINE = 80


@routing.door("GET", "/parked/{parked_id:uuid}", policy=Action.SESSION_OWN, **staff.DOOR)
async def look(request: Asked) -> Response[Any]:
    """Show the form again; nothing is sent before its button is pressed."""
    office, actor = desk.of(request).office, guards.actor(request)
    parked_id: UUID = request.path_params["parked_id"]
    parked = await parking.read(office, actor, parked_id=parked_id)
    whole = _WHOLE.get(parked.path)
    if whole is not None:
        return await whole(request, dict(parked.fields))
    page = kept_forms.page_of(parked)
    if page and not request.query_params.get("alone"):
        return speaking.see_other(f"{page}?kept={parked_id}")
    say = staff.saying(request)
    typed = [
        {
            "name": name,
            "label": words.word(say, name, "field"),
            "value": value,
            "long": len(value) > _LINE or "\n" in value,
        }
        for name, value in parked.fields.items()
        if not _UNSEEN.fullmatch(name)
    ]
    unseen = [(name, value) for name, value in parked.fields.items() if _UNSEEN.fullmatch(name)]
    context = {"action": parked.path, "typed": typed, "unseen": unseen, "drop": str(parked_id)}
    return await staff.show(request, "staff/parked", context)


@routing.door("POST", "/parked/{parked_id:uuid}/drop", policy=Action.SESSION_OWN, **staff.DOOR)
async def drop(request: Asked) -> Response[Any]:
    """Throw it away."""
    office, actor = desk.of(request).office, guards.actor(request)
    await parking.drop(office, actor, parked_id=request.path_params["parked_id"])
    return speaking.see_other("/")


HANDLERS = (look, drop)
