"""What was told of a patient, to whom and why: each seal to another organization wrote its row."""

from datetime import datetime
from uuid import UUID

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("disclosures")


class Disclosed(msgspec.Struct, frozen=True, kw_only=True):
    """One organization that was given the key of one class, when, on which basis and for what."""

    id: UUID
    disclosed_at: datetime
    to_org_id: UUID
    told: str
    told_phone: str | None
    sensitivity: str
    basis: str
    consent_id: UUID | None
    purpose: str
    referral_id: UUID | None
    thread_id: UUID | None
    reference: str | None
    category: str | None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Of whom, since when, behind which place, and how many."""

    patient_id: UUID
    since: datetime
    before: tuple[datetime, UUID]
    limit: int


async def page(connection: Connection, org_id: UUID, wanted: Wanted) -> list[Disclosed]:
    """List what an organization told of its patient, the newest first."""
    rows = await connection.fetch(
        Q.page, org_id, wanted.patient_id, wanted.since, *wanted.before, wanted.limit
    )
    return [Disclosed(**dict(row)) for row in rows]


READS = {"page": Disclosed}
