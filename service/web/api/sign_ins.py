"""Where one is signed in, over the API: list, end one, end all others."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import own_sign_ins
from service.domain.policy import Action
from service.web import cookies, desk, guards, routing
from service.web.desk import Asked


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """One living sign-in; `device` is a hint such as "Firefox on Windows", no more."""

    id: UUID
    current: bool
    organization: str
    method: str
    device: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class SignIns(msgspec.Struct, frozen=True, kw_only=True):
    """Where the person is signed in, the sign-in used last first."""

    items: tuple[SignIn, ...]


@routing.door("GET", "/api/v1/sessions", policy=Action.SESSION_OWN, gives=SignIns)
async def listing(request: Asked) -> Response[Any]:
    """List where you are signed in."""
    actor = guards.actor(request)
    found = await own_sign_ins.list_sign_ins(desk.of(request).office, actor)
    items = tuple(
        SignIn(
            id=each.id,
            current=each.id == actor.session_id,
            organization=each.organization,
            method=each.method,
            device=each.device,
            created_at=each.created_at,
            last_seen_at=each.seen_at,
            expires_at=each.expires_at,
        )
        for each in found
    )
    return routing.answer(SignIns(items=items))


@routing.door("DELETE", "/api/v1/sessions", policy=Action.SESSION_OWN, status=204)
async def end_others(request: Asked) -> Response[Any]:
    """End every sign-in of yours but this one."""
    await own_sign_ins.end_others(desk.of(request).office, guards.actor(request))
    guards.forget(request)
    return Response(None, status_code=204)


@routing.door("DELETE", "/api/v1/sessions/{session_id:uuid}", policy=Action.SESSION_OWN, status=204)
async def end_one(request: Asked) -> Response[Any]:
    """End one sign-in of yours, this one too."""
    actor, session_id = guards.actor(request), request.path_params["session_id"]
    await own_sign_ins.end_sign_in(desk.of(request).office, actor, session_id=session_id)
    guards.forget(request)
    answer: Response[Any] = Response(None, status_code=204)
    if session_id == actor.session_id:
        answer.set_cookie(cookies.drop(desk.of(request)))
    return answer


HANDLERS = (listing, end_others, end_one)
