"""The development outbox, as pages: every mail and text that the demonstration sent.

Demo mode only. A text can be answered as its phone would: the gateway carries the answer in.
"""

from typing import Any

from litestar import Response

from service import faults
from service.domain import segments
from service.domain.policy import Action
from service.store import caught
from service.store.caught import Caught
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import speaking, staff
from templates import render

_DOOR: dict[str, Any] = {"policy": Action.PUBLIC, "demo": True, "hidden": True, "page": Page.FORM}
_SHOWN = 60


@routing.door("GET", "/dev/outbox", **_DOOR)
async def outbox(request: Asked) -> Response[str]:
    """List the mails, the newest first."""
    folder = desk.of(request).outbox
    found = caught.newest(folder) if folder is not None else []
    mails = [
        {
            "href": f"/dev/outbox/{mail.key}",
            "at": mail.at,
            "to": mail.to,
            "subject": mail.subject if mail.way == "mail" else mail.text.strip()[:_SHOWN],
            "way": mail.way,
        }
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
    if found.way == "sms":
        size = segments.measure(found.text.removesuffix("\n"))
        shown["answer_href"] = f"/dev/outbox/{found.key}/answer"
        shown |= {"segments": size.segments, "subject": f"Text to {found.to}"}
    return await _page(request, "dev/mail", {"mail": shown})


@routing.door("POST", "/dev/outbox/{key:str}/answer", **_DOOR)
async def answer(request: Asked) -> Response[bytes]:
    """Take what somebody types as the answer to a text, to be carried in by the gateway."""
    if not guards.from_here(request):
        raise faults.Refused
    folder, found = desk.of(request).outbox, _find(request)
    text = (await speaking.form(request)).get("text", "").strip()
    if folder is not None and found.way == "sms" and text:
        caught.answer(folder, caught.Typed(number=found.to, to=found.sender, text=text))
    return speaking.see_other("/dev/outbox")


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


HANDLERS = (outbox, mail, answer, raw)
