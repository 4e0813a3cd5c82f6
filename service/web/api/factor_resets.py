"""Resets of lost factors over the API: start one, see what waits, confirm it as the second."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import reset_factors
from service.actions.reset_factors import Started
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked


class Reset(msgspec.Struct, frozen=True, kw_only=True):
    """A reset that waits; `second`: a colleague confirms it, the network does, or time does."""

    id: UUID
    organization_id: UUID
    member_id: UUID
    name: str
    second: str
    started_at: datetime
    ripe_at: datetime
    expires_at: datetime


class Resets(msgspec.Struct, frozen=True, kw_only=True):
    """The resets this member may confirm or end."""

    items: tuple[Reset, ...]


@routing.door(
    "POST",
    "/api/v1/organizations/{org_id:uuid}/members/{member_id:uuid}/factor-reset",
    policy=Action.MEMBER_MANAGE,
    gives=Started,
    status=201,
)
async def start(request: Asked) -> Response[Any]:
    """Start the reset of what a member signs in with; a second person confirms it."""
    office, actor = desk.of(request).office, guards.actor(request)
    made = await reset_factors.start(office, actor, **request.path_params)
    return routing.answer(made, status=201)


@routing.door("GET", "/api/v1/factor-resets", policy=Action.FACTOR_CONFIRM, gives=Resets)
async def listing(request: Asked) -> Response[Any]:
    """List the resets that wait for you."""
    found = await reset_factors.waiting(desk.of(request).office, guards.actor(request))
    items = tuple(
        Reset(
            id=each.id,
            organization_id=each.org_id,
            member_id=each.member_id,
            name=each.name,
            second=each.second,
            started_at=each.started_at,
            ripe_at=each.ripe_at,
            expires_at=each.expires_at,
        )
        for each in found
    )
    return routing.answer(Resets(items=items))


@routing.door(
    "POST",
    "/api/v1/factor-resets/{reset_id:uuid}/confirm",
    policy=Action.FACTOR_CONFIRM,
    status=204,
)
async def confirm(request: Asked) -> Response[Any]:
    """Confirm as the second person: sign-ins and factors end, the person is mailed a link."""
    office, actor = desk.of(request).office, guards.actor(request)
    await reset_factors.confirm(office, actor, **request.path_params)
    guards.forget(request)
    return Response(None, status_code=204)


@routing.door(
    "DELETE", "/api/v1/factor-resets/{reset_id:uuid}", policy=Action.FACTOR_CONFIRM, status=204
)
async def end(request: Asked) -> Response[Any]:
    """End a reset that is not to be."""
    office, actor = desk.of(request).office, guards.actor(request)
    await reset_factors.end(office, actor, **request.path_params)
    return Response(None, status_code=204)


HANDLERS = (start, listing, confirm, end)
