"""Filing what a step says: its words and its documents, sealed, each beside its event."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from service.actions.orders import Document, OnBehalf, Order, Wish
from service.actions.sealing import Sealer
from service.domain.people import Actor
from service.domain.plan import Plan
from service.store import rows


def says(wish: Wish, on_behalf: OnBehalf | None) -> bool:
    """Say whether a wish carries anything that has to be sealed."""
    return bool(_spoken(wish, on_behalf)) or wish.document is not None


def files_of(wishes: Iterable[Wish]) -> tuple[UUID, ...]:
    """List the files that documents take along."""
    return tuple(each for wish in wishes if wish.document for each in wish.document.files)


async def say(
    sealer: Sealer, plan: Plan, order: Order, *, actor: Actor
) -> tuple[dict[int, UUID], list[rows.DocumentRow]]:
    """Seal the words and documents of an order; words are answered by their event's number."""
    said: dict[int, UUID] = {}
    documents: list[rows.DocumentRow] = []
    for event, wish in zip(plan.acted, order.wishes, strict=True):
        words = _spoken(wish, order.on_behalf)
        if words:
            said[event.seq] = await sealer.put("reason", words, leg_id=order.leg_id)
        if wish.document is not None:
            documents.append(await _file(sealer, wish.document, order, actor=actor))
    return said, documents


def _spoken(wish: Wish, on_behalf: OnBehalf | None) -> dict[str, Any]:
    words = {key: value for key, value in msgspec.structs.asdict(wish.words).items() if value}
    if on_behalf is not None and on_behalf.spoke_to:
        words["spoke_to"] = on_behalf.spoke_to
    return words


async def _file(
    sealer: Sealer, document: Document, order: Order, *, actor: Actor
) -> rows.DocumentRow:
    words = {"title": document.title, "author": document.author, "text": document.text}
    content_id = await sealer.put("document", words, leg_id=order.leg_id)
    source = order.on_behalf.source if order.on_behalf else order.source
    return rows.DocumentRow(
        id=content_id,
        content_id=content_id,
        type_code=document.type_code,
        sensitivity=sealer.contents[-1].sensitivity,
        written_on=document.written_on,
        received_at=document.received_at or sealer.now,
        source=source,
        evidence="upload" if document.files else document.evidence,
        files=document.files,
        leg_id=order.leg_id,
        entered_by_member_id=actor.member_id,
    )
