"""Conversations through a link: those of the visit's leg, read and answered after step-up."""

from uuid import UUID

from service import faults
from service.actions import permission, read_card, read_thread, send_message
from service.actions.link_visit import Visit
from service.actions.office import Office
from service.actions.read_thread import Sheet
from service.actions.start_thread import Said
from service.domain import policy
from service.store import rows, thread_work
from service.store.pool import Connection, Scope

_SHOWN = 5


async def read_talks(office: Office, visit: Visit, *, request_id: str | None) -> list[Sheet]:
    """Open the conversations of the visit's leg, newest first; raises Refused before step-up."""
    allow(visit)
    return [
        await read_thread.read_thread(
            office, visit.actor, thread_id, request_id=request_id, worker_id=visit.worker_id
        )
        for thread_id in await _threads(office, visit)
    ]


async def answer(
    office: Office,
    visit: Visit,
    thread_id: UUID,
    *,
    text: str,
    files: tuple[UUID, ...] = (),
    once: rows.OnceRow | None,
    request_id: str | None,
) -> Said:
    """Say something in a conversation of the visit's own leg; raises Missing of any other."""
    await own(office, visit, thread_id)
    wish = send_message.NewMessage(
        thread_id=thread_id,
        text=text,
        once=once,
        request_id=request_id,
        worker_id=visit.worker_id,
        files=files,
    )
    return await send_message.send_message(office, visit.actor, wish)


async def own(office: Office, visit: Visit, thread_id: UUID) -> None:
    """Require a conversation of the visit's own leg; raises Refused before step-up, Missing."""
    allow(visit)
    if thread_id not in await _threads(office, visit):
        raise faults.Missing


def allow(visit: Visit) -> None:
    """Require somebody who has said who they are; raises Refused."""
    permission.require(visit.actor, policy.Action.LINK_TALK, resource=read_card.resource(visit))
    if visit.worker_id is None:
        raise faults.Refused


async def _threads(office: Office, visit: Visit) -> list[UUID]:
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        return await threads_of(connection, visit)


async def threads_of(connection: Connection, visit: Visit) -> list[UUID]:
    """List the conversations in which this visit has a part by its leg, the newest first."""
    return await thread_work.of_leg(connection, visit.org_id, leg_id=visit.leg_id, limit=_SHOWN)
