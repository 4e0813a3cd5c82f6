"""The conversations of an organization, looked for by who, when and which."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response

from service import faults
from service.actions import keep_session, list_threads, read_organizations
from service.actions.list_threads import Entry
from service.domain import policy
from service.domain.policy import Action
from service.store.thread_work import Filter
from service.web import desk, guards, limits, problems, routing
from service.web.desk import Asked
from service.web.pages import days, staff

_PAGE = 25
_ORGANIZATIONS = 500
_FIELDS = ("participant", "reference", "from", "to", "unread")


@routing.door("GET", "/threads", policy=Action.THREAD_LIST, **staff.LIVE_DOOR)
async def listing(request: Asked) -> Response[Any]:
    """List conversations; what cannot be read of the search is said beside its field."""
    office, actor = desk.of(request).office, guards.actor(request)
    zone = (await keep_session.current(office, actor)).member.time_zone
    asked = {name: request.query_params.get(name, "").strip() for name in _FIELDS}
    wanted, errors = _wanted(asked, zone)
    if asked["reference"] or asked["participant"]:
        await desk.of(request).limits.spend(limits.LOOK_UP, str(actor.member_id))
    found = await list_threads.list_threads(
        office,
        actor,
        wanted,
        limit=_PAGE,
        after=request.query_params.get("after"),
        request_id=problems.request_id_of(request.scope),
    )
    kept = {name: value for name, value in asked.items() if value}
    context = {
        "threads": [row_of(each, zone) for each in found.entries],
        "values": asked,
        "errors": errors,
        "organizations": await _others(request),
        "next_href": f"/threads?{urlencode(kept | {'after': found.next})}" if found.next else "",
        "begins": policy.ever(actor, Action.THREAD_START),
    }
    return await staff.show(
        request, "staff/threads", context, status=422 if errors else 200, hears="of=thread"
    )


async def of_referral(request: Asked, referral_id: UUID, zone: str) -> list[dict[str, Any]]:
    """List the newest conversations about a referral, for whoever may list them at all."""
    office, actor = desk.of(request).office, guards.actor(request)
    if not policy.ever(actor, Action.THREAD_LIST):
        return []
    found = await list_threads.list_threads(
        office,
        actor,
        Filter(referral_id=referral_id),
        limit=_PAGE,
        request_id=problems.request_id_of(request.scope),
    )
    return [row_of(each, zone) for each in found.entries]


def row_of(entry: Entry, zone: str) -> dict[str, Any]:
    """Spell one conversation of a list."""
    row = entry.row
    return {
        "href": f"/threads/{row.id}",
        "reference": row.reference,
        "subject": entry.subject or "",
        "unread": entry.unread,
        "with": ", ".join(each["name"] for each in row.participants),
        "about": row.referral_reference or "",
        "at": staff.local(row.touched_at, zone),
    }


async def _others(request: Asked) -> list[tuple[str, str]]:
    office, actor = desk.of(request).office, guards.actor(request)
    known = await read_organizations.list_organizations(
        office, actor, after=None, limit=_ORGANIZATIONS
    )
    return [(str(each.id), each.public_name) for each in known if each.id != actor.org_id]


def _wanted(asked: dict[str, str], zone: str) -> tuple[Filter, dict[str, str]]:
    since, until, errors = days.span(asked, zone)
    return Filter(
        participant=_id(asked["participant"]),
        since=since,
        until=until,
        unread=bool(asked["unread"]),
        reference=list_threads.reference_of(asked["reference"] or None),
    ), errors


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise faults.Missing from None


HANDLERS = (listing,)
