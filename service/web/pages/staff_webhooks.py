"""Webhooks by hand: where one's systems are told, what came of it, and telling them again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response

from service import clock, faults
from service.actions import hook_deliveries, keep_session, keep_webhooks
from service.domain import webhooks
from service.domain.policy import Action
from service.web import desk, guards, limits, problems, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff, staff_prove

_PATH = "/webhooks"
_RESEND_DAYS = 7


@routing.door("GET", _PATH, policy=Action.WEBHOOK_LIST, **staff.DOOR)
async def look(request: Asked) -> Response[Any]:
    """List the webhooks, each with what it was last told."""
    return await _page(request, {})


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    zone = (await keep_session.current(office, actor)).member.time_zone
    rows: list[dict[str, Any]] = []
    for hook in await keep_webhooks.listing(office, actor):
        told = await hook_deliveries.deliveries(office, actor, webhook_id=hook.id, limit=10)
        rows.append(
            {
                "id": str(hook.id),
                "url": hook.url,
                "kinds": hook.kinds,
                "state": hook.state,
                "reason": hook.reason or "",
                "waiting": hook.waiting,
                "old_until": staff.local(hook.old_secret_until, zone),
                "told": [
                    {
                        "number": each.number,
                        "type": each.type,
                        "at": staff.local(each.at, zone),
                        "state": each.state,
                        "tries": each.tries,
                        "detail": each.detail or "",
                    }
                    for each in told
                ],
            }
        )
    context = {"rows": rows, "values": {}, "errors": {}} | said
    return await staff.show(request, "staff/webhooks", context, status=status)


@routing.door("POST", _PATH, policy=Action.WEBHOOK_MANAGE, **staff.DOOR)
async def make(request: Asked) -> Response[Any]:
    """Make a webhook and show its secret, this once."""
    form = await speaking.form(request)
    kept = {name: form.get(name, "").strip() for name in ("url", "kinds")}
    kinds = tuple(kept["kinds"].split())
    try:
        made = await keep_webhooks.add(
            desk.of(request).office,
            guards.actor(request),
            url=kept["url"],
            kinds=kinds,
            request_id=problems.request_id_of(request.scope),
        )
    except faults.FreshSignInNeeded:
        return staff_prove.first(_PATH)
    except faults.Invalid as fault:
        errors = {each["field"]: each["detail"] for each in fault.extra["errors"]}
        return await _page(request, {"values": kept, "errors": errors}, status=422)
    return await _page(request, {"secret": made.secret})


@routing.door(
    "POST", "/webhooks/{webhook_id:uuid}/rotate", policy=Action.WEBHOOK_MANAGE, **staff.DOOR
)
async def rotate(request: Asked) -> Response[Any]:
    """Give a webhook a new secret and show it, this once."""
    await speaking.form(request)
    try:
        made = await keep_webhooks.rotate(
            desk.of(request).office,
            guards.actor(request),
            webhook_id=request.path_params["webhook_id"],
            keep=webhooks.OLD_SECRET,
            request_id=problems.request_id_of(request.scope),
        )
    except faults.FreshSignInNeeded:
        return staff_prove.first(_PATH)
    return await _page(request, {"secret": made.secret})


@routing.door(
    "POST", "/webhooks/{webhook_id:uuid}/enable", policy=Action.WEBHOOK_MANAGE, **staff.DOOR
)
async def enable(request: Asked) -> Response[Any]:
    """Set a webhook to work again."""
    try:
        return await _turned(request, "active")
    except faults.FreshSignInNeeded:
        return staff_prove.first(_PATH)


@routing.door(
    "POST", "/webhooks/{webhook_id:uuid}/disable", policy=Action.WEBHOOK_END, **staff.DOOR
)
async def disable(request: Asked) -> Response[Any]:
    """Stop a webhook."""
    return await _turned(request, "disabled")


@routing.door("POST", "/webhooks/{webhook_id:uuid}/end", policy=Action.WEBHOOK_END, **staff.DOOR)
async def end(request: Asked) -> Response[Any]:
    """End a webhook for good."""
    return await _turned(request, "ended")


async def _turned(request: Asked, state: str) -> Response[Any]:
    await speaking.form(request)
    await keep_webhooks.turn(
        desk.of(request).office,
        guards.actor(request),
        webhook_id=request.path_params["webhook_id"],
        state=state,
        request_id=problems.request_id_of(request.scope),
    )
    return speaking.see_other(_PATH)


@routing.door(
    "POST", "/webhooks/{webhook_id:uuid}/resend", policy=Action.WEBHOOK_RESEND, **staff.DOOR
)
async def resend(request: Asked) -> Response[Any]:
    """Tell one event again, or all of a week that failed."""
    form = await speaking.form(request)
    actor, number = guards.actor(request), form.get("number", "")
    if number and not (number.isascii() and number.isdigit() and len(number) < 18):
        raise faults.Missing
    await desk.of(request).limits.spend(limits.RESEND, str(actor.org_id))
    webhook_id: UUID = request.path_params["webhook_id"]
    await hook_deliveries.resend(
        desk.of(request).office,
        actor,
        webhook_id=webhook_id,
        number=int(number) if number else None,
        since=None if number else clock.real_now() - timedelta(days=_RESEND_DAYS),
        request_id=problems.request_id_of(request.scope),
    )
    return speaking.see_other(_PATH)


HANDLERS = (look, make, rotate, enable, disable, end, resend)
"""Routes of this room."""
