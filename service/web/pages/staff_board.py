"""The board of what is nobody's: referrals without a recipient, and open work by partner."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response

from service.actions import human_tasks, keep_session, skip_ahead, worklists
from service.actions.worklists import View
from service.domain import policy
from service.domain.policy import Action
from service.store.tasks import BoardRow
from service.web import desk, guards, problems, routing
from service.web.desk import Asked
from service.web.pages import list_rows, staff

_REFERRALS, _ROWS = 25, 200


@routing.door("GET", "/board", policy=Action.TASK_LIST, **staff.LIVE_DOOR)
async def board(request: Asked) -> Response[Any]:
    """Show what nobody is working on, the longest wait first, with the way on from each."""
    office, actor = desk.of(request).office, guards.actor(request)
    current = await keep_session.current(office, actor)
    rows = await human_tasks.board(office, actor, limit=_ROWS)
    now = await skip_ahead.clock_says(office)
    context = {
        "referrals": await _nobodys(request),
        "partners": _partners(rows, now, zone=current.member.time_zone),
        "kinds": [_kind(row, now) for row in rows if row.about_org_id is None],
    }
    return await staff.show(request, "staff/board", context, hears="of=task")


async def _nobodys(request: Asked) -> list[dict[str, Any]]:
    actor = guards.actor(request)
    if not policy.ever(actor, Action.REFERRAL_LIST):
        return []
    found = await worklists.page(
        desk.of(request).office,
        actor,
        View.NEEDS_ROUTING,
        limit=_REFERRALS,
        request_id=problems.request_id_of(request.scope),
    )
    rows = [
        list_rows.row_of(request, card, found.identities, view=View.NEEDS_ROUTING)
        for card in found.cards
    ]
    return sorted(rows, key=lambda row: -row["age"])


def _partners(rows: list[BoardRow], now: datetime, *, zone: str) -> list[dict[str, Any]]:
    """Gather work by partner: one call is about all of it."""
    found: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        if row.about_org_id is None:
            continue
        partner = found.setdefault(
            row.about_org_id,
            {
                "name": row.about or "",
                "phone": row.about_phone or "",
                "href": f"/tasks/partners/{row.about_org_id}",
                "items": 0,
                "unassigned": 0,
                "oldest": staff.local(row.oldest, zone),
                "age": (now - row.oldest).days,
                "kinds": [],
            },
        )
        partner["items"] += row.items
        partner["unassigned"] += row.unassigned
        partner["kinds"].append((row.kind, row.items))
    return list(found.values())


def _kind(row: BoardRow, now: datetime) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "items": row.items,
        "unassigned": row.unassigned,
        "age": (now - row.oldest).days,
    }


HANDLERS = (board,)
