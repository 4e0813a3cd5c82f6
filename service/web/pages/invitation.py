"""The page of a one-time link: set a password with it. Opening it changes nothing.

The secret stands in the path, as in the e-mail link; paths are kept in no log.
"""

from typing import Any

from litestar import Response

from service import faults
from service.actions import accept_invitation
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.api import sign_in as api_sign_in
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import speaking

_PATH = "/invitation/{secret:str}"


@routing.door("GET", _PATH, policy=Action.PUBLIC, page=Page.FORM, hidden=True)
async def ask(request: Asked) -> Response[Any]:
    """Show the same form whether the link is good, used, expired or made up."""
    return _page(request, {})


@routing.door("POST", _PATH, policy=Action.PUBLIC, page=Page.FORM, hidden=True)
async def accept(request: Asked) -> Response[Any]:
    """Set the password and lead to the sign-in page."""
    await api_sign_in.limited(request)
    form = await speaking.form(request)
    password = form.get("password", "")
    if password != form.get("again", ""):
        return _page(request, {"again": "The two passwords differ."}, status=422)
    try:
        await accept_invitation.accept_invitation(
            desk.of(request).office, secret=request.path_params["secret"], password=password
        )
    except faults.Invalid as fault:
        return _page(request, {"password": fault.extra["errors"][0]["detail"]}, status=422)
    except accept_invitation.InvitationEnded as fault:
        return _page(request, {"": f"{fault.title()} {fault.detail}"}, status=403)
    guards.forget(request)
    return speaking.see_other("/sign-in")


def _page(request: Asked, errors: dict[str, str], *, status: int = 200) -> Response[Any]:
    return speaking.page(request, "staff/invitation", {"errors": errors}, status=status)


HANDLERS = (ask, accept)
