"""Numbers that may be texted, and the evidence of what each allowed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("text_numbers")


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One line of evidence; without an organization it is for all, without a purpose for each."""

    id: UUID
    number_id: UUID
    org_id: UUID | None
    purpose: str | None
    given: bool
    how: str
    contact_id: UUID | None = None
    member_id: UUID | None = None
    provider: str | None = None
    provider_event_id: str | None = None
    given_by: str | None = None
    witness_member_id: UUID | None = None


class StandingRow(msgspec.Struct, frozen=True, kw_only=True):
    """How a contact's number stands: open, stopped, wrong or dead, and what it is allowed for."""

    contact_id: UUID
    state: str
    state_at: datetime | None
    purposes: list[str]
    how: str | None
    since: datetime | None


class HistoryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of evidence with the names of who wrote it and who heard it."""

    contact_id: UUID
    at: datetime
    given: bool
    purpose: str | None
    how: str
    given_by: str | None
    member: str | None
    witness: str | None
    by_phone: bool


async def find(connection: Connection, token: bytes) -> UUID | None:
    """Find a number by its token."""
    found: UUID | None = await connection.fetchval(Q.find, token)
    return found


async def add(
    connection: Connection, number_id: UUID, *, token: bytes, key_version: int, sealed: bytes
) -> UUID:
    """Write a number down, or find who was first."""
    await connection.execute(Q.add, number_id, token, key_version, sealed)
    found: UUID = await connection.fetchval(Q.find, token)
    return found


async def note(connection: Connection, lines: Sequence[Evidence]) -> None:
    """Write lines of evidence, in the transaction of what they prove."""
    await connection.executemany(Q.note, [msgspec.structs.astuple(each) for each in lines])


async def standing(
    connection: Connection, org_id: UUID, *, contact_ids: Sequence[UUID]
) -> dict[UUID, StandingRow]:
    """Say how the numbers of contacts stand."""
    found = await connection.fetch(Q.standing, org_id, list(contact_ids))
    return {row["contact_id"]: StandingRow(**dict(row)) for row in found}


async def reopen(connection: Connection, number_id: UUID) -> str | None:
    """Take back that a number was wrong, and say how it stands; None where it was not."""
    found: str | None = await connection.fetchval(Q.reopen, number_id)
    return found


async def history(connection: Connection, org_id: UUID, *, patient_id: UUID) -> list[HistoryRow]:
    """List what was ever said of the numbers of a patient's contacts, the newest first."""
    found = await connection.fetch(Q.history, org_id, patient_id)
    return [HistoryRow(**dict(row)) for row in found]


READS = {"standing": StandingRow, "history": HistoryRow}
"""Which Struct the columns of a query feed; a test compares them."""
