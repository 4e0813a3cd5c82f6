"""A forgotten password over the API: the answer is the same for every address there could be."""

from typing import Any

import msgspec
from litestar import Response

from service import faults
from service.actions import forgotten
from service.actions.sign_in import logins_of
from service.domain import texts
from service.domain.policy import Action
from service.web import desk, limits, routing
from service.web.api import sign_in
from service.web.desk import Asked


class Forgotten(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The address of the person who forgot their password."""

    address: texts.Line

    def __repr__(self) -> str:
        return "<forgotten password>"


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """If the address is somebody's, a mail with a link is on its way there."""

    accepted: bool = True


@routing.door(
    "POST",
    "/api/v1/passwords/forgotten",
    policy=Action.PUBLIC,
    takes=Forgotten,
    gives=Taken,
    status=202,
)
async def forgot(request: Asked) -> Response[Any]:
    """Ask for a link to set a new password; the answer never says whether there is an account."""
    await sign_in.limited(request)
    body = await routing.body(request, Forgotten)
    await take_down(request, body.address)
    return routing.answer(Taken(), status=202)


async def take_down(request: Asked, address: str) -> None:
    """Take a question down, or let it go where this address was asked about too often.

    Too often is no answer of its own: it would tell that somebody else asked before.
    """
    here = desk.of(request)
    logins = await logins_of(here.office, address)
    try:
        await here.limits.spend(limits.ACCOUNT_FORGOTTEN, logins[0].digest.hex())
    except faults.RateLimited:
        return
    await forgotten.ask(here.office, logins)


HANDLERS = (forgot,)
