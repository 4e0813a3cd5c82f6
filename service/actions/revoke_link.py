"""End links at once: by the sender or a coordinator, or because the mailbox is not theirs."""

from datetime import datetime
from uuid import UUID

from service import faults
from service.actions import permission, read_card
from service.actions.link_visit import Visit
from service.actions.office import Office
from service.domain import policy
from service.domain.people import Actor, Capacity
from service.store import links, referrals
from service.store.links import Line
from service.store.pool import Scope


async def revoke_link(office: Office, actor: Actor, *, leg_id: UUID, now: datetime) -> int:
    """Revoke every live link of a leg with its visits; return how many there were.

    For the sender or a coordinator; the next request of a visit finds it gone. Raises Missing,
    Refused. `now` is real time.
    """
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        picture = await referrals.picture(connection, leg_id=leg_id)
        permission.require(
            actor,
            policy.Action.LINK_REVOKE,
            resource=policy.Resource(
                org_id=actor.org_id,
                capacity=Capacity(picture.capacity) if picture.capacity else None,
            ),
        )
        found = await links.live_of_leg(connection, leg_id)
    ended = 0
    for link in found:
        # Visits and browsers are rows of the receiving organization.
        async with office.db.transaction(Scope(org_id=link.org_id)) as connection:
            if await links.end(connection, link.id, state="revoked", reason="by_sender", now=now):
                ended += 1
                line = Line(action="link.revoked", resource_kind="link", resource_id=link.id)
                await links.record(connection, actor, line)
    return ended


async def not_our_address(office: Office, visit: Visit, *, now: datetime) -> None:
    """End the link of a mailbox that says it is not that organization's, and ask for a call.

    Only somebody who read the mailed code can say so: no scanner, and nobody who has just the link.
    """
    permission.require(visit.actor, policy.Action.LINK_ACT, resource=read_card.resource(visit))
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        if not await links.end(
            connection, visit.link_id, state="revoked", reason="not_their_address", now=now
        ):
            raise faults.Missing
        await links.mark_address(connection, visit.link_id)
        await links.ask_for_call(connection, visit.link_id, reason="address_is_wrong")
        line = Line(action="link.revoked", resource_kind="link", resource_id=visit.link_id)
        await links.record(connection, visit.actor, line)
