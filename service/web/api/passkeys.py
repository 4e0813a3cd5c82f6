"""Passkeys over the API: the two halves of each ceremony, and the list of one's own."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import keep_passkeys, passkeys, prove, sign_in
from service.actions.passkeys import Credential
from service.domain import texts
from service.domain.policy import Action
from service.web import desk, devices, guards, routing
from service.web.api import sign_in as api_sign_in
from service.web.api.sign_in import Session
from service.web.desk import Asked

Options = dict[str, Any]
"""What goes into navigator.credentials as `publicKey`, through the browser's own parser."""


class PasskeyAttempt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a passkey signed to sign in; `member_id` chooses among several organizations."""

    credential: Credential
    member_id: UUID | None = None


class NewPasskey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A passkey that an authenticator made, and what its person calls it."""

    name: texts.Name
    credential: Credential


class MadePasskey(msgspec.Struct, frozen=True, kw_only=True):
    """The new passkey."""

    id: UUID


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """One passkey that works; `backed_up` says that it is synchronized between devices."""

    id: UUID
    name: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


class Passkeys(msgspec.Struct, frozen=True, kw_only=True):
    """One's own passkeys."""

    items: tuple[Passkey, ...]


@routing.door("POST", "/api/v1/sessions/passkey/options", policy=Action.PUBLIC, gives=Options)
async def ask_to_sign_in(request: Asked) -> Response[Any]:
    """Begin a sign-in by passkey: the same question for everybody, for nobody is named yet."""
    await api_sign_in.limited(request)
    return routing.answer(await passkeys.ask_to_sign_in(desk.of(request).office))


@routing.door(
    "POST",
    "/api/v1/sessions/passkey",
    policy=Action.PUBLIC,
    takes=PasskeyAttempt,
    gives=Session,
    status=201,
)
async def begin(request: Asked) -> Response[Any]:
    """Sign in with what a passkey signed."""
    await api_sign_in.limited(request)
    body = await routing.body(request, PasskeyAttempt)
    begun = await sign_in.sign_in_by_passkey(
        desk.of(request).office,
        body.credential,
        member_id=body.member_id,
        device=devices.hint(request.headers.get("user-agent", "")),
    )
    await api_sign_in.leave_former(request)
    return api_sign_in.begun_session(request, begun, status=201)


@routing.door(
    "POST", "/api/v1/sessions/current/proof/options", policy=Action.SESSION_OWN, gives=Options
)
async def ask_to_prove(request: Asked) -> Response[Any]:
    """Begin a proof by passkey; its end is `passkey` of a proof."""
    person_id = prove.person_of(guards.actor(request))
    return routing.answer(await passkeys.ask_to_prove(desk.of(request).office, person_id))


@routing.door("POST", "/api/v1/passkeys/options", policy=Action.SESSION_OWN, gives=Options)
async def ask_to_make(request: Asked) -> Response[Any]:
    """Begin a new passkey; needs a fresh proof."""
    found = await keep_passkeys.ask_to_make(desk.of(request).office, guards.actor(request))
    return routing.answer(found)


@routing.door(
    "POST",
    "/api/v1/passkeys",
    policy=Action.SESSION_OWN,
    takes=NewPasskey,
    gives=MadePasskey,
    status=201,
)
async def add(request: Asked) -> Response[Any]:
    """Keep a new passkey."""
    body = await routing.body(request, NewPasskey)
    made = await keep_passkeys.add(
        desk.of(request).office,
        guards.actor(request),
        name=body.name,
        credential=body.credential,
    )
    return routing.answer(MadePasskey(id=made), status=201)


@routing.door("GET", "/api/v1/passkeys", policy=Action.SESSION_OWN, gives=Passkeys)
async def listing(request: Asked) -> Response[Any]:
    """List your passkeys."""
    found = await keep_passkeys.listed(desk.of(request).office, guards.actor(request))
    items = tuple(Passkey(**msgspec.structs.asdict(each)) for each in found)
    return routing.answer(Passkeys(items=items))


@routing.door("DELETE", "/api/v1/passkeys/{passkey_id:uuid}", policy=Action.SESSION_OWN, status=204)
async def end(request: Asked) -> Response[Any]:
    """Take a passkey away; needs a fresh proof."""
    await keep_passkeys.end(
        desk.of(request).office,
        guards.actor(request),
        passkey_id=request.path_params["passkey_id"],
    )
    return Response(None, status_code=204)


HANDLERS = (ask_to_sign_in, begin, ask_to_prove, ask_to_make, add, listing, end)
