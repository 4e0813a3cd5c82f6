"""Say who one is: a name of the list and its PIN, the second factor of a visit through a link."""

from datetime import datetime
from uuid import UUID

from service.actions import agency_people, hashing, permission, read_card
from service.actions.agency_people import Known
from service.actions.link_visit import Visit
from service.actions.office import Office
from service.domain import policy
from service.store import agency_workers, link_sessions, links
from service.store.links import Line
from service.store.pool import Scope


async def people_of(office: Office, visit: Visit, *, now: datetime) -> list[Known]:
    """List the people of the visit's organization by name; `now` is real time."""
    permission.require(
        visit.actor, policy.Action.LINK_READ_CARD, resource=read_card.resource(visit)
    )
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        rows = await agency_workers.every(connection, visit.org_id, now=now)
    return [await agency_people.known(office.keys, visit.org_id, row=row) for row in rows]


async def step_up(
    office: Office, visit: Visit, *, worker_id: UUID, pin: str, now: datetime
) -> bool:
    """Check a PIN; the try is spent and committed first, a right one gives the tries back.

    A person nobody confirmed, or whose five tries are gone, is answered like a wrong PIN.
    """
    permission.require(visit.actor, policy.Action.LINK_ACT, resource=read_card.resource(visit))
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        phc = await agency_workers.spend(connection, visit.org_id, worker_id=worker_id, now=now)
    right = await hashing.verify(pin, phc)
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        if right:
            await agency_workers.right(connection, visit.org_id, worker_id=worker_id)
            right = await link_sessions.step_up(connection, visit.id, worker_id=worker_id, now=now)
        line = Line(
            action="link.stepped_up",
            outcome="done" if right else "denied",
            resource_kind="link",
            resource_id=visit.link_id,
            worker_id=worker_id if phc is not None else None,
        )
        await links.record(connection, visit.actor, line)
    return right
