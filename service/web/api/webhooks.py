"""Webhooks over the API: where the feed is told, what was told, and telling it again."""

from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Response

from service import faults
from service.actions import hook_deliveries, keep_webhooks
from service.actions.keep_webhooks import Made, Shown
from service.domain.policy import Action
from service.store.webhooks import Delivery
from service.web import desk, guards, limits, problems, routing
from service.web.desk import Asked

Number = Annotated[int, msgspec.Meta(ge=1, le=hook_deliveries.NEWEST)]


class NewHook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to tell, and of which kinds of events; none named is all of them."""

    url: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    kinds: Annotated[
        tuple[Annotated[str, msgspec.Meta(pattern="^[a-z_]+[.][a-z_]+$")], ...],
        msgspec.Meta(max_length=100),
    ] = ()


class RotateAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how many hours the secret in use stays valid beside the new one."""

    keep_hours: Annotated[int, msgspec.Meta(ge=0, le=168)] = 24


class ResendAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number, or all that failed since a moment."""

    number: Number | None = None
    failed_since: datetime | None = None


class DeliveriesAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands before which number, and how much of it."""

    before: Number = hook_deliveries.NEWEST
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50


class Hooks(msgspec.Struct, frozen=True, kw_only=True):
    """The webhooks of an organization, without their secrets."""

    items: tuple[Shown, ...]


class Deliveries(msgspec.Struct, frozen=True, kw_only=True):
    """One page, the newest first; the last number is the `before` of the following one."""

    items: tuple[Delivery, ...]


class Resent(msgspec.Struct, frozen=True, kw_only=True):
    """How many are told again."""

    count: int


@routing.door(
    "POST",
    "/api/v1/webhooks",
    policy=Action.WEBHOOK_MANAGE,
    takes=NewHook,
    gives=Made,
    status=201,
    person=True,
)
async def make(request: Asked) -> Response[Any]:
    """Make a webhook; the secret of its signatures is told this once."""
    body = await routing.body(request, NewHook)
    made = await keep_webhooks.add(
        desk.of(request).office,
        guards.actor(request),
        url=body.url,
        kinds=body.kinds,
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(made, status=201)


@routing.door("GET", "/api/v1/webhooks", policy=Action.WEBHOOK_LIST, gives=Hooks)
async def listing(request: Asked) -> Response[Any]:
    """List the organization's webhooks."""
    found = await keep_webhooks.listing(desk.of(request).office, guards.actor(request))
    return routing.answer(Hooks(items=tuple(found)))


@routing.door(
    "POST",
    "/api/v1/webhooks/{webhook_id:uuid}/rotate",
    policy=Action.WEBHOOK_MANAGE,
    takes=RotateAsk,
    gives=Made,
    person=True,
)
async def rotate(request: Asked) -> Response[Any]:
    """Give a webhook a new secret; both sign until the old one's hours are over."""
    body = await routing.body(request, RotateAsk)
    made = await keep_webhooks.rotate(
        desk.of(request).office,
        guards.actor(request),
        webhook_id=request.path_params["webhook_id"],
        keep=timedelta(hours=body.keep_hours),
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(made)


@routing.door(
    "POST",
    "/api/v1/webhooks/{webhook_id:uuid}/enable",
    policy=Action.WEBHOOK_MANAGE,
    status=204,
    person=True,
)
async def enable(request: Asked) -> Response[Any]:
    """Set a stopped webhook to work again; what it missed can be sent again."""
    return await _turned(request, "active")


@routing.door(
    "POST",
    "/api/v1/webhooks/{webhook_id:uuid}/disable",
    policy=Action.WEBHOOK_END,
    status=204,
)
async def disable(request: Asked) -> Response[Any]:
    """Stop a webhook; what waits for it is not told."""
    return await _turned(request, "disabled")


@routing.door("DELETE", "/api/v1/webhooks/{webhook_id:uuid}", policy=Action.WEBHOOK_END, status=204)
async def end(request: Asked) -> Response[Any]:
    """End a webhook for good."""
    return await _turned(request, "ended")


async def _turned(request: Asked, state: str) -> Response[Any]:
    await keep_webhooks.turn(
        desk.of(request).office,
        guards.actor(request),
        webhook_id=request.path_params["webhook_id"],
        state=state,
        request_id=problems.request_id_of(request.scope),
    )
    return Response(b"", status_code=204)


@routing.door(
    "GET",
    "/api/v1/webhooks/{webhook_id:uuid}/deliveries",
    policy=Action.WEBHOOK_LIST,
    asks=DeliveriesAsk,
    gives=Deliveries,
)
async def deliveries(request: Asked) -> Response[Any]:
    """List what a webhook was told, with what came of each."""
    ask = routing.query(request, DeliveriesAsk)
    found = await hook_deliveries.deliveries(
        desk.of(request).office,
        guards.actor(request),
        webhook_id=request.path_params["webhook_id"],
        before=ask.before,
        limit=ask.limit,
    )
    return routing.answer(Deliveries(items=tuple(found)))


@routing.door(
    "POST",
    "/api/v1/webhooks/{webhook_id:uuid}/resend",
    policy=Action.WEBHOOK_RESEND,
    takes=ResendAsk,
    gives=Resent,
)
async def resend(request: Asked) -> Response[Any]:
    """Tell one event again, or all that failed since a moment, under the ids they had."""
    body = await routing.body(request, ResendAsk)
    if (body.number is None) is (body.failed_since is None):
        detail = "Name one number, or a moment since which what failed is told again."
        raise faults.Invalid(errors=[{"field": "number", "detail": detail}])
    actor = guards.actor(request)
    await desk.of(request).limits.spend(limits.RESEND, str(actor.org_id))
    count = await hook_deliveries.resend(
        desk.of(request).office,
        actor,
        webhook_id=request.path_params["webhook_id"],
        number=body.number,
        since=body.failed_since,
        request_id=problems.request_id_of(request.scope),
    )
    return routing.answer(Resent(count=count))


HANDLERS = (make, listing, rotate, enable, disable, end, deliveries, resend)
"""Routes of this room."""
