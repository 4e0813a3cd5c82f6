"""Forms that are kept while they are typed: by a script, or by a button without one."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service import faults
from service.actions import form_drafts, keep_session, parking
from service.domain.policy import Action
from service.domain.rules import Step
from service.store.reading import Card
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_STEPS = re.compile(rf"/(?:legs|referrals)/{_ID}/steps")
NEW = "/referrals/new"


@routing.door("POST", "/drafts", policy=Action.SESSION_OWN, **staff.DOOR)
async def keep(request: Asked) -> Response[Any]:
    """Keep the form as it stands; a script gets no page back, a person is led to theirs."""
    form = await speaking.form(request)
    path = form.pop("of", "")
    by_script = form.pop("by_script", "") == "yes"
    form.pop("csrf", None)
    where = _page_of(path, form)
    about = form.get("referral_id")
    kept = await form_drafts.keep(
        desk.of(request).office,
        guards.actor(request),
        path=path,
        fields=form,
        about=UUID(about) if path != NEW and about else None,
    )
    if not kept:
        raise faults.TooLarge(limit=parking.LARGEST)
    return Response(b"", status_code=204) if by_script else speaking.see_other(where)


@routing.door("POST", "/drafts/drop", policy=Action.SESSION_OWN, **staff.DOOR)
async def drop(request: Asked) -> Response[Any]:
    """Throw away what was typed at a place, and begin anew there."""
    form = await speaking.form(request)
    path = form.get("of", "")
    where = _page_of(path, form)
    place = form_drafts.place_of(path, form)
    await form_drafts.drop(desk.of(request).office, guards.actor(request), place)
    return speaking.see_other(where)


def _page_of(path: str, form: dict[str, str]) -> str:
    """Return the page a form stands on; raises Malformed for a form that none of ours is."""
    if path == NEW:
        return NEW
    about = form.get("referral_id", "")
    if _STEPS.fullmatch(path) and re.fullmatch(_ID, about) and form.get("act", "") in set(Step):
        return f"/referrals/{about}"
    raise faults.Malformed("Send the form as the page has it.")


async def begun_on(request: Asked, places: list[str], card: Card) -> list[dict[str, Any]]:
    """Spell what this person began to type into the forms of a referral's page."""
    found = await form_drafts.begun(desk.of(request).office, guards.actor(request), places)
    return [
        {
            "href": f"/referrals/{card.id}?kept={each.id}&begun=yes",
            "drop": f"/parked/{each.id}/drop",
            "at": staff.local(each.at, card.zone),
        }
        for each in found
    ]


async def writing_here(request: Asked, card: Card) -> list[str]:
    """Name the colleagues whose hands are on a referral now."""
    return await form_drafts.writing(desk.of(request).office, guards.actor(request), card.id)


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """A form as somebody left it, and when they typed last, in their own zone."""

    fields: dict[str, str]
    at: datetime | None

    def __repr__(self) -> str:
        return "<a form that was left>"


async def left_at(request: Asked, place: str) -> Left | None:
    """Return the form that this person left at a place, if any."""
    office, actor = desk.of(request).office, guards.actor(request)
    known = await form_drafts.begun(office, actor, [place])
    kept = await form_drafts.read(office, actor, place) if known else None
    if kept is None:
        return None
    current = await keep_session.current(office, actor)
    at = staff.local(known[0].at, current.member.time_zone)
    return Left(fields=dict(kept.fields), at=at)


HANDLERS = (keep, drop)
