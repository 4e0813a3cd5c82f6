"""Emergency access: the row of it, what it unsealed, who was told, and the clock of its review."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from crypto.keys import SealRow
from service import faults
from service.domain import ids
from service.store import queries
from service.store.pool import Connection

Q = queries.load("break_glass")


class NewGlass(msgspec.Struct, frozen=True, kw_only=True):
    """An emergency access to be stored, in the order of its statement."""

    org_id: UUID
    id: UUID
    subject_org_id: UUID
    patient_id: UUID
    referral_id: UUID | None
    member_id: UUID
    person_id: UUID
    session_id: UUID
    reason: str
    medical_emergency: bool
    classes: list[str]
    sealed: bytes

    def __repr__(self) -> str:
        return f"<break glass {self.id}>"


class AboutRow(msgspec.Struct, frozen=True, kw_only=True):
    """Whose patient a referral is about, and the asking organization's part in it."""

    id: UUID
    sender_org_id: UUID
    patient_id: UUID
    capacity: str


class ReferralRow(msgspec.Struct, frozen=True, kw_only=True):
    """A referral about the patient, and its class."""

    id: UUID
    sensitivity: str


class OpenGlass(msgspec.Struct, frozen=True, kw_only=True):
    """What is open to one member in one session now."""

    id: UUID
    classes: list[str]
    until_at: datetime


class GlassCard(msgspec.Struct, frozen=True, kw_only=True):
    """An emergency access as a list shows it; words only to its own organization."""

    id: UUID
    org_id: UUID
    organization: str
    member_id: UUID
    member: str | None
    referral_id: UUID | None
    reference: str | None
    reason: str
    medical_emergency: bool
    classes: list[str]
    opened_at: datetime
    until_at: datetime
    ended_at: datetime | None
    reviewed_at: datetime | None
    verdict: str | None
    sealed: bytes | None
    review_sealed: bytes | None

    def __repr__(self) -> str:
        return f"<break glass {self.id}>"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """An access as its review needs it."""

    id: UUID
    member_id: UUID
    person_id: UUID
    reviewed_at: datetime | None


async def about(connection: Connection, org_id: UUID, *, referral_id: UUID) -> AboutRow:
    """Read whose patient a referral is about; raises Missing for whoever is no party of it."""
    row = await connection.fetchrow(Q.of_referral, org_id, referral_id)
    if row is None:
        raise faults.Missing
    return AboutRow(**dict(row))


async def is_covered(connection: Connection, org_id: UUID) -> bool:
    """Say whether an organization is bound by HIPAA."""
    return bool(await connection.fetchval(Q.covered, org_id))


async def referrals(
    connection: Connection, org_id: UUID, *, subject_org_id: UUID, patient_id: UUID
) -> list[ReferralRow]:
    """List the referrals about a patient that an organization is party of."""
    rows = await connection.fetch(Q.referrals, org_id, subject_org_id, patient_id)
    return [ReferralRow(**dict(row)) for row in rows]


async def open_referral(connection: Connection, referral_id: UUID) -> None:
    """Widen this transaction to one referral."""
    await connection.fetchval(Q.opening, str(referral_id))


async def recipients(connection: Connection, referral_id: UUID, *, but: UUID) -> list[UUID]:
    """List who else receives the referral that is open here."""
    return [row["org_id"] for row in await connection.fetch(Q.recipients, referral_id, but)]


async def not_held(
    connection: Connection,
    referral_id: UUID,
    *,
    sender_org_id: UUID,
    classes: Sequence[str],
    org_id: UUID,
) -> list[SealRow]:
    """List the sender's seals of epochs that an organization has no key for."""
    rows = await connection.fetch(Q.not_held, referral_id, sender_org_id, list(classes), org_id)
    return [SealRow(**dict(row)) for row in rows]


async def insert(connection: Connection, row: NewGlass) -> None:
    """Store the access; it ends by itself after sixty minutes of the database's clock."""
    await connection.execute(Q.insert, *msgspec.structs.astuple(row))


async def unseal(
    connection: Connection, made: SealRow, glass: NewGlass, *, referral_id: UUID
) -> None:
    """Write a key for the emergency with the disclosure that it is."""
    at = (made.context_id, made.sensitivity, made.epoch)
    await connection.execute(Q.insert_seal, *at, made.org_id, made.key_id, made.sealed, referral_id)
    told = (ids.new_id(), referral_id, glass.subject_org_id, glass.patient_id, made.org_id)
    await connection.execute(Q.insert_disclosure, *told, *at, glass.id)


async def officers(connection: Connection, org_id: UUID) -> list[UUID]:
    """List who keeps an organization's privacy."""
    return [row["id"] for row in await connection.fetch(Q.officers, org_id)]


async def tell(connection: Connection, glass_id: UUID, *, org_id: UUID, by_org_id: UUID) -> None:
    """Write down that another organization was told."""
    await connection.execute(Q.told, glass_id, org_id, by_org_id)


async def open_task(
    connection: Connection,
    glass_id: UUID,
    *,
    kind: str,
    org_id: UUID,
    member_id: UUID | None,
    about_org_id: UUID,
) -> None:
    """Open work for a privacy officer, due in three days."""
    await connection.execute(Q.task, ids.new_id(), kind, org_id, member_id, about_org_id, glass_id)


async def arm(connection: Connection, glass_id: UUID, *, org_id: UUID) -> None:
    """Wind the clock of the review up: 72 hours."""
    await connection.execute(Q.arm, ids.new_id(), glass_id, org_id)


async def open_here(
    connection: Connection,
    org_id: UUID,
    *,
    member_id: UUID,
    session_id: UUID,
    subject_org_id: UUID,
    patient_id: UUID,
) -> OpenGlass | None:
    """Find what is open to this member in this session for this patient, if anything is."""
    row = await connection.fetchrow(
        Q.open_here, org_id, member_id, session_id, subject_org_id, patient_id
    )
    return OpenGlass(**dict(row)) if row is not None else None


async def page(
    connection: Connection, org_id: UUID, *, member_id: UUID | None, before: UUID, limit: int
) -> list[GlassCard]:
    """List accesses of an organization and those it was told of, or of one member only."""
    rows = await connection.fetch(Q.page, org_id, member_id, before, limit)
    return [GlassCard(**dict(row)) for row in rows]


async def finish(connection: Connection, org_id: UUID, *, glass_id: UUID, member_id: UUID) -> bool:
    """End an access of one's own; False where there was none open."""
    done: str = await connection.execute(Q.finish, org_id, glass_id, member_id)
    return done.endswith(" 1")


async def finish_session(connection: Connection, org_id: UUID, *, session_id: UUID) -> None:
    """End whatever a session left open."""
    await connection.execute(Q.finish_session, org_id, session_id)


async def fetch(connection: Connection, org_id: UUID, *, glass_id: UUID) -> Known:
    """Read an access of an organization's own people; raises Missing."""
    row = await connection.fetchrow(Q.fetch, org_id, glass_id)
    if row is None:
        raise faults.Missing
    return Known(**dict(row))


async def review(
    connection: Connection,
    org_id: UUID,
    *,
    glass_id: UUID,
    member_id: UUID,
    verdict: str,
    sealed: bytes,
) -> bool:
    """Keep a verdict, end the work here and above it; False where one was given before."""
    done: str = await connection.execute(Q.review, org_id, glass_id, member_id, verdict, sealed)
    if not done.endswith(" 1"):
        return False
    await connection.execute(Q.reviewed_task, org_id, glass_id, member_id)
    await connection.execute(Q.overseen_task, org_id, glass_id)
    await connection.execute(Q.disarm, glass_id)
    return True


READS = {
    "of_referral": AboutRow,
    "referrals": ReferralRow,
    "not_held": SealRow,
    "open_here": OpenGlass,
    "page": GlassCard,
    "fetch": Known,
}
"""Which Struct the columns of a query feed; a test compares them."""
