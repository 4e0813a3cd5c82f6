"""The development outbox, as pages: every mail that the demonstration sent. Demo mode only."""

from typing import Any

from litestar import Response

from service import faults
from service.domain.policy import Action
from service.store import caught
from service.store.caught import Caught
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import staff
from templates import render

_DOOR: dict[str, Any] = {"policy": Action.PUBLIC, "demo": True, "hidden": True, "page": Page.FORM}


@routing.door("GET", "/dev/outbox", **_DOOR)
async def outbox(request: Asked) -> Response[str]:
    """List the mails, the newest first."""
    folder = desk.of(request).outbox
    found = caught.newest(folder) if folder is not None else []
    mails = [
        {"href": f"/dev/outbox/{mail.key}", "at": mail.at, "to": mail.to, "subject": mail.subject}
        for mail in found
    ]
    return await _page(request, "dev/outbox", {"mails": mails})


@routing.door("GET", "/dev/outbox/{key:str}", **_DOOR)
async def mail(request: Asked) -> Response[str]:
    """Show one mail with its links, which can be followed."""
    found = _find(request)
    shown = {
        "at": found.at,
        "to": found.to,
        "sender": found.sender,
        "subject": found.subject,
        "text": found.text,
        "links": found.links,
        "raw_href": f"/dev/outbox/{found.key}/raw",
    }
    return await _page(request, "dev/mail", {"mail": shown})


@routing.door("GET", "/dev/outbox/{key:str}/raw", **_DOOR)
async def raw(request: Asked) -> Response[bytes]:
    """Give a mail as it was sent."""
    return Response(_find(request).raw, media_type="text/plain; charset=utf-8")


def _find(request: Asked) -> Caught:
    folder = desk.of(request).outbox
    found = caught.find(folder, request.path_params["key"]) if folder is not None else None
    if found is None:
        raise faults.Missing
    return found


async def _page(request: Asked, name: str, context: dict[str, Any]) -> Response[str]:
    """Render with the banner, whose button is there for whoever is signed in."""
    found = await guards.caller(request)
    token = guards.csrf_token(request) if found is not None else ""
    text = render.page(
        name, language="en", context=context | await staff.demo(request, token=token)
    )
    return Response(text, media_type="text/html; charset=utf-8")


HANDLERS = (outbox, mail, raw)
