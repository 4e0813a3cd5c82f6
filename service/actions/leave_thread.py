"""Leave a conversation, or let somebody go whom one's own organization let in."""

from uuid import UUID

from service import faults
from service.actions import permission
from service.actions.office import Office
from service.actions.send_message import resource_of, standing
from service.actions.start_thread import audited
from service.domain import policy
from service.domain.people import Actor
from service.store import thread_writes
from service.store.pool import Scope
from service.store.thread_writes import ThreadRows


async def end_part(
    office: Office,
    actor: Actor,
    thread_id: UUID,
    *,
    org_id: UUID,
    request_id: str | None = None,
) -> int:
    """End an organization's part and return the thread's version; its epoch closes with it.

    Raises Missing, Refused (let in by somebody else), Invalid (the last one), Busy.
    """
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        thread = await standing(connection, actor, thread_id)
        permission.require(actor, policy.Action.THREAD_LEAVE, resource=resource_of(actor, thread))
        part = next((each for each in thread.parties if each.org_id == org_id), None)
        if part is None:
            raise faults.Missing
        if actor.org_id not in (org_id, part.admitted_by_org_id):
            raise faults.Refused("Only who let an organization in can let it go.")
        left = tuple(each for each in thread.org_ids if each != org_id)
        if not left:
            raise faults.Invalid(errors=[{"field": "org_id", "detail": "It is the last one here."}])
        act = ThreadRows(
            thread_id=thread.id,
            actor=actor,
            now=thread.now,
            circle=thread.circle,
            request_id=request_id,
            referral_id=thread.referral_id,
            org_ids=left,
            leaves=(org_id,),
            end_reason="left" if org_id == actor.org_id else "let_go",
            audits=(audited(actor, "thread.leave", thread, org_id=org_id),),
        )
        written = await thread_writes.write(connection, act)
    if written is None:
        raise faults.Busy(retry_after=1)
    return written.version
