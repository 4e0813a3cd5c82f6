"""Who of the coordinators takes over what, over the API."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import keep_assignment
from service.actions.keep_assignment import NewRule
from service.domain.policy import Action
from service.store.assignment import RuleLine
from service.web import desk, guards, routing
from service.web.desk import Asked


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Who was named for what; an empty list means any."""

    items: tuple[RuleLine, ...]


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that is in force for what is armed from now on."""

    id: UUID


@routing.door("GET", "/api/v1/assignment-rules", policy=Action.ASSIGNMENT_KEEP, gives=Rules)
async def listing(request: Asked) -> Response[Any]:
    """List who was named for what."""
    found = await keep_assignment.listed(desk.of(request).office, actor=guards.actor(request))
    return routing.answer(Rules(items=tuple(found)))


@routing.door(
    "POST",
    "/api/v1/assignment-rules",
    policy=Action.ASSIGNMENT_KEEP,
    takes=NewRule,
    gives=Named,
    status=201,
)
async def name(request: Asked) -> Response[Any]:
    """Name a coordinator; of each list one match is enough, and all lists must match."""
    wish = await routing.body(request, NewRule)
    made = await keep_assignment.add(desk.of(request).office, wish, actor=guards.actor(request))
    return routing.answer(Named(id=made), status=201)


@routing.door(
    "DELETE",
    "/api/v1/assignment-rules/{rule_id:uuid}",
    policy=Action.ASSIGNMENT_KEEP,
    status=204,
)
async def end(request: Asked) -> Response[Any]:
    """End a rule; what it promised before stays promised."""
    await keep_assignment.finish(
        desk.of(request).office, request.path_params["rule_id"], actor=guards.actor(request)
    )
    return Response(None, status_code=204)


HANDLERS = (listing, name, end)
"""Routes of this room."""
