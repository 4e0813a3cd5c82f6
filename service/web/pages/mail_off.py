"""The page that ends reminders: by one click of a mail program, or by a box that somebody ticks.

Opening it changes nothing, nor does sending its form as it comes: scanners do both.
"""

from typing import Any

from litestar import Response

from service.actions import reminders
from service.domain.policy import Action
from service.web import desk, routing
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import speaking

_FIELD, _CHOSEN = "List-Unsubscribe", "One-Click"
_DOOR: dict[str, Any] = {"policy": Action.PUBLIC, "page": Page.FORM, "hidden": True}
_PATH = f"{reminders.PATH}/{{secret:str}}"


@routing.door("GET", _PATH, **_DOOR)
async def ask(request: Asked) -> Response[Any]:
    """Show the same form whatever the address is."""
    return speaking.page(request, "link/mail_off", {"done": False})


@routing.door("POST", _PATH, **_DOOR)
async def end(request: Asked) -> Response[Any]:
    """End reminders, and say so whether or not the address was one of ours."""
    form = await speaking.form(request)
    if form.get(_FIELD) != _CHOSEN:
        said = {"done": False, "errors": {_FIELD: "missing"}}
        return speaking.page(request, "link/mail_off", said, status=422)
    await reminders.stop(desk.of(request).office, request.path_params["secret"])
    return speaking.page(request, "link/mail_off", {"done": True})


HANDLERS = (ask, end)
