"""Read one document of a referral, the look recorded first."""

from typing import Any
from uuid import UUID

from service import faults
from service.actions import emergency_look
from service.actions.emergency_look import Look
from service.actions.office import Office
from service.actions.opening import Reader
from service.actions.read_referral import concerns, may_read
from service.domain.people import Actor
from service.domain.policy import Obligation
from service.domain.threads import WHY_RETRACTED
from service.store import audit, reading, retracting
from service.store.pool import Connection, Scope
from service.store.reading import DocumentCard
from service.store.rows import AuditRow


async def read_document(
    office: Office, actor: Actor, document_id: UUID, *, request_id: str | None = None
) -> tuple[DocumentCard, Any | None]:
    """Return a document and its words, or None for words this reader may not have.

    Raises Missing where there is none or its referral is not this reader's, Refused, and
    NoLongerReadable or Unreadable where nobody can open it.
    """
    if actor.org_id is None:
        raise faults.Missing
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        look, found = await _found(connection, actor, actor.org_id, document_id)
        card = look.card
        reader = Reader(
            office=office,
            actor=actor,
            seals=await reading.seals(connection, actor.org_id, ids=[card.id]),
            emergency=look.classes,
        )
        words, broken = await _words(connection, reader, found, card)
        row = AuditRow(
            org_id=actor.org_id,
            action="document.read",
            resource_kind="document",
            resource_id=document_id,
            sensitivity=found.sensitivity,
            detail=emergency_look.mark(look.glass),
        )
        outcome = "failed" if broken is not None else "done"
        await audit.insert(connection, actor, row, outcome=outcome, request_id=request_id)
        if words is not None:
            await retracting.opened(connection, [found.id], actor, file=False)
    if broken is not None:
        # Only now: the look that found nothing to read is on record like any other.
        raise broken
    return found, words


async def _found(
    connection: Connection, actor: Actor, org_id: UUID, document_id: UUID
) -> tuple[Look, DocumentCard]:
    referral_id = await reading.document_place(connection, document_id)
    cards = await reading.cards(connection, org_id, ids=[referral_id] if referral_id else [])
    if not cards:
        raise faults.Missing
    look = await emergency_look.at(connection, actor, cards[0])
    card = look.card
    documents = await reading.documents(connection, card.id)
    found = next(each for each in documents if each.id == document_id)
    # What is another's is not there, whichever role asks for it.
    if not concerns(card, found.leg_id):
        raise faults.Missing
    owed = may_read(actor, card, broken_glass=card.sensitivity in look.classes)
    if Obligation.STAGE_ONLY in owed:
        raise faults.Missing
    return look, found


async def _words(
    connection: Connection, reader: Reader, found: DocumentCard, card: reading.Card
) -> tuple[Any | None, faults.Fault | None]:
    """Open the words of a document, or say why nobody can."""
    if found.retract_reason is not None:
        said = WHY_RETRACTED[found.retract_reason]
        return None, faults.TakenBack(said, reason=found.retract_reason)
    sealed = await reading.contents(connection, [card.id], kinds=["document"])
    row = next((each for each in sealed if each.id == found.content_id), None)
    if row is None or not reader.may(row, capacity=card.capacity, classes=card.classes):
        return None, None
    try:
        return await reader.opened(row), None
    except (faults.NoLongerReadable, faults.Unreadable) as broken:
        return None, broken
