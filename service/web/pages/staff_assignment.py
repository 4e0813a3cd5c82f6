"""Who of the coordinators takes over what, by hand: by area, language or partner."""

from typing import Any
from uuid import UUID

from litestar import Response

from service import faults
from service.actions import keep_assignment
from service.actions.keep_assignment import NewRule
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff


@routing.door("GET", "/assignment", policy=Action.ASSIGNMENT_KEEP, **staff.DOOR)
async def look(request: Asked) -> Response[Any]:
    """List who was named for what, and ask for another."""
    return await _page(request, {})


@routing.door("POST", "/assignment", policy=Action.ASSIGNMENT_KEEP, **staff.DOOR)
async def name(request: Asked) -> Response[Any]:
    """Name somebody."""
    form = await speaking.form(request)
    values = {
        each: form.get(each, "").strip() for each in ("member", "area", "language", "partner")
    }
    try:
        wish = NewRule(
            member_id=UUID(values["member"]),
            areas=tuple(each.strip() for each in values["area"].split(",") if each.strip()),
            languages=(values["language"],) if values["language"] else (),
            partners=(UUID(values["partner"]),) if values["partner"] else (),
        )
        await keep_assignment.add(desk.of(request).office, wish, actor=guards.actor(request))
    except ValueError:
        return await _page(
            request, {"errors": {"member": "choose_one"}, "values": values}, status=422
        )
    except faults.Invalid as fault:
        wrong = {each["field"]: each["detail"] for each in fault.extra["errors"]}
        return await _page(request, {"errors": wrong, "values": values}, status=422)
    return await _page(request, {"notice": "named"})


@routing.door("POST", "/assignment/{rule_id:uuid}/end", policy=Action.ASSIGNMENT_KEEP, **staff.DOOR)
async def end(request: Asked) -> Response[Any]:
    """End a rule."""
    await keep_assignment.finish(
        desk.of(request).office, request.path_params["rule_id"], actor=guards.actor(request)
    )
    return await _page(request, {"notice": "ended"})


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    choices = await keep_assignment.choices(office, actor=actor)
    context = {
        "rules": [
            {
                "id": str(each.id),
                "member": each.member,
                "for": [*each.areas, *each.languages, *each.partners],
            }
            for each in await keep_assignment.listed(office, actor=actor)
        ],
        "members": [(str(each.id), each.name) for each in choices.members],
        "partners": [(str(each.id), each.name) for each in choices.partners],
        "values": {},
        "errors": {},
        "notice": "",
    }
    return await staff.show(request, "staff/assignment", context | said, status=status)


HANDLERS = (look, name, end)
