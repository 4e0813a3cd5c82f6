"""Patients of one organization: sealed identities and the blind indexes that find them."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from service import faults
from service.store import queries
from service.store.pool import Connection

Q = queries.load("patients")


class PatientRow(msgspec.Struct, frozen=True, kw_only=True):
    """A patient as stored; `sealed` opens with the patient's own key."""

    id: UUID
    reference: str
    sealed: bytes
    revision: int
    language: str
    deceased_on: date | None
    do_not_contact: bool
    version: int

    def __repr__(self) -> str:
        return f"<patient {self.id}>"


async def insert(connection: Connection, org_id: UUID, *, columns: tuple[Any, ...]) -> None:
    """Store a patient; `columns` are id, reference, sealed, language, zone, safe contact."""
    await connection.execute(Q.insert, org_id, *columns)


async def insert_index(
    connection: Connection,
    org_id: UUID,
    *,
    patient_id: UUID,
    tokens: Sequence[tuple[str, bytes]],
) -> None:
    """Store the tokens a patient is found by."""
    fields = [field for field, _ in tokens]
    await connection.execute(
        Q.insert_index, org_id, patient_id, fields, [token for _, token in tokens]
    )


async def fetch(connection: Connection, org_id: UUID, *, patient_id: UUID) -> PatientRow:
    """Read one patient of an organization; raises Missing."""
    row = await connection.fetchrow(Q.sealed, org_id, patient_id)
    if row is None:
        raise faults.Missing
    return PatientRow(**dict(row))


READS = {"sealed": PatientRow}
