"""Work for people: what no clock can do any more, listed and resolved by hand."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response

from service.actions import human_tasks, keep_session
from service.domain import ways
from service.domain.policy import Action
from service.store.tasks import TaskCard
from service.web import desk, guards, problems, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff
from templates import words

_PAGE = 25


@routing.door("GET", "/tasks", policy=Action.TASK_LIST, **staff.LIVE_DOOR)
async def listing(request: Asked) -> Response[Any]:
    """List the open work of one's organization, the oldest first."""
    return await _page(request, {})


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    whose, partner = request.query_params.get("member", ""), _partner(request)
    mine, unassigned = whose == "mine", whose == "unassigned"
    found = await human_tasks.page(
        desk.of(request).office,
        guards.actor(request),
        limit=_PAGE,
        after=request.query_params.get("after"),
        mine=mine,
        unassigned=unassigned,
        partner=partner,
        request_id=problems.request_id_of(request.scope),
    )
    current = await keep_session.current(desk.of(request).office, guards.actor(request))
    query = {"after": found.next} | ({"member": whose} if mine or unassigned else {})
    query |= {"partner": str(partner)} if partner else {}
    context = {
        "tasks": [
            _row(task, staff.saying(request), current.member.time_zone) for task in found.items
        ],
        "mine": mine,
        "unassigned": unassigned,
        "partner": next((task.about for task in found.items if partner), None),
        "next_href": f"/tasks?{urlencode(query)}" if found.next else "",
    }
    return await staff.show(request, "staff/tasks", context | said, status=status, hears="of=task")


def _partner(request: Asked) -> UUID | None:
    try:
        return UUID(request.query_params.get("partner", ""))
    except ValueError:
        return None


def _row(task: TaskCard, say: words.Say, zone: str) -> dict[str, Any]:
    why = task.reason if task.reason in words.WORDS["task_reason"] else ""
    return {
        "id": str(task.id),
        "kind": task.kind,
        "reason": words.word(say, why, "task_reason"),
        "member": task.member or "",
        "reference": task.reference or "",
        "href": f"/referrals/{task.referral_id}" if task.referral_id else "",
        "way": ways.way(task.kind, task.referral_id, task.about_org_id, task.patient_id),
        "partner_href": f"/tasks?partner={task.about_org_id}" if task.about_org_id else "",
        "about": task.about or "",
        "phone": task.about_phone or "",
        "opened": staff.local(task.opened_at, zone),
        "due": staff.local(task.due_at, zone),
    }


@routing.door("POST", "/tasks/{task_id:uuid}/resolve", policy=Action.TASK_RESOLVE, **staff.DOOR)
async def resolve(request: Asked) -> Response[Any]:
    """Say that work was done; doing it twice changes nothing."""
    form = await speaking.form(request)
    task_id: UUID = request.path_params["task_id"]
    resolution = form.get("resolution", "")
    if resolution not in words.WORDS["resolution"]:
        return await _page(request, {"errors": {f"resolution-{task_id}": "choose_one"}}, status=422)
    await human_tasks.resolve(
        desk.of(request).office,
        guards.actor(request),
        task_id,
        resolution=resolution,
        request_id=problems.request_id_of(request.scope),
    )
    return speaking.see_other("/tasks")


HANDLERS = (listing, resolve)
