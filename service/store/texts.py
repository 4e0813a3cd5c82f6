"""Texts as workers see them: what they speak of, whom they may go to, and what they ask."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from service.domain import ids
from service.store import queries
from service.store.outbox import Claim, DeliveryRow
from service.store.pool import Connection

Q = queries.load("texts")


class AboutRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a patient's text may speak of; `silent` says that nobody writes to them any more."""

    contact_id: UUID | None
    public_name: str
    phone: str | None
    sensitivity: str
    referral_state: str
    patient_id: UUID
    time_zone: str
    safe_contact: dict[str, Any]
    silent: bool
    leg_id: UUID | None
    leg_state: str | None
    outcome: str | None
    appointment_at: datetime | None
    other_name: str | None
    other_phone: str | None
    other_channel: str | None
    evidence: str
    appointment_zone: str | None
    same_booking: bool
    taken: bool
    now: datetime


class TextContact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may be texted about a patient."""

    id: UUID
    relation: str
    language: str
    classes: list[str]
    may_text: bool
    sealed: bytes
    version: int
    number_id: UUID

    def __repr__(self) -> str:
        return f"<contact {self.id}>"


class NumberRow(msgspec.Struct, frozen=True, kw_only=True):
    """How a number stands: texted `before`, asked something until `asked_until`."""

    id: UUID
    sealed: bytes
    state: str
    allowed: bool
    before: list[datetime]
    asked_until: datetime | None

    def __repr__(self) -> str:
        return f"<number {self.id}>"


class ReplyRow(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer to a phone may speak of."""

    id: UUID
    sealed: bytes
    state: str
    public_name: str
    phone: str | None
    language: str

    def __repr__(self) -> str:
        return f"<number {self.id}>"


class DoubtRow(msgspec.Struct, frozen=True, kw_only=True):
    """A text that may not have arrived."""

    effect_id: UUID
    org_id: UUID
    referral_id: UUID
    code: str


async def replying(connection: Connection, effect_id: UUID) -> ReplyRow | None:
    """Read what an answer to a phone may speak of."""
    row = await connection.fetchrow(Q.replying, effect_id)
    return ReplyRow(**dict(row)) if row is not None else None


async def about(connection: Connection, effect_id: UUID) -> AboutRow | None:
    """Read what the text of an effect may speak of; nothing where its referral is out of sight."""
    row = await connection.fetchrow(Q.about, effect_id)
    return AboutRow(**dict(row)) if row is not None else None


async def contacts(connection: Connection, org_id: UUID, *, patient_id: UUID) -> list[TextContact]:
    """List who may be texted about a patient, the patient first."""
    found = await connection.fetch(Q.contacts, org_id, patient_id)
    return [TextContact(**dict(row)) for row in found]


async def number(
    connection: Connection, effect: Claim, *, number_id: UUID, purpose: str
) -> NumberRow:
    """Read how a number stands for this text, locked until the text is written down."""
    await connection.execute(Q.hold, number_id)
    row = await connection.fetchrow(Q.number, number_id, effect.org_id, purpose, effect.id)
    return NumberRow(**dict(row))


async def attempt(
    connection: Connection,
    effect: Claim,
    *,
    contact_id: UUID | None,
    number_id: UUID,
    said: Any,
) -> DeliveryRow:
    """Write the delivery of a text, or find the one an earlier try wrote."""
    delivery_id = ids.new_id()
    row = await connection.fetchrow(
        Q.attempt,
        delivery_id,
        effect.id,
        effect.org_id,
        effect.referral_id,
        contact_id,
        number_id,
        delivery_id.hex,
        said,
    )
    return DeliveryRow(**dict(row))


async def put_off(connection: Connection, effect_id: UUID, *, until: datetime) -> None:
    """Let a text wait for its time."""
    await connection.execute(Q.put_off, effect_id, until)


async def listens(connection: Connection, effect_id: UUID, *, number_id: UUID) -> bool:
    """Let a text wait while anything that its phone said is unheard; False where nothing is."""
    return bool(await connection.fetchval(Q.listens, effect_id, number_id))


async def addressed(
    connection: Connection, effect_id: UUID, *, contact_id: UUID, number_id: UUID
) -> None:
    """Keep whom a text goes to."""
    await connection.execute(Q.addressed, effect_id, contact_id, number_id)


async def ask(
    connection: Connection, effect_id: UUID, *, kind: str, contact_id: UUID, number_id: UUID
) -> None:
    """Open the question that a text asks; the ones nobody answered in time are over."""
    await connection.execute(Q.ask, ids.new_id(), number_id, contact_id, kind, effect_id)


async def by_call(connection: Connection, effect_id: UUID, *, kind: str) -> None:
    """Open work for the referral's owner: tell the patient another way."""
    await connection.execute(Q.by_call, effect_id, ids.new_id(), f"tell_{kind}")


async def unanswered(connection: Connection, effect_id: UUID, *, why: str) -> None:
    """Record that nobody knows whether a text travels."""
    await connection.execute(Q.unanswered, effect_id, why)


async def in_doubt(connection: Connection, after: timedelta) -> list[DoubtRow]:
    """List the texts that nobody answered for, so long after they were begun."""
    return [DoubtRow(**dict(row)) for row in await connection.fetch(Q.in_doubt, after)]


async def doubt_told(connection: Connection, effect_id: UUID) -> bool:
    """End a doubt; False where somebody was first."""
    return bool(await connection.fetchval(Q.doubt_told, effect_id))


READS = {
    "in_doubt": DoubtRow,
    "about": AboutRow,
    "contacts": TextContact,
    "number": NumberRow,
    "attempt": DeliveryRow,
    "replying": ReplyRow,
}
"""Which Struct the columns of a query feed; a test compares them."""
