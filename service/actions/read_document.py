"""Read one document of a referral, the look recorded first."""

from typing import Any
from uuid import UUID

from service import faults
from service.actions.office import Office
from service.actions.opening import Reader
from service.actions.read_referral import concerns, may_read
from service.domain.people import Actor
from service.domain.policy import Obligation
from service.store import audit, reading
from service.store.pool import Connection, Scope
from service.store.reading import DocumentCard
from service.store.rows import AuditRow


async def read_document(
    office: Office, actor: Actor, document_id: UUID, *, request_id: str | None = None
) -> tuple[DocumentCard, Any | None]:
    """Return a document and its words, or None for words this reader may not have.

    Raises Missing where there is none or its referral is not this reader's, Refused.
    """
    if actor.org_id is None:
        raise faults.Missing
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        referral_id = await reading.document_place(connection, document_id)
        cards = await reading.cards(
            connection, actor.org_id, ids=[referral_id] if referral_id else []
        )
        if not cards:
            raise faults.Missing
        card = cards[0]
        all_cards = await reading.documents(connection, card.id)
        found = next(each for each in all_cards if each.id == document_id)
        # What is another's is not there, whichever role asks for it.
        if not concerns(card, found.leg_id) or Obligation.STAGE_ONLY in may_read(actor, card):
            raise faults.Missing
        reader = Reader(
            office=office,
            actor=actor,
            seals=await reading.seals(connection, actor.org_id, ids=[card.id]),
        )
        words = await _words(connection, reader, found, card)
        row = AuditRow(
            org_id=actor.org_id,
            action="document.read",
            resource_kind="document",
            resource_id=document_id,
            sensitivity=found.sensitivity,
        )
        await audit.insert(connection, actor, row, request_id=request_id)
    return found, words


async def _words(
    connection: Connection, reader: Reader, found: DocumentCard, card: reading.Card
) -> Any | None:
    sealed = await reading.contents(connection, [card.id], kinds=["document"])
    row = next((each for each in sealed if each.id == found.content_id), None)
    if row is None or not reader.may(row, capacity=card.capacity, classes=card.classes):
        return None
    return await reader.words(row)
