"""The people of an organization by hand: who leaves, who needs a link, who lost a factor."""

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from litestar import Response

from service import faults
from service.actions import (
    invite_again,
    keep_session,
    leave,
    permission,
    read_organizations,
    reset_factors,
)
from service.domain import policy
from service.domain.people import Actor
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.pages import speaking, staff, staff_prove

_PATH = "/members"


@routing.door("GET", "/members", policy=Action.FACTOR_CONFIRM, **staff.DOOR)
async def look(request: Asked) -> Response[Any]:
    """List the members, and the resets that wait for a second person."""
    return await _page(request, {})


async def _page(request: Asked, said: dict[str, Any], *, status: int = 200) -> Response[Any]:
    office, actor = desk.of(request).office, guards.actor(request)
    org_id, _ = permission.own(actor, Action.FACTOR_CONFIRM)
    zone = (await keep_session.current(office, actor)).member.time_zone
    found = [
        each
        for each in await read_organizations.list_members(office, actor, org_id=org_id)
        if each.state == "active"
    ]
    resets = [
        {
            "id": str(each.id),
            "name": each.name,
            "second": each.second,
            "ripe": staff.local(each.ripe_at, zone),
            "until": staff.local(each.expires_at, zone),
        }
        for each in await reset_factors.waiting(office, actor)
    ]
    context = {
        "members": [
            {
                "id": str(each.id),
                "name": each.name,
                "roles": each.roles,
                "own": each.id == actor.member_id,
            }
            for each in found
        ],
        "resets": resets,
        "manages": policy.ever(actor, Action.MEMBER_MANAGE),
    }
    return await staff.show(request, "staff/members", context | said, status=status)


@routing.door("POST", "/members/{member_id:uuid}/leave", policy=Action.MEMBER_MANAGE, **staff.DOOR)
async def let_go(request: Asked) -> Response[Any]:
    """End a member in one act."""
    form = await speaking.form(request)
    actor, office = guards.actor(request), desk.of(request).office
    try:
        successor = UUID(form["successor_id"]) if form.get("successor_id") else None
    except ValueError:
        raise faults.Malformed("Send the form as the page has it.") from None
    act = leave.leave(
        office,
        actor,
        org_id=_own(actor),
        member_id=request.path_params["member_id"],
        successor_id=successor,
    )
    return await _done(request, act, "left")


@routing.door(
    "POST", "/members/{member_id:uuid}/invitation", policy=Action.MEMBER_MANAGE, **staff.DOOR
)
async def invite(request: Asked) -> Response[Any]:
    """Mail a one-time link to the member's own address."""
    actor, office = guards.actor(request), desk.of(request).office
    act = invite_again.invite_again(
        office, actor, org_id=_own(actor), member_id=request.path_params["member_id"]
    )
    return await _done(request, act, "invited")


@routing.door("POST", "/members/{member_id:uuid}/reset", policy=Action.MEMBER_MANAGE, **staff.DOOR)
async def start_reset(request: Asked) -> Response[Any]:
    """Start the reset of what a member signs in with."""
    actor, office = guards.actor(request), desk.of(request).office
    act = reset_factors.start(
        office, actor, org_id=_own(actor), member_id=request.path_params["member_id"]
    )
    return await _done(request, act, "reset_started")


@routing.door("POST", "/resets/{reset_id:uuid}/confirm", policy=Action.FACTOR_CONFIRM, **staff.DOOR)
async def confirm_reset(request: Asked) -> Response[Any]:
    """Confirm a reset as the second person."""
    act = reset_factors.confirm(
        desk.of(request).office, guards.actor(request), **request.path_params
    )
    return await _done(request, act, "reset_done")


@routing.door("POST", "/resets/{reset_id:uuid}/end", policy=Action.FACTOR_CONFIRM, **staff.DOOR)
async def end_reset(request: Asked) -> Response[Any]:
    """End a reset that is not to be."""
    act = reset_factors.end(desk.of(request).office, guards.actor(request), **request.path_params)
    return await _done(request, act, "reset_ended")


def _own(actor: Actor) -> UUID:
    return permission.own(actor, Action.MEMBER_MANAGE)[0]


async def _done(request: Asked, act: Awaitable[Any], what: str) -> Response[Any]:
    """Do it and say so; say what hinders it on the same page."""
    try:
        await act
    except faults.FreshSignInNeeded:
        return staff_prove.first(_PATH)
    except faults.Invalid as fault:
        wrong = " ".join(each["detail"] for each in fault.extra.get("errors", []))
        return await _page(request, {"errors": {"": wrong}}, status=422)
    except faults.Fault as fault:
        if fault.kind not in (faults.Kind.CONFLICT,) and not isinstance(
            fault, reset_factors.NotYourOwn
        ):
            raise
        return await _page(request, {"errors": {"": f"{fault.title()} {fault.detail}"}}, status=409)
    guards.forget(request)
    return await _page(request, {"notice": what})


HANDLERS = (look, let_go, invite, start_reset, confirm_reset, end_reset)
