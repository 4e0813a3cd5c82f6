"""Keys for programs over the API."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import manage_api_keys
from service.domain import texts
from service.domain.policy import Action
from service.store.api_keys import ApiKeyRow
from service.web import desk, guards, routing
from service.web.desk import Asked


class NewKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to be made: which program it is for, and the member it acts for."""

    name: texts.Name
    member_id: UUID
    expires_at: datetime | None = None


class MadeKey(msgspec.Struct, frozen=True, kw_only=True):
    """A new key; `secret` is told this once and goes into `Authorization: Bearer`."""

    id: UUID
    secret: str


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of an organization, without their secrets."""

    items: tuple[ApiKeyRow, ...]


@routing.door(
    "POST",
    "/api/v1/api-keys",
    policy=Action.API_KEY_MANAGE,
    takes=NewKey,
    gives=MadeKey,
    status=201,
)
async def make(request: Asked) -> Response[Any]:
    """Make a key that may do what one member may, and no more."""
    body = await routing.body(request, NewKey)
    made = await manage_api_keys.make_api_key(
        desk.of(request).office,
        guards.actor(request),
        name=body.name,
        member_id=body.member_id,
        expires_at=body.expires_at,
    )
    return routing.answer(MadeKey(id=made.id, secret=made.secret), status=201)


@routing.door("GET", "/api/v1/api-keys", policy=Action.API_KEY_END, gives=Keys)
async def listing(request: Asked) -> Response[Any]:
    """List the organization's keys, revoked ones too."""
    found = await manage_api_keys.list_api_keys(desk.of(request).office, guards.actor(request))
    return routing.answer(Keys(items=tuple(found)))


@routing.door("DELETE", "/api/v1/api-keys/{key_id:uuid}", policy=Action.API_KEY_END, status=204)
async def revoke(request: Asked) -> Response[Any]:
    """End a key at once."""
    await manage_api_keys.revoke_api_key(
        desk.of(request).office, guards.actor(request), key_id=request.path_params["key_id"]
    )
    guards.forget(request)
    return Response(None, status_code=204)


HANDLERS = (make, listing, revoke)
