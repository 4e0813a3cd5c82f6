"""The form that turns single keys on or off; a page of one's account."""

from typing import Any

from litestar import Response

from service.actions import keep_shortcuts
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff


@routing.door("POST", "/account/shortcuts", policy=Action.SESSION_OWN, **staff.DOOR)
async def keep(request: Asked) -> Response[Any]:
    """Turn single keys on or off for this person."""
    on = (await speaking.form(request)).get("shortcuts", "") == "yes"
    await keep_shortcuts.keep(desk.of(request).office, guards.actor(request), on=on)
    return speaking.see_other("/account#shortcuts")


HANDLERS = (keep,)
