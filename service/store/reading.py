"""Reading referrals: cards for lists, the history, and the sealed contents behind them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from crypto.keys import SealRow
from service.store import queries
from service.store.pool import Connection

Q = queries.load("reading")


class LegCard(msgspec.Struct, frozen=True, kw_only=True):
    """One recipient's attempt, as a list shows it."""

    id: UUID
    number: int
    org_id: UUID
    recipient: str
    service_id: UUID | None
    service: str | None
    channel: str
    state: str
    version: int
    owner_member_id: UUID | None
    owner: str | None
    appointment_at: datetime | None
    expected_by: date | None
    answer_due_at: datetime | None
    ask_open: bool
    attempts: int
    reason: str | None
    outcome: str | None
    need_met: str | None
    service_on: date | None
    next_check_on: date | None
    next_report_on: date | None
    waitlist_position: int | None
    since: datetime


class TimerCard(msgspec.Struct, frozen=True, kw_only=True):
    """An armed timer: its next tick and rung, and when it moves to whom."""

    leg_id: UUID | None
    clock: str
    due_at: datetime
    final_at: datetime
    rung: int
    moves_to: str | None


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A referral as one party sees it in a list; nothing here was sealed."""

    id: UUID
    reference: str
    state: str
    version: int
    priority: str
    sensitivity: str
    category: str
    sender_org_id: UUID
    sender: str
    owner_org_id: UUID
    owner_member_id: UUID
    owner: str
    patient_id: UUID
    created_at: datetime
    sent_at: datetime | None
    closed_at: datetime | None
    disposition: str | None
    need_met: str | None
    close_reason: str | None
    capacity: str
    classes: tuple[str, ...]
    zone: str
    since: datetime
    legs: tuple[LegCard, ...]
    timers: tuple[TimerCard, ...]
    now: datetime


class Appointment(msgspec.Struct, frozen=True, kw_only=True):
    """A booking; its zone's name stands beside the moment."""

    id: UUID
    leg_id: UUID
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    site_id: UUID | None
    modality: str | None
    language_help: str | None
    state: str


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """The clear part of an order beyond its card."""

    code_system: str | None
    code: str | None
    request: str
    mode: str
    pattern: str
    reviewer: str
    evidence: str
    ordering_npi: str | None
    ordering_name: str | None
    typed_by_member_id: UUID
    consent_basis: str | None
    consent_id: UUID | None
    phone_handoff_at: datetime | None
    authorization_state: str | None
    authorization_expires_on: date | None
    requested_by: date | None
    hold_until: datetime | None
    appointments: tuple[Appointment, ...]
    disclosures: int
    scope: dict[str, Any] | None


class HistoryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of history; its words are the content of `content_id`."""

    seq: int
    leg_id: UUID | None
    machine: str
    from_state: str
    step: str
    party: str
    becomes: str
    rule_id: str
    actor_kind: str
    actor_org_id: UUID | None
    actor_org: str | None
    actor_member_id: UUID | None
    actor: str | None
    api_key_id: UUID | None
    source: str
    on_behalf: bool
    happened_at: datetime
    entered_at: datetime
    reason: str | None
    detail: dict[str, Any]
    content_id: UUID | None
    undoes_seq: int | None


class DocumentCard(msgspec.Struct, frozen=True, kw_only=True):
    """A document without its words: type, three dates, and where it came from."""

    id: UUID
    leg_id: UUID | None
    content_id: UUID
    type_code: str
    type_system: str
    sensitivity: str
    written_on: date
    received_at: datetime
    entered_at: datetime
    source: str
    evidence: str
    author_org_id: UUID
    author_org: str
    retracted_at: datetime | None
    retract_reason: str | None


class SealedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed content; without an envelope it was destroyed and opens for nobody."""

    id: UUID
    referral_id: UUID
    leg_id: UUID | None
    kind: str
    sensitivity: str
    epoch: int
    envelope: bytes | None
    author_org_id: UUID
    created_at: datetime


async def cards(connection: Connection, org_id: UUID, *, ids: Sequence[UUID]) -> list[Card]:
    """Read referrals as one organization sees them, the newest first; others are left out."""
    rows = await connection.fetch(Q.cards, list(ids), org_id)
    return [msgspec.convert(dict(row), Card, strict=False) for row in rows]


async def order_of(connection: Connection, referral_id: UUID) -> OrderRow:
    """Read the clear part of an order."""
    row = await connection.fetchrow(Q.order_row, referral_id)
    return msgspec.convert(dict(row), OrderRow, strict=False)


async def history(connection: Connection, referral_id: UUID) -> list[HistoryRow]:
    """Read the history of a referral, oldest first."""
    return [HistoryRow(**dict(row)) for row in await connection.fetch(Q.history, referral_id)]


async def documents(connection: Connection, referral_id: UUID) -> list[DocumentCard]:
    """List the documents of a referral."""
    return [DocumentCard(**dict(row)) for row in await connection.fetch(Q.documents, referral_id)]


async def document_place(connection: Connection, document_id: UUID) -> UUID | None:
    """Return which referral a document belongs to, if the asking organization sees it."""
    found: UUID | None = await connection.fetchval(Q.document_place, document_id)
    return found


async def contents(
    connection: Connection, ids: Sequence[UUID], *, kinds: Sequence[str]
) -> list[SealedRow]:
    """Read sealed contents of referrals, oldest first."""
    rows = await connection.fetch(Q.contents, list(ids), list(kinds))
    return [SealedRow(**dict(row)) for row in rows]


Seals = dict[tuple[UUID, str, int], SealRow]
"""The seals an organization holds, by referral, class and epoch."""


async def seals(connection: Connection, org_id: UUID, *, ids: Sequence[UUID]) -> Seals:
    """Read the seals an organization holds on referrals."""
    found: Seals = {}
    for row in await connection.fetch(Q.seals, list(ids), org_id):
        fields = dict(row)
        referral_id = fields.pop("referral_id")
        found[referral_id, row["sensitivity"], row["epoch"]] = SealRow(**fields)
    return found


async def by_reference(connection: Connection, reference: str) -> UUID | None:
    """Return the referral of a reference, if the asking organization is party of it."""
    found: UUID | None = await connection.fetchval(Q.by_reference, reference)
    return found


async def by_external_id(
    connection: Connection, org_id: UUID, *, kind: str, system: str, tokens: Sequence[bytes]
) -> UUID | None:
    """Return what another system's id stands for in one organization."""
    found: UUID | None = await connection.fetchval(Q.by_external_id, org_id, kind, system, tokens)
    return found


async def open_of_patient(
    connection: Connection,
    org_id: UUID,
    *,
    patient_id: UUID,
    service_ids: Sequence[UUID],
    limit: int,
) -> list[UUID]:
    """List open referrals of an organization's patient; of the services' kind, if any is named."""
    rows = await connection.fetch(Q.open_of_patient, org_id, patient_id, list(service_ids), limit)
    return [row["id"] for row in rows]


async def set_owner(
    connection: Connection, referral_id: UUID, *, org_id: UUID, member_id: UUID, seen: int
) -> int | None:
    """Change who answers for the loop; None means that somebody changed it first."""
    found: int | None = await connection.fetchval(Q.set_owner, referral_id, org_id, member_id, seen)
    return found


async def is_active_member(connection: Connection, org_id: UUID, *, member_id: UUID) -> bool:
    """Say whether somebody is an active member of an organization."""
    return bool(await connection.fetchval(Q.active_member, org_id, member_id))


READS = {
    "cards": Card,
    "order_row": OrderRow,
    "history": HistoryRow,
    "documents": DocumentCard,
    "contents": SealedRow,
}
