"""Take a document or a file back: its keys are withdrawn here and now, a tombstone stays.

Only the organization that filed it does, and a legal hold stands in the way. Whoever had it opened
before cannot forget it; so the answer lists them, and everybody who had it gets a privacy officer's
task and mail.
"""

from uuid import UUID

import msgspec

from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain import policy
from service.domain.effects import EffectKind
from service.domain.people import Actor, SensitivityClass
from service.domain.threads import RetractReason
from service.store import audit, holds, personal_mails, retracting, threads
from service.store import break_glass as officers
from service.store.pool import Connection, Scope
from service.store.retracting import HeadRow
from service.store.rows import AuditRow
from service.store.thread_work import ReaderRow


class Retraction(msgspec.Struct, frozen=True, kw_only=True):
    """Which document, or with `file` which file alone, and why, as a code."""

    record_id: UUID
    reason: RetractReason
    file: bool = False
    request_id: str | None = None


class Retracted(msgspec.Struct, frozen=True, kw_only=True):
    """Where it was, and who had it opened."""

    referral_id: UUID | None
    thread_id: UUID | None
    readers: list[ReaderRow]


async def retract_document(office: Office, actor: Actor, wish: Retraction) -> Retracted:
    """Withdraw a document or a file and say who had it opened; a second time changes nothing.

    Raises Missing (also of another organization), Refused, Held.
    """
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        row = await _own(connection, actor, wish)
        # Who has a part is asked of rows that only an opened referral or thread shows.
        await threads.open_to(connection, row.context_id)
        await holds.refuse_held(connection, "message", row.held_id)
        readers = await retracting.readers(connection, row.id, file=wish.file)
        taken = await retracting.take(connection, row.id, actor, file=wish.file, reason=wish.reason)
        if taken:
            for org_id in await retracting.told(connection, row):
                await _tell(connection, row, wish, org_id=org_id)
            line = _line(actor, row, wish, opened_by=len(readers))
            await audit.insert(connection, actor, line, request_id=wish.request_id)
    return Retracted(referral_id=row.referral_id, thread_id=row.thread_id, readers=readers)


async def _own(connection: Connection, actor: Actor, wish: Retraction) -> HeadRow:
    """Find what the actor's own side filed, or raise what they may hear."""
    if actor.org_id is None or actor.member_id is None:
        raise faults.Missing
    row = await retracting.head(connection, wish.record_id, file=wish.file)
    if row is None:
        raise faults.Missing
    resource = policy.Resource(
        org_id=row.author_org_id, sensitivity=SensitivityClass(row.sensitivity)
    )
    permission.require(actor, policy.Action.DOCUMENT_RETRACT, resource=resource)
    return row


async def _tell(connection: Connection, row: HeadRow, wish: Retraction, *, org_id: UUID) -> None:
    """Open the task and write to whoever keeps the privacy of an organization that had it."""
    kept_by = await officers.officers(connection, org_id)
    await retracting.open_task(
        connection,
        row,
        file=wish.file,
        org_id=org_id,
        member_id=kept_by[0] if kept_by else None,
        reason=wish.reason,
    )
    for member_id in kept_by:
        await personal_mails.queue(
            connection, EffectKind.TAKEN_BACK, org_id=org_id, member_id=member_id
        )


def _line(actor: Actor, row: HeadRow, wish: Retraction, *, opened_by: int) -> AuditRow:
    return AuditRow(
        org_id=actor.org_id,
        action="attachment.retract" if wish.file else "document.retract",
        resource_kind="attachment" if wish.file else "document",
        resource_id=row.id,
        sensitivity=row.sensitivity,
        detail={"reason": wish.reason, "opened_by": opened_by},
    )
