"""One referral, whole: a sheet as its reader may see it becomes the API's answer."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.actions.open_now import OpenStep
from service.actions.read_referral import Sheet
from service.domain import notices
from service.domain.people import SensitivityClass
from service.store.reading import DocumentCard, HistoryRow
from service.web.api.shapes import Document, Item, Line, Referral

_APART = ("appointments", "disclosures", "scope")


def referral_of(item: Item, sheet: Sheet, steps: Sequence[OpenStep]) -> Referral:
    """Shape a sheet; of a stage-only one nothing but its item."""
    order = sheet.order
    if order is None:
        return Referral(referral=item)
    package = sheet.package or {}
    fields = msgspec.structs.asdict(order)
    return Referral(
        referral=item,
        open_steps=tuple(steps),
        redisclosure_notice=notices.NOTICE if sheet.notice else "",
        consent_scope=order.scope,
        security_labels=notices.LABELS[SensitivityClass(sheet.card.sensitivity)],
        break_glass_id=sheet.broken_glass,
        question=package.get("question"),
        narrative=package.get("narrative"),
        reason_codes=tuple(package.get("reason_codes", ())),
        authorization_number=package.get("authorization_number"),
        patient=sheet.identity,
        order={name: value for name, value in fields.items() if name not in _APART},
        appointments=order.appointments,
        history=tuple(line_of(row, sheet.words) for row in sheet.history),
        documents=tuple(document_of(row, sheet.words) for row in sheet.documents),
        disclosed=order.disclosures > 0,
        no_longer_readable=sheet.gone,
    )


def line_of(row: HistoryRow, words: dict[UUID, Any]) -> Line:
    """Shape one line of history."""
    return Line(
        seq=row.seq,
        step=row.step,
        from_state=row.from_state,
        becomes=row.becomes,
        party=row.party,
        rule=row.rule_id,
        at=row.happened_at,
        entered_at=row.entered_at,
        source=row.source,
        leg_id=row.leg_id,
        actor_org=row.actor_org,
        actor=row.actor,
        actor_kind=row.actor_kind,
        api_key_id=row.api_key_id,
        on_behalf=row.on_behalf,
        reason=row.reason,
        details=row.detail,
        words=words.get(row.content_id) if row.content_id else None,
        undoes_seq=row.undoes_seq,
    )


def document_of(row: DocumentCard, words: dict[UUID, Any]) -> Document:
    """Shape a document, with its words where this reader may have them."""
    said = words.get(row.content_id) or {}
    return Document(
        id=row.id,
        type_code=row.type_code,
        type_system=row.type_system,
        written_on=row.written_on,
        received_at=row.received_at,
        entered_at=row.entered_at,
        source=row.source,
        evidence=row.evidence,
        author_org=row.author_org,
        leg_id=row.leg_id,
        title=said.get("title"),
        author=said.get("author"),
        text=said.get("text"),
        retracted_at=row.retracted_at,
        retract_reason=row.retract_reason,
    )
