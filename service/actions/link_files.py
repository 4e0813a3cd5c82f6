"""Files of a visit through a link, after step-up: of its leg, its conversations, and its own."""

from uuid import UUID

from service import faults
from service.actions import (
    permission,
    read_attachment,
    read_details,
    read_thread,
    send_message,
    talk_by_link,
)
from service.actions.link_visit import Visit
from service.actions.office import Office
from service.actions.open_file import OpenFile
from service.actions.read_attachment import File
from service.domain import policy
from service.domain.people import SensitivityClass
from service.store import attachments, links, reading
from service.store.attachments import FileRow
from service.store.links import Line
from service.store.pool import Connection, Scope


async def listed(office: Office, visit: Visit) -> list[File]:
    """List the files this visit may have; raises Refused before step-up."""
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        await read_details.still_allowed(connection, visit)
        rows = await attachments.in_context(connection, visit.org_id, context_id=visit.referral_id)
        seen = [row for row in rows if await _is_its_own(connection, visit, row)]
    return await read_attachment.all_labelled(office, visit.actor, seen)


async def of_talk(
    office: Office, visit: Visit, thread_id: UUID, *, request_id: str | None = None
) -> list[File]:
    """List the files of a conversation of this visit's leg; raises Refused, Missing."""
    await talk_by_link.own(office, visit, thread_id)
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        thread = await send_message.standing(connection, visit.actor, thread_id)
        await read_thread.may_look(connection, visit.actor, thread)
        rows = await attachments.in_context(connection, visit.org_id, context_id=thread_id)
        line = Line(
            action="attachment.list",
            resource_kind="thread",
            resource_id=thread_id,
            referral_id=visit.referral_id,
            sensitivity=thread.sensitivity,
            worker_id=visit.worker_id,
            request_id=request_id,
            detail={"count": len(rows)},
        )
        await links.record(connection, visit.actor, line)
    return await read_attachment.all_labelled(office, visit.actor, rows)


async def fetch(
    office: Office, visit: Visit, file_id: UUID, *, request_id: str | None = None
) -> tuple[File, OpenFile]:
    """Open a clean file; the line of the record is committed before its first byte is returned.

    Raises Missing, Refused, HeldBack, CannotOpen.
    """
    async with office.db.transaction(Scope(org_id=visit.org_id)) as connection:
        await read_details.still_allowed(connection, visit)
        found = await attachments.visible(connection, visit.org_id, ids=[file_id])
        if not found or not await _is_its_own(connection, visit, found[0]):
            raise faults.Missing
        row = found[0]
        line = Line(
            action="attachment.read" if row.state == "clean" else "attachment.look",
            resource_kind="attachment",
            resource_id=row.id,
            referral_id=visit.referral_id,
            sensitivity=row.sensitivity,
            worker_id=visit.worker_id,
            request_id=request_id,
            detail={"state": row.state},
        )
        await links.record(connection, visit.actor, line)
        if row.state == "clean":
            await read_attachment.opened_by(connection, visit.actor, row, worker_id=visit.worker_id)
    read_attachment.require_clean(row)
    return await read_attachment.opened(office, visit.actor, row)


async def _is_its_own(connection: Connection, visit: Visit, row: FileRow) -> bool:
    """Say whether a file is of this visit's leg or its talks, and of a class a link may have."""
    known = policy.Resource(
        org_id=visit.org_id,
        link_id=visit.link_id,
        sensitivity=SensitivityClass(row.sensitivity),
        classes=frozenset({SensitivityClass(row.sensitivity)}),
    )
    permission.require(visit.actor, policy.Action.LINK_READ_IDENTITY, resource=known)
    if row.thread_id is not None:
        talk_by_link.allow(visit)
        return row.thread_id in await talk_by_link.threads_of(connection, visit)
    if row.referral_id != visit.referral_id:
        return False
    if row.document_id is None:
        return row.org_id == visit.org_id and row.leg_id == visit.leg_id
    documents = await reading.documents(connection, visit.referral_id)
    return any(each.id == row.document_id and each.leg_id == visit.leg_id for each in documents)
