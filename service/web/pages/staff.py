"""What every page for staff does: say who is signed in, carry the proof of its forms, lead on.

Forms carry the session's own token and a nonce. The token lives as long as the session, so that a
page left open over lunch can still be sent; the nonce makes one showing of a form one act.
"""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from litestar import Response

from service.actions import ask_hold, keep_session, mend_effects, search_record, skip_ahead
from service.domain import ids, policy
from service.domain.people import Actor
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.headers import Page
from service.web.pages import speaking
from templates import render, surroundings, words

DOOR: dict[str, Any] = {"hidden": True, "page": Page.FORM, "person": True}
"""What every page for staff declares beside its policy."""

PASSKEY_DOOR: dict[str, Any] = {"hidden": True, "page": Page.PASSKEY}
"""The same for the pages on which a passkey may be used."""

LIVE_DOOR: dict[str, Any] = {"hidden": True, "page": Page.LIVE, "person": True}
"""The same for pages that hear when something new is there to see."""

_LOCAL = re.compile(r"/(?![/\\])[A-Za-z0-9/_.~?&=%-]{0,400}")
_NOT_PAGES = ("/api/", "/sign-")


def language_of(request: Asked) -> str:
    """Return the language of the reader's browser, if we have it."""
    return surroundings.language_of(request.headers.get("accept-language", "en")[:35])


def saying(request: Asked) -> words.Say:
    """Return what translates a text of ours for the reader."""
    return surroundings.translations(language_of(request)).gettext


def local_path(text: str) -> str:
    """Return a path of our own pages, or the first page for anything that could lead elsewhere."""
    fits = _LOCAL.fullmatch(text) and not text.startswith(_NOT_PAGES)
    return text if fits else "/"


def here_of(request: Asked) -> str:
    """Return the page somebody is at, to come back to; what a form was sent to is none."""
    if request.scope["method"] != "GET":
        return "/"
    query = request.scope.get("query_string", b"").decode("latin-1")
    return local_path(request.scope["path"] + (f"?{query}" if query else ""))


def way_in(path: str) -> str:
    """Return the address of the sign-in that leads on to a path."""
    return f"/sign-in?next={quote(local_path(path), safe='/')}"


def nonce() -> str:
    """Make the nonce of one showing of a form; it is the key under which the act is done once."""
    return ids.new_id().hex


async def demo(request: Asked, *, where: str = "UTC", token: str = "") -> dict[str, Any]:
    """Spell the banner of a demonstration; without a token it shows no button."""
    here = desk.of(request)
    if not here.demo:
        return {}
    now = await skip_ahead.clock_says(here.office)
    return {"demo": {"now": local(now, where), "csrf": token}}


async def show(
    request: Asked,
    name: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    where: str | None = None,
    hears: str = "",
    language: str | None = None,
) -> Response[str]:
    """Render a page for whoever is signed in; raises Refused for a program's key.

    `hears`: of a page behind LIVE_DOOR, what it asks of the live updates. `language`: of a page
    that is for somebody else than its reader.
    """
    here, actor = desk.of(request), guards.actor(request)
    current = await keep_session.current(here.office, actor)
    token = guards.csrf_token(request)
    who = _who(actor, current) | {"csrf": token}
    banner = await demo(request, where=where or current.member.time_zone, token=token)
    banner |= {"held": await ask_hold.is_held(here.office)}
    given = {"actor": who, "csrf": token, "here": here_of(request), **banner, **context}
    operation = routing.operation_of(request.route_handler)
    if hears and operation is not None and operation.page is Page.LIVE:
        given["live"] = f"/live?{hears}"
    if current.shortcuts and operation is not None and operation.page is Page.LIVE:
        given["shortcuts"] = True
    return plain(request, name, given, status=status, language=language)


def _who(actor: Actor, current: keep_session.Current) -> dict[str, Any]:
    """Say who is signed in, and which ways are theirs."""
    return {
        "name": current.member.name,
        "organization": current.member.public_name,
        "sees": policy.ever(actor, Action.LEG_BOOK) and not actor.cco,
        "measures": policy.ever(actor, Action.MEASURES_READ),
        "manages": policy.ever(actor, Action.FACTOR_CONFIRM),
        "connects": policy.ever(actor, Action.WEBHOOK_LIST),
        "watches": search_record.sees_all(actor),
        "mends": mend_effects.may_mend(actor),
        "opens": f"/organizations/{actor.org_id}/calendar"
        if policy.ever(actor, Action.ORGANIZATION_EDIT)
        else "",
        "assigns": actor.cco and policy.ever(actor, Action.ASSIGNMENT_KEEP),
        "clocks": actor.cco and policy.ever(actor, Action.CLOCKS_READ),
        "others": [
            {"id": str(each.member_id), "organization": each.public_name}
            for each in current.choices
            if each.member_id != current.member.member_id
        ],
    }


def plain(
    request: Asked,
    name: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    language: str | None = None,
) -> Response[str]:
    """Render a page for anybody."""
    return Response(
        render.page(name, language=language or language_of(request), context=context),
        status_code=status,
        media_type="text/html; charset=utf-8",
    )


def zone(name: str) -> ZoneInfo:
    """Return an office's time zone."""
    return ZoneInfo(name)


def local(moment: datetime | None, where: str) -> datetime | None:
    """Give a moment in an office's own time."""
    return moment.astimezone(ZoneInfo(where)) if moment is not None else None


@routing.door("POST", "/dev/skip", policy=Action.DEMO_SKIP, demo=True, **DOOR)
async def skip(request: Asked) -> Response[Any]:
    """Let one day of a demonstration pass, and lead back to the lists."""
    office, actor = desk.of(request).office, guards.actor(request)
    await skip_ahead.skip_ahead(office, actor, by=timedelta(days=1))
    return speaking.see_other("/")


HANDLERS = (skip,)
