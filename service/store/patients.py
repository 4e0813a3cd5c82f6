"""Patients of one organization: sealed identities and the blind indexes that find them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from crypto.blind import Token
from service import faults
from service.domain import ids
from service.store import queries
from service.store.pool import Connection
from service.store.rows import ExternalIdRow

Q = queries.load("patients")


class PatientRow(msgspec.Struct, frozen=True, kw_only=True):
    """A patient as stored; `sealed` opens with the patient's own key, and is gone with it."""

    id: UUID
    reference: str
    sealed: bytes | None
    revision: int
    language: str
    deceased_on: date | None
    do_not_contact: bool
    version: int

    def __repr__(self) -> str:
        return f"<patient {self.id}>"


class WholeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A patient with everything its organization keeps beside the identity."""

    id: UUID
    reference: str
    sealed: bytes | None
    revision: int
    language: str
    time_zone: str | None
    safe_contact: dict[str, Any]
    deceased_on: date | None
    do_not_contact: bool
    version: int

    def __repr__(self) -> str:
        return f"<patient {self.id}>"


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A patient that tokens found: by which fields, and by how many tokens."""

    id: UUID
    fields: list[str]
    tokens: int


class ContactRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to talk to about a patient; `sealed` opens with the patient's key."""

    id: UUID
    relation: str
    language: str
    classes: list[str]
    may_text: bool
    sealed: bytes
    version: int = 1
    number_id: UUID | None = None

    def __repr__(self) -> str:
        return f"<contact {self.id}>"


Tokens = Sequence[Token]
"""The tokens of some values, under every version of a key that is still read."""


async def insert(connection: Connection, org_id: UUID, *, columns: tuple[Any, ...]) -> None:
    """Store a patient; `columns` are id, reference, sealed, language, zone, safe contact."""
    try:
        await connection.execute(Q.insert, org_id, *columns)
    except asyncpg.UniqueViolationError as conflict:
        # The same random reference twice: the next try makes another.
        raise faults.Busy(retry_after=1) from conflict


async def insert_index(
    connection: Connection, org_id: UUID, *, patient_id: UUID, tokens: Tokens
) -> None:
    """Store the tokens a patient is found by, of the newest version of each field's key."""
    newest = {each.field: 0 for each in tokens}
    for each in tokens:
        newest[each.field] = max(newest[each.field], each.version)
    kept = [each for each in tokens if each.version == newest[each.field]]
    versions = [each.version for each in kept]
    await connection.execute(Q.insert_index, org_id, patient_id, *_columns(kept), versions)


async def replace_index(
    connection: Connection, org_id: UUID, *, patient_id: UUID, tokens: Tokens
) -> None:
    """Store the tokens a patient is found by in place of those before."""
    await connection.execute(Q.clear_index, org_id, patient_id)
    await insert_index(connection, org_id, patient_id=patient_id, tokens=tokens)


async def fetch(connection: Connection, org_id: UUID, *, patient_id: UUID) -> PatientRow:
    """Read one patient of an organization; raises Missing."""
    row = await connection.fetchrow(Q.sealed, org_id, patient_id)
    if row is None:
        raise faults.Missing
    return PatientRow(**dict(row))


async def readable(connection: Connection, org_id: UUID, *, patient_id: UUID) -> PatientRow:
    """Read one patient to write about; raises Missing, and NoLongerReadable once destroyed."""
    row = await fetch(connection, org_id, patient_id=patient_id)
    if row.sealed is None:
        raise faults.NoLongerReadable
    return row


async def whole(connection: Connection, org_id: UUID, *, patient_id: UUID) -> WholeRow:
    """Read one patient with everything beside the identity; raises Missing."""
    row = await connection.fetchrow(Q.whole, org_id, patient_id)
    if row is None:
        raise faults.Missing
    return WholeRow(**dict(row))


async def several(
    connection: Connection, org_id: UUID, *, patient_ids: Sequence[UUID]
) -> list[PatientRow]:
    """Read some patients, in the order asked; those of others are left out."""
    found = await connection.fetch(Q.several, org_id, list(patient_ids))
    by_id = {row["id"]: PatientRow(**dict(row)) for row in found}
    return [by_id[each] for each in patient_ids if each in by_id]


async def edit(connection: Connection, org_id: UUID, *, row: WholeRow) -> int:
    """Write a corrected patient, sealed for revision + 1; raises Stale."""
    version = await connection.fetchval(
        Q.edit,
        org_id,
        row.id,
        row.version,
        row.sealed,
        row.language,
        row.time_zone,
        row.safe_contact,
        row.deceased_on,
        row.do_not_contact,
    )
    if version is None:
        raise faults.Stale
    return int(version)


async def matching(
    connection: Connection, org_id: UUID, *, tokens: Tokens, fields: int, limit: int
) -> list[Match]:
    """List patients found by tokens of at least so many fields."""
    found = await connection.fetch(Q.matching, org_id, *_columns(tokens), fields, limit)
    return [Match(**dict(row)) for row in found]


async def similar(
    connection: Connection, org_id: UUID, *, tokens: Tokens, limit: int
) -> list[Match]:
    """List patients who share two fields with these tokens, or a record number."""
    found = await connection.fetch(Q.similar, org_id, *_columns(tokens), limit)
    return [Match(**dict(row)) for row in found]


async def by_reference(connection: Connection, org_id: UUID, *, reference: str) -> list[UUID]:
    """Find the patient of a reference."""
    return [row["id"] for row in await connection.fetch(Q.by_reference, org_id, reference)]


async def by_external_id(
    connection: Connection, org_id: UUID, *, system: str, tokens: Sequence[bytes]
) -> list[UUID]:
    """Find the patient that another system's id names."""
    return [row["id"] for row in await connection.fetch(Q.by_external_id, org_id, system, tokens)]


async def insert_external_id(connection: Connection, row: ExternalIdRow) -> None:
    """Store another system's id; one in use raises Invalid."""
    try:
        await connection.execute(Q.insert_external_id, *msgspec.structs.astuple(row))
    except asyncpg.UniqueViolationError as conflict:
        detail = "One of these is in use already."
        raise faults.Invalid(errors=[{"field": "external_ids", "detail": detail}]) from conflict


async def insert_contact(
    connection: Connection, org_id: UUID, *, patient_id: UUID, row: ContactRow
) -> None:
    """Store somebody to talk to; a patient who is not there raises Missing."""
    columns = (row.relation, row.language, row.classes, row.may_text, row.sealed, row.number_id)
    try:
        await connection.execute(Q.insert_contact, org_id, row.id, patient_id, *columns)
    except asyncpg.ForeignKeyViolationError as reason:
        raise faults.Missing from reason


async def contacts(connection: Connection, org_id: UUID, *, patient_id: UUID) -> list[ContactRow]:
    """List the people to talk to about a patient."""
    return [
        ContactRow(**dict(row)) for row in await connection.fetch(Q.contacts, org_id, patient_id)
    ]


async def edit_contact(
    connection: Connection, org_id: UUID, *, patient_id: UUID, row: ContactRow
) -> int:
    """Write a corrected contact; `row.version` is the one seen. Raises Stale."""
    version = await connection.fetchval(
        Q.edit_contact,
        org_id,
        patient_id,
        row.id,
        row.version,
        row.relation,
        row.language,
        row.classes,
        row.may_text,
        row.sealed,
        row.number_id,
    )
    if version is None:
        raise faults.Stale
    return int(version)


async def let_text(
    connection: Connection, org_id: UUID, *, contact_id: UUID, may_text: bool
) -> None:
    """Let a contact be texted, or not."""
    await connection.execute(Q.let_text, org_id, contact_id, may_text)


async def remove_contact(
    connection: Connection, org_id: UUID, *, patient_id: UUID, contact_id: UUID
) -> None:
    """Take a contact off; raises Missing."""
    if await connection.fetchval(Q.remove_contact, org_id, patient_id, contact_id) is None:
        raise faults.Missing


def _columns(tokens: Tokens) -> tuple[list[str], list[bytes]]:
    return [each.field for each in tokens], [each.digest for each in tokens]


async def watch_ages(
    connection: Connection,
    org_id: UUID,
    *,
    patient_id: UUID,
    reviews: Sequence[tuple[int, datetime]],
) -> None:
    """Arm a clock for each age of consent still to come, in place of those armed before."""
    await connection.execute(Q.forget_ages, org_id, patient_id)
    for age, due in reviews:
        await connection.execute(Q.watch_age, ids.new_id(), org_id, patient_id, f"age_{age}", due)


READS = {
    "sealed": PatientRow,
    "whole": WholeRow,
    "several": PatientRow,
    "matching": Match,
    "similar": Match,
    "contacts": ContactRow,
}
