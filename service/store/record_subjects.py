"""Whom and what the record is asked about, as the ids that its lines name."""

from uuid import UUID

from service.store import queries
from service.store.pool import Connection

Q = queries.load("record_subjects")


async def patient(connection: Connection, org_id: UUID, *, reference: str) -> UUID | None:
    """Return a patient of an organization by a reference: theirs, or that of a referral."""
    found: UUID | None = await connection.fetchval(Q.patient, org_id, reference)
    return found


async def of_patient(connection: Connection, org_id: UUID, *, patient_id: UUID) -> list[UUID]:
    """List what is about a patient: referrals, conversations, papers, consents, emergencies."""
    rows = await connection.fetch(Q.of_patient, org_id, patient_id)
    return [row["id"] for row in rows]


async def of_referral(connection: Connection, org_id: UUID, *, reference: str) -> list[UUID]:
    """List a referral and what is about it; nothing for one the organization is not party of."""
    rows = await connection.fetch(Q.of_referral, org_id, reference)
    return [row["id"] for row in rows]
