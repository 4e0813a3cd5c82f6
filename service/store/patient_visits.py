"""Browsers that pressed the button of a patient's link, and the visits of those who came in.

Only hashes are kept. Every time passed in is real time.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from service.domain import ids
from service.store import queries
from service.store.pool import Connection

Q = queries.load("patient_visits")


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that may enter a code; a decoy has no link."""

    id: UUID
    patient_link_id: UUID | None
    org_id: UUID | None


class VisitRow(msgspec.Struct, frozen=True, kw_only=True):
    """A visit as its cookie finds it, before anything it hangs on was read."""

    id: UUID
    browser: bytes
    patient_link_id: UUID
    org_id: UUID


class VisitStanding(msgspec.Struct, frozen=True, kw_only=True):
    """What a visit hangs on, all of it in order."""

    referral_id: UUID
    contact_id: UUID
    number_id: UUID
    language: str
    classes: list[str]
    time_zone: str
    safe_contact: dict[str, Any]
    sensitivity: str


class PageRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the page may speak of; `other_` is who has the part that matters most now."""

    reference: str
    referral_state: str
    public_name: str
    phone: str | None
    leg_id: UUID | None
    leg_state: str | None
    other_name: str | None
    other_phone: str | None
    other_channel: str | None
    evidence: str
    appointment_at: datetime | None
    appointment_zone: str | None
    modality: str | None
    site_name: str | None
    street: str | None
    city: str | None
    region: str | None
    site_phone: str | None
    textable: bool
    question_id: UUID | None
    question: str | None
    now: datetime

    def __repr__(self) -> str:
        return f"<page of {self.reference}>"


class SaidRow(msgspec.Struct, frozen=True, kw_only=True):
    """What this contact said before, by text or page."""

    kind: str
    value: str
    source: str
    claimed_at: datetime


async def bind(
    connection: Connection,
    secret_hash: bytes,
    *,
    link_id: UUID | None,
    org_id: UUID | None,
    now: datetime,
) -> None:
    """Let a browser enter codes for 15 minutes; without a link it is a decoy."""
    await connection.execute(Q.bind, secret_hash, ids.new_id(), link_id, org_id, now)


async def extend(
    connection: Connection, secret_hash: bytes, *, link_id: UUID | None, now: datetime
) -> bool:
    """Give a browser that pressed again its 15 minutes anew, and no try back."""
    return await connection.fetchval(Q.extend, secret_hash, link_id, now) is not None


async def pressed(connection: Connection, secret_hash: bytes, *, now: datetime) -> Bound | None:
    """Find which link a browser pressed the button of."""
    row = await connection.fetchrow(Q.pressed, secret_hash, now)
    return Bound(**dict(row)) if row is not None else None


async def spend(connection: Connection, secret_hash: bytes, *, now: datetime) -> Bound | None:
    """Spend one try of a browser; nothing if it has none left."""
    row = await connection.fetchrow(Q.spend, secret_hash, now)
    return Bound(**dict(row)) if row is not None else None


async def enter(
    connection: Connection, visit_id: UUID, *, session_hash: bytes, now: datetime
) -> bool:
    """Begin a visit, once."""
    return await connection.fetchval(Q.enter, visit_id, now, session_hash) is not None


async def find(connection: Connection, session_hash: bytes, *, now: datetime) -> VisitRow | None:
    """Find a visit by its session's hash; the scope's look-up must be the same hash."""
    row = await connection.fetchrow(Q.find, session_hash, now)
    return VisitRow(**dict(row)) if row is not None else None


async def standing(
    connection: Connection, visit_id: UUID, *, now: datetime
) -> VisitStanding | None:
    """Note that a visit is in use and read what it hangs on; nothing if any of it is gone."""
    await connection.execute(Q.touch, visit_id, now)
    row = await connection.fetchrow(Q.standing, visit_id)
    return VisitStanding(**dict(row)) if row is not None else None


async def end(connection: Connection, visit_id: UUID, *, now: datetime) -> None:
    """End a visit."""
    await connection.execute(Q.end, visit_id, now)


async def end_of_link(connection: Connection, link_id: UUID, *, now: datetime) -> None:
    """End every visit by a link."""
    await connection.execute(Q.end_of_link, link_id, now)


async def about(connection: Connection, link_id: UUID, *, live: list[str]) -> PageRow:
    """Read what the page of a link may speak of."""
    return PageRow(**dict(await connection.fetchrow(Q.about, link_id, live)))


async def said(connection: Connection, referral_id: UUID, *, contact_id: UUID) -> list[SaidRow]:
    """List what this contact said of the referral."""
    found = await connection.fetch(Q.said, referral_id, contact_id)
    return [SaidRow(**dict(row)) for row in found]


async def refuse(connection: Connection, *, number_id: UUID, contact_id: UUID) -> None:
    """Keep the holder's no to texts, for all of the network."""
    await connection.execute(Q.refuse, ids.new_id(), number_id, contact_id)


READS = {
    "pressed": Bound,
    "spend": Bound,
    "find": VisitRow,
    "standing": VisitStanding,
    "about": PageRow,
    "said": SaidRow,
}
"""Which Struct the columns of a query feed; a test compares them."""
