"""Ending the e-mail links of a recipient over the API."""

from typing import Any

import msgspec
from litestar import Response

from service import clock
from service.actions import revoke_link
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked


class Revoked(msgspec.Struct, frozen=True, kw_only=True):
    """How many links ended; asked again, none is left to end."""

    revoked: int


@routing.door(
    "POST",
    "/api/v1/legs/{leg_id:uuid}/links/revoke",
    policy=Action.LINK_REVOKE,
    gives=Revoked,
)
async def revoke(request: Asked) -> Response[Any]:
    """End every link that was mailed to this recipient, with the visits by them, at once."""
    ended = await revoke_link.revoke_link(
        desk.of(request).office,
        guards.actor(request),
        leg_id=request.path_params["leg_id"],
        now=clock.real_now(),
    )
    return routing.answer(Revoked(revoked=ended))


HANDLERS = (revoke,)
