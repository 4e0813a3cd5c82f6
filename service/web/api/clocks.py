"""How long clocks wait, over the API: what is set, a preview of another term, and setting it."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import keep_terms
from service.actions.keep_terms import Preview, TermLine, TermWish
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked


class TermChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A term to be in force; `seen` comes from its preview, null where nothing was set."""

    term: TermWish
    seen: UUID | None


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Every clock with every priority, then what is set for kinds of service."""

    items: tuple[TermLine, ...]


@routing.door("GET", "/api/v1/clocks", policy=Action.CLOCKS_READ, gives=Terms)
async def listing(request: Asked) -> Response[Any]:
    """List how long every clock waits, and who said so where it is not the default."""
    found = await keep_terms.listed(desk.of(request).office, guards.actor(request))
    return routing.answer(Terms(items=tuple(found)))


@routing.door(
    "POST", "/api/v1/clocks/preview", policy=Action.CLOCKS_READ, takes=TermWish, gives=Preview
)
async def preview(request: Asked) -> Response[Any]:
    """Say what last month would have been under another term; nothing is changed."""
    wish = await routing.body(request, TermWish)
    found = await keep_terms.preview(desk.of(request).office, guards.actor(request), wish)
    return routing.answer(found)


@routing.door("PUT", "/api/v1/clocks", policy=Action.CLOCKS_SET, takes=TermChange, status=204)
async def change(request: Asked) -> Response[Any]:
    """Put a term in force for what is armed from now on; 409 where it was set since the preview."""
    body = await routing.body(request, TermChange)
    await keep_terms.set_term(
        desk.of(request).office, guards.actor(request), body.term, seen=body.seen
    )
    return Response(None, status_code=204)


HANDLERS = (listing, preview, change)
"""Routes of this room."""
