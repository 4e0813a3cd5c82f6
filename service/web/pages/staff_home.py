"""The first page: whose turn it is, list by list, and why each referral is open."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from service import faults
from service.actions import worklists
from service.actions.worklists import View
from service.domain import policy
from service.domain.leg import LIVE
from service.domain.policy import Action
from service.store.reading import Card
from service.web import desk, guards, problems, routing
from service.web.api import shapes
from service.web.desk import Asked
from service.web.pages import staff

_PAGE = 25
_FIRST = (
    View.MINE_TO_ANSWER,
    View.NEEDS_ROUTING,
    View.TO_REVIEW,
    View.OVERDUE,
    View.WAITING_FOR_OTHERS,
)
"""What needs a person soonest; without a choice the first list with something in it is shown."""


@routing.door("GET", "/", policy=Action.SESSION_OWN, **staff.LIVE_DOOR)
async def home(request: Asked) -> Response[Any]:
    """Show the lists with their counts, and one of them."""
    office, actor = desk.of(request).office, guards.actor(request)
    if not policy.ever(actor, Action.REFERRAL_LIST):
        return await staff.show(request, "staff/home", {"views": [], "view": "", "referrals": []})
    counts = await worklists.counts(office, actor)
    view = _wanted(request, counts)
    found = await worklists.page(
        office,
        actor,
        view,
        limit=_PAGE,
        after=request.query_params.get("after"),
        request_id=problems.request_id_of(request.scope),
    )
    more = f"/?{urlencode({'view': view, 'after': found.next})}" if found.next else ""
    context = {
        "view": view,
        "views": [{"code": each, "count": _count(counts.get(each))} for each in View],
        "referrals": [_row(request, card, found, view=view) for card in found.cards],
        "next_href": more,
        "tasks": policy.ever(actor, Action.TASK_LIST),
    }
    return await staff.show(request, "staff/home", context, hears="of=referral")


def _wanted(request: Asked, counts: dict[View, int]) -> View:
    asked = request.query_params.get("view")
    if asked is None:
        return next((view for view in _FIRST if counts[view]), View.MINE_TO_ANSWER)
    try:
        return View(asked)
    except ValueError:
        raise faults.Missing from None


def _count(found: int | None) -> str:
    # What is in every list is not counted: the number would only grow.
    if found is None:
        return ""
    return f"{found - 1}+" if found >= worklists.COUNTED else str(found)


def _row(request: Asked, card: Card, found: worklists.Listed, *, view: View) -> dict[str, Any]:
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
    identity = found.identities.get(card.id)
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
