"""The first page: whose turn it is, list by list, and why each referral is open."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response

from service import faults
from service.actions import worklists
from service.actions.worklists import View
from service.domain import policy
from service.domain.leg import LIVE
from service.domain.patient import Identity
from service.domain.policy import Action
from service.store.reading import Card
from service.web import desk, guards, problems, routing
from service.web.api import shapes
from service.web.desk import Asked
from service.web.pages import staff

_PAGE = 25
_FIRST = 10
"""How many of each list the first page has; the rest is a click away."""

_NEEDS_ME = "needs_me"


@routing.door("GET", "/", policy=Action.SESSION_OWN, **staff.LIVE_DOOR)
async def home(request: Asked) -> Response[Any]:
    """Show the lists with their counts, and one of them."""
    office, actor = desk.of(request).office, guards.actor(request)
    if not policy.ever(actor, Action.REFERRAL_LIST):
        return await staff.show(request, "staff/home", {"views": [], "view": "", "referrals": []})
    mine = request.query_params.get("whose") == "mine"
    counts = await worklists.counts(office, actor)
    asked = request.query_params.get("view", _NEEDS_ME)
    whole = {
        "mine": mine,
        "views": [
            {"code": _NEEDS_ME, "count": ""},
            *({"code": each, "count": _count(counts.get(each))} for each in View),
        ],
    }
    if asked == _NEEDS_ME:
        listed = await _needs_me(request, counts, mine=mine)
    else:
        listed = await _list(request, _wanted(asked), mine=mine)
    return await staff.show(request, "staff/home", whole | listed, hears="of=referral")


async def _needs_me(request: Asked, counts: dict[View, int], *, mine: bool) -> dict[str, Any]:
    sections, identities = await worklists.needs_me(
        desk.of(request).office,
        guards.actor(request),
        limit=_FIRST,
        mine=mine,
        request_id=problems.request_id_of(request.scope),
    )
    shown = [
        {
            "view": each.view,
            "count": "" if mine else _count(counts.get(each.view)),
            "href": f"/?{_query(each.view, mine=mine)}",
            "referrals": [_row(request, card, identities, view=each.view) for card in each.cards],
        }
        for each in sections
        if each.cards
    ]
    return {"view": _NEEDS_ME, "sections": shown, "referrals": []}


async def _list(request: Asked, view: View, *, mine: bool) -> dict[str, Any]:
    found = await worklists.page(
        desk.of(request).office,
        guards.actor(request),
        view,
        limit=_PAGE,
        after=request.query_params.get("after"),
        mine=mine,
        request_id=problems.request_id_of(request.scope),
    )
    following = f"/?{_query(view, mine=mine, after=found.next)}" if found.next else ""
    return {
        "view": view,
        "referrals": [_row(request, card, found.identities, view=view) for card in found.cards],
        "next_href": following,
    }


def _query(view: View, *, mine: bool, after: str | None = None) -> str:
    said = {"view": str(view)} | ({"whose": "mine"} if mine else {})
    return urlencode(said | ({"after": after} if after else {}))


def _wanted(asked: str) -> View:
    try:
        return View(asked)
    except ValueError:
        raise faults.Missing from None


def _count(found: int | None) -> str:
    # What is in every list is not counted: the number would only grow.
    if found is None:
        return ""
    return f"{found - 1}+" if found >= worklists.COUNTED else str(found)


def _row(
    request: Asked, card: Card, identities: dict[UUID, Identity], *, view: View
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "reference": card.reference,
        "href": f"/referrals/{card.id}",
        "state": card.state,
        "since": staff.local(card.since, card.zone),
        "age": _age(card.since, card.now),
        "overdue": view is View.OVERDUE,
        "urgency": "routine",
        "why": "",
        "patient": "",
    }
    if worklists.stage_only(guards.actor(request), card):
        return row
    live = [leg for leg in card.legs if leg.state in LIVE]
    identity = identities.get(card.id)
    shown = live or list(card.legs)
    return row | {
        "patient": f"{identity.name.family}, {' '.join(identity.name.given)}" if identity else "",
        "why": shapes.why_open(card, language=staff.language_of(request)),
        "urgency": card.priority,
        "leg_state": live[0].state if len(live) == 1 else "",
        "recipient": ", ".join(leg.recipient for leg in shown),
    }


def _age(since: datetime, now: datetime) -> int:
    return max((now - since).days, 0)


HANDLERS = (home,)
