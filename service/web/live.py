"""Live updates: a stream that says "look again" to an open page, and never what there is to see.

Source: Server-sent events, HTML Living Standard 9.2. An answer of 204 ends the browser's tries.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response
from litestar.response import Stream

from service import faults
from service.actions import sessions
from service.domain.live import Ear, Topic
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked, Desk

_LOOK = b"event: look\ndata: again\n\n"
_STILL_HERE = b": still here\n\n"
_AGAIN = b"retry: 5000\n\n"
_STILL_HERE_S = 15.0
"""Between two signs of life: proxies end what says nothing for half a minute."""

_AT_MOST_S = 1.0
"""Between two looks of one page."""


class LiveAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a page shows: lists of a topic, or one referral or thread."""

    of: Topic = Topic.REFERRAL
    about: UUID | None = None


@routing.door(
    "GET",
    "/live",
    policy=Action.SESSION_OWN,
    asks=LiveAsk,
    hidden=True,
    person=True,
    quiet=True,
)
async def listen(request: Asked) -> Response[Any]:
    """Ring the page as long as it is open and its session lives; a page too many is told to stop.

    Nothing needs a look at the record here: of what another organization alone may see no page of
    this one is ever rung, whatever it names.
    """
    ask, here, actor = (
        routing.query(request, LiveAsk),
        desk.of(request),
        guards.actor(request),
    )
    found = await guards.caller(request, quiet=True)
    if found is None or actor.org_id is None or actor.member_id is None:
        raise faults.SignInRequired
    if not here.listening.has_room(actor.member_id):
        return Response(None, status_code=204)
    ear = Ear(
        org_id=actor.org_id,
        member_id=actor.member_id,
        topics=frozenset({ask.of}),
        about=ask.about,
    )
    return Stream(
        _rings(here, ear, found.secret),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


async def _rings(here: Desk, ear: Ear, secret: bytes) -> AsyncIterator[bytes]:
    async with here.listening.page(ear) as page:
        yield _AGAIN
        while not here.listening.over:
            rung = await page.rung(wait_s=_STILL_HERE_S)
            if here.listening.over or not await _still_in(here, secret):
                return
            yield _LOOK if rung else _STILL_HERE
            if rung:
                await asyncio.sleep(_AT_MOST_S)


async def _still_in(here: Desk, secret: bytes) -> bool:
    """Ask whether the session still lives, and leave it as it rests; no answer is no end."""
    try:
        return await sessions.at_rest(here.office, secret) is not None
    except faults.Busy:
        return True


HANDLERS = (listen,)
"""Routes of this room."""
