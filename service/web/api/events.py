"""An organization's feed of events over the API."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response

from service.actions import read_events
from service.domain.policy import Action
from service.store.feeds import Line
from service.web import desk, guards, problems, routing
from service.web.desk import Asked

_FURTHEST = (1 << 63) - 1


class EventsAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What follows which number, how much of it, and how many seconds to wait for the first."""

    after: Annotated[int, msgspec.Meta(ge=0, le=_FURTHEST)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100
    wait: Annotated[int, msgspec.Meta(ge=0, le=20)] = 0


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event: its number in this feed, what was done in which capacity, and the state after."""

    number: int
    id: UUID
    at: datetime
    type: str
    party: str
    state: str
    referral_id: UUID
    reference: str
    leg_id: UUID | None


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """One page; send `next` as `after` for the following one. `last` is the newest number."""

    items: tuple[Event, ...]
    next: int
    last: int


def event_of(line: Line) -> Event:
    """Say a line of the feed as it is told outside."""
    return Event(
        number=line.number,
        id=line.id,
        at=line.at,
        type=f"{line.machine}.{line.step}",
        party=line.party.lower(),
        state=line.becomes,
        referral_id=line.referral_id,
        reference=line.reference,
        leg_id=line.leg_id,
    )


@routing.door("GET", "/api/v1/events", policy=Action.EVENT_LIST, asks=EventsAsk, gives=Events)
async def listing(request: Asked) -> Response[Any]:
    """Follow what happened in one's organization's referrals; numbers have no gaps and stay."""
    ask = routing.query(request, EventsAsk)
    found = await read_events.read_events(
        desk.of(request).office,
        guards.actor(request),
        after=ask.after,
        limit=ask.limit,
        wait_s=ask.wait,
        request_id=problems.request_id_of(request.scope),
    )
    items = tuple(event_of(line) for line in found.items)
    return routing.answer(Events(items=items, next=found.next, last=found.last))


HANDLERS = (listing,)
"""Routes of this room."""
