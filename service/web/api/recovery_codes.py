"""Recovery codes over the API: how many are left, and a new set, shown once."""

from typing import Any

import msgspec
from litestar import Response

from service.actions import renew_recovery
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked


class CodesLeft(msgspec.Struct, frozen=True, kw_only=True):
    """How many recovery codes still work."""

    left: int


class NewCodes(msgspec.Struct, frozen=True, kw_only=True):
    """A new set, shown this once; each is used once in place of a code of the authenticator."""

    codes: tuple[str, ...]


@routing.door("GET", "/api/v1/sessions/recovery-codes", policy=Action.SESSION_OWN, gives=CodesLeft)
async def left(request: Asked) -> Response[Any]:
    """Count the recovery codes that still work."""
    found = await renew_recovery.left(desk.of(request).office, guards.actor(request))
    return routing.answer(CodesLeft(left=found))


@routing.door(
    "POST",
    "/api/v1/sessions/recovery-codes",
    policy=Action.SESSION_OWN,
    gives=NewCodes,
    status=201,
)
async def renew(request: Asked) -> Response[Any]:
    """Make ten new codes after a fresh proof; those before end."""
    codes = await renew_recovery.renew(desk.of(request).office, guards.actor(request))
    return routing.answer(NewCodes(codes=codes), status=201)


HANDLERS = (left, renew)
