"""The page for a forgotten password: one answer for every address there could be."""

from typing import Any

from litestar import Response

from service.domain.policy import Action
from service.web import routing
from service.web.api import passwords
from service.web.api import sign_in as api_sign_in
from service.web.desk import Asked
from service.web.pages import speaking, staff

_LONGEST = 200


@routing.door("GET", "/forgotten", policy=Action.PUBLIC, **staff.DOOR)
async def ask(request: Asked) -> Response[Any]:
    """Ask for the address."""
    return staff.plain(request, "staff/forgotten", {})


@routing.door("POST", "/forgotten", policy=Action.PUBLIC, **staff.DOOR)
async def taken(request: Asked) -> Response[Any]:
    """Say that a mail is on its way if the address is somebody's."""
    await api_sign_in.limited(request)
    form = await speaking.form(request)
    await passwords.take_down(request, form.get("address", "").strip()[:_LONGEST])
    return staff.plain(request, "staff/forgotten", {"asked": True})


HANDLERS = (ask, taken)
