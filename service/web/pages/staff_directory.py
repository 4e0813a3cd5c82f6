"""The directory for people: who offers what, whether there is room, and a tap to say so."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from service import faults
from service.actions import offer_service, permission
from service.domain import people, policy
from service.domain.people import Actor
from service.domain.policy import Action
from service.store.directory import Found, Wanted
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff, staff_recipients
from templates import words

_PAGE = 25
_MOST_SKIPPED = 10_000
_STALE_AFTER_DAYS = 30
"""After this long a word on room is shown as an old one."""

_TAPS = ("open", "limited", "closed")
_LONGEST = 200
_ASKED = ("text", "category", "language", "area", "room")
_AGES = {None: "never", 0: "today", 1: "day"}


@routing.door("GET", "/directory", policy=Action.DIRECTORY_SEARCH, **staff.DOOR)
async def search(request: Asked) -> Response[Any]:
    """Find services of the network; one's own have buttons that say whether there is room."""
    return await _page(request, {})


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    values, skip = _values(request), _skipped(request)
    wanted = Wanted(
        category=values["category"] or None,
        language=values["language"] or None,
        area=values["area"] or None,
        text=values["text"] or None,
        only_open=bool(values["room"]),
    )
    found = await offer_service.search_directory(
        office, actor, wanted, limit=_PAGE + 1, offset=skip
    )
    context = {
        "rows": [_row(each, actor, staff.saying(request)) for each in found[:_PAGE]],
        "values": values,
        "next_href": _next(values, skip + _PAGE) if len(found) > _PAGE else "",
        "errors": {},
    }
    return await staff.show(request, "staff/directory", context | said, status=status)


def _values(request: Asked) -> dict[str, str]:
    asked = request.query_params
    return {name: asked.get(name, "").strip().replace("\0", "")[:_LONGEST] for name in _ASKED}


def _skipped(request: Asked) -> int:
    given = request.query_params.get("skip", "")
    fits = given.isascii() and given.isdigit() and len(given) <= len(str(_MOST_SKIPPED))
    return min(int(given), _MOST_SKIPPED) if fits else 0


def _next(values: dict[str, str], skip: int) -> str:
    kept = {name: value for name, value in values.items() if value}
    return "/directory?" + urlencode({**kept, "skip": str(skip)})


def _row(each: Found, actor: Actor, say: words.Say) -> dict[str, Any]:
    days = each.capacity_age_days
    own = policy.ever(actor, Action.SERVICE_EDIT) and actor.org_id == each.org_id
    return {
        "id": str(each.id),
        "organization": each.organization,
        "name": each.name,
        "category": each.category,
        "channel": each.channel,
        "phone": each.phone or "",
        "eligibility": each.eligibility,
        "languages": each.languages,
        "area": each.area,
        "capacity": each.capacity,
        "until": each.no_capacity_until,
        "days": days,
        "stated": _AGES.get(days, "days"),
        "stale": days is None or days > _STALE_AFTER_DAYS,
        "did": ", ".join(staff_recipients.did(each, say)),
        "say_href": f"/organizations/{each.org_id}/services/{each.id}/capacity" if own else "",
    }


@routing.door(
    "POST",
    "/organizations/{org_id:uuid}/services/{service_id:uuid}/capacity",
    policy=Action.SERVICE_EDIT,
    **staff.DOOR,
)
async def say(request: Asked) -> Response[Any]:
    """Say whether there is room, with one button; a day only goes with that there is none."""
    actor, org_id = guards.actor(request), request.path_params["org_id"]
    service_id = request.path_params["service_id"]
    permission.of(actor, Action.SERVICE_EDIT, org_id=org_id)
    form = await speaking.form(request)
    word, day = form.get("capacity", ""), form.get("until", "").strip()
    if word not in _TAPS:
        raise faults.Invalid(errors=[{"field": "capacity", "detail": "Press one of the buttons."}])
    try:
        until = date.fromisoformat(day) if day and word == "closed" else None
    except ValueError:
        said = {"errors": {f"until-{service_id}": "invalid"}}
        return await _page(request, said, status=422)
    await offer_service.state_capacity(
        desk.of(request).office,
        actor,
        org_id=org_id,
        service_id=service_id,
        capacity=people.CapacityStatus(word),
        until=until,
    )
    return speaking.see_other(staff.local_path(form.get("where", "/directory")))


HANDLERS = (search, say)
