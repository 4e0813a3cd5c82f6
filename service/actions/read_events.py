"""Read an organization's feed: what followed a number, waiting a little where nothing did yet."""

import asyncio
from collections.abc import Sequence

import msgspec

from service import clock
from service.actions import permission
from service.actions.office import Office
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import audit, feeds
from service.store.feeds import Line
from service.store.pool import Scope

LOOK_S = 1.0
"""How often somebody who waits looks again; numbers are given twice a second."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a feed; `next` is the `after` of the following one, `last` the newest number."""

    items: Sequence[Line]
    next: int
    last: int


async def read_events(
    office: Office,
    actor: Actor,
    *,
    after: int,
    limit: int,
    wait_s: float = 0,
    request_id: str | None = None,
) -> Told:
    """Return what follows a number, the oldest first; which referrals it named is recorded first.

    No connection is held while it waits.
    """
    org_id, _ = permission.own(actor, Action.EVENT_LIST)
    until = clock.monotonic() + wait_s
    while True:
        async with office.db.transaction(Scope(org_id=org_id)) as connection:
            found = await feeds.page(connection, org_id, after=after, limit=limit)
            if found or clock.monotonic() >= until:
                look = audit.Look(name="events", records=[line.referral_id for line in found])
                await audit.listed(connection, actor, look, request_id=request_id)
                last = await feeds.last(connection, org_id)
                return Told(items=found, next=found[-1].number if found else after, last=last)
        await asyncio.sleep(min(LOOK_S, max(0.0, until - clock.monotonic())))
