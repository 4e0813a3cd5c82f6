"""Look at a file or fetch it: for whoever may read the words beside it, once it is clean."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from crypto.faults import KeyMissing
from service import faults
from service.actions import (
    emergency_look,
    file_labels,
    open_file,
    opening,
    read_thread,
    send_message,
)
from service.actions.file_labels import Label
from service.actions.office import Office
from service.actions.open_file import OpenFile, Whole
from service.actions.read_referral import concerns, may_read
from service.domain import policy
from service.domain.people import Actor, Capacity, SensitivityClass
from service.domain.policy import Action, Obligation
from service.domain.threads import WHY_RETRACTED
from service.store import attachments, audit, reading, retracting
from service.store.attachments import FileRow
from service.store.break_glass import OpenGlass
from service.store.pool import Connection, Scope
from service.store.reading import Card
from service.store.rows import AuditRow

_WHY = {
    "pending": "It has not been looked at yet. Try again in a minute.",
    "threat": "A scan found something dangerous in it. Ask whoever sent it for another copy.",
    "failed": "It could not be looked at. Ask whoever sent it to send it again.",
}


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file as its reader sees it; without a label where no key of the reader's opens it."""

    id: UUID
    state: str
    scanner: str | None
    organization: str
    org_id: UUID
    referral_id: UUID | None
    thread_id: UUID | None
    document_id: UUID | None
    message_id: UUID | None
    sensitivity: str
    created_at: datetime
    retract_reason: str | None
    label: Label | None

    @property
    def loose(self) -> bool:
        """Whether nothing has taken it along yet."""
        return self.document_id is None and self.message_id is None


async def look(
    office: Office, actor: Actor, file_id: UUID, *, request_id: str | None = None
) -> File:
    """Say what a file is called and how it stands; raises Missing, Refused."""
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        row, glass = await allowed(connection, actor, file_id)
        await _record(connection, actor, row, "attachment.look", glass=glass, request_id=request_id)
    return await labelled(office, actor, row)


async def fetch(
    office: Office, actor: Actor, file_id: UUID, *, request_id: str | None = None
) -> tuple[File, OpenFile]:
    """Open a clean file; the line of the record is committed before its first byte is returned.

    Raises Missing, Refused, HeldBack, CannotOpen.
    """
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        row, glass = await allowed(connection, actor, file_id)
        clean = row.state == "clean"
        action = "attachment.read" if clean else "attachment.look"
        await _record(connection, actor, row, action, glass=glass, request_id=request_id)
        if clean:
            await opened_by(connection, actor, row)
    require_clean(row)
    return await opened(office, actor, row)


async def opened_by(
    connection: Connection, actor: Actor, row: FileRow, *, worker_id: UUID | None = None
) -> None:
    """Keep who fetches a file that something took along and that opens for somebody."""
    loose = row.document_id is None and row.message_id is None
    if not loose and row.head is not None:
        await retracting.opened(connection, [row.id], actor, file=True, worker_id=worker_id)


def require_clean(row: FileRow) -> None:
    """Raise HeldBack unless a file was looked at and found clean."""
    if row.state != "clean":
        raise faults.HeldBack(_WHY[row.state])


async def opened(office: Office, actor: Actor, row: FileRow) -> tuple[File, OpenFile]:
    """Open a file that its reader may have; raises NoLongerReadable, CannotOpen."""
    assert actor.org_id is not None
    if row.retract_reason is not None:
        said = WHY_RETRACTED[row.retract_reason]
        raise faults.TakenBack(said, reason=row.retract_reason)
    seal = row.seal_of(actor.org_id)
    if seal is None or row.head is None:
        raise faults.NoLongerReadable
    whole = Whole(
        id=row.id,
        blob_id=row.blob_id,
        head=row.head,
        seal=seal,
        author=row.org_id,
        shared=row.shared_by_org_id is not None,
    )
    try:
        found = await open_file.open_file(office, whole)
    except KeyMissing:
        raise faults.NoLongerReadable from None
    return await labelled(office, actor, row), found


async def allowed(
    connection: Connection, actor: Actor, file_id: UUID
) -> tuple[FileRow, OpenGlass | None]:
    """Return a file this reader may have and the broken glass it took; raises Missing, Refused."""
    if actor.org_id is None:
        raise faults.Missing
    found = await attachments.visible(connection, actor.org_id, ids=[file_id])
    if not found:
        raise faults.Missing
    row, glass = found[0], None
    if row.referral_id is not None:
        glass = await _of_referral(connection, actor, row, referral_id=row.referral_id)
    elif row.thread_id is not None:
        # Who may have the words may have the files; the messages say which are seen.
        thread = await send_message.standing(connection, actor, row.thread_id)
        _, glass = await read_thread.may_look(connection, actor, thread)
    return row, glass


async def _of_referral(
    connection: Connection, actor: Actor, row: FileRow, *, referral_id: UUID
) -> OpenGlass | None:
    assert actor.org_id is not None
    cards = await reading.cards(connection, actor.org_id, ids=[referral_id])
    if not cards:
        raise faults.Missing
    look = await emergency_look.at(connection, actor, cards[0])
    card = look.card
    # What is another's is not there, whichever role asks for it.
    if not await _concerns(connection, card, row) or card.capacity == Capacity.OBSERVER:
        raise faults.Missing
    may_read(actor, card, broken_glass=card.sensitivity in look.classes)
    resource = policy.Resource(
        org_id=actor.org_id,
        capacity=Capacity(card.capacity),
        classes=frozenset(SensitivityClass(each) for each in card.classes),
        sensitivity=SensitivityClass(row.sensitivity),
        broken_glass=row.sensitivity in look.classes,
    )
    own = row.org_id == actor.org_id and row.document_id is None
    if not own and not opening.allowed(actor, Action.REFERRAL_READ_NARRATIVE, resource):
        raise faults.Refused
    return look.glass


async def _concerns(connection: Connection, card: Card, row: FileRow) -> bool:
    if row.document_id is None:
        return True
    documents = await reading.documents(connection, card.id)
    found = next((each for each in documents if each.id == row.document_id), None)
    return found is not None and concerns(card, found.leg_id)


async def listed(
    office: Office, actor: Actor, referral_id: UUID, *, request_id: str | None = None
) -> list[File]:
    """List the files of a referral that this reader sees, its organization's loose ones too.

    Raises Missing, Refused.
    """
    if actor.org_id is None:
        raise faults.Missing
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        rows = await attachments.in_context(connection, actor.org_id, context_id=referral_id)
        cards = await reading.cards(connection, actor.org_id, ids=[referral_id])
        if not cards:
            raise faults.Missing
        look = await emergency_look.at(connection, actor, cards[0])
        opened = look.card.sensitivity in look.classes
        if Obligation.STAGE_ONLY in may_read(actor, look.card, broken_glass=opened):
            return []
        seen = [row for row in rows if await _seen(connection, actor, row)]
        line = AuditRow(
            org_id=actor.org_id,
            action="attachment.list",
            resource_kind="referral",
            resource_id=referral_id,
            sensitivity=cards[0].sensitivity,
            detail={"count": len(seen)} | emergency_look.mark(look.glass),
        )
        await audit.insert(connection, actor, line, request_id=request_id)
    return await all_labelled(office, actor, seen)


async def listed_in_thread(
    office: Office, actor: Actor, thread_id: UUID, *, request_id: str | None = None
) -> list[File]:
    """List the files of a thread that this reader sees; raises Missing, Refused."""
    if actor.org_id is None:
        raise faults.Missing
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        thread = await send_message.standing(connection, actor, thread_id)
        _, glass = await read_thread.may_look(connection, actor, thread)
        rows = await attachments.in_context(connection, actor.org_id, context_id=thread_id)
        line = AuditRow(
            org_id=actor.org_id,
            action="attachment.list",
            resource_kind="thread",
            resource_id=thread_id,
            sensitivity=thread.sensitivity,
            detail={"count": len(rows)} | emergency_look.mark(glass),
        )
        await audit.insert(connection, actor, line, request_id=request_id)
    return await all_labelled(office, actor, rows)


async def _seen(connection: Connection, actor: Actor, row: FileRow) -> bool:
    assert row.referral_id is not None
    try:
        await _of_referral(connection, actor, row, referral_id=row.referral_id)
    except (faults.Missing, faults.Refused):
        return False
    return True


async def all_labelled(office: Office, actor: Actor, rows: Iterable[FileRow]) -> list[File]:
    """Open the labels of files."""
    return [await labelled(office, actor, row) for row in rows]


async def labelled(office: Office, actor: Actor, row: FileRow) -> File:
    """Open the label of a file, as far as this reader holds a key for it."""
    return File(
        id=row.id,
        state=row.state,
        scanner=row.scanner,
        organization=row.organization,
        org_id=row.org_id,
        referral_id=row.referral_id,
        thread_id=row.thread_id,
        document_id=row.document_id,
        message_id=row.message_id,
        sensitivity=row.sensitivity,
        created_at=row.created_at,
        retract_reason=row.retract_reason,
        label=await file_labels.opened(office, row, actor.org_id),
    )


async def _record(
    connection: Connection,
    actor: Actor,
    row: FileRow,
    action: str,
    *,
    glass: OpenGlass | None,
    request_id: str | None,
) -> None:
    line = AuditRow(
        org_id=actor.org_id,
        action=action,
        resource_kind="attachment",
        resource_id=row.id,
        sensitivity=row.sensitivity,
        detail={"state": row.state} | emergency_look.mark(glass),
    )
    await audit.insert(connection, actor, line, request_id=request_id)
