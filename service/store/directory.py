"""The directory: services that organizations offer, and whether they have room."""

from datetime import date, datetime
from uuid import UUID

import asyncpg
import msgspec

from service import faults
from service.store import queries
from service.store.pool import Connection

Q = queries.load("directory")


class ServiceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A service as its organization keeps it."""

    org_id: UUID
    id: UUID
    site_id: UUID | None
    name: str
    category: str
    code_system: str | None
    code: str | None
    pattern: str
    reviewer: str
    evidence: str
    required: list[str]
    eligibility: str
    languages: list[str]
    area: list[str]
    capacity: str
    no_capacity_until: date | None
    active: bool
    capacity_at: datetime | None = None
    version: int = 1


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A service as others find it; `capacity_age_days` says how old the word on capacity is.

    What it did lately is of half a year and of five referrals at least, else None.
    """

    id: UUID
    org_id: UUID
    organization: str
    kind: str
    channel: str
    phone: str | None
    name: str
    category: str
    code_system: str | None
    code: str | None
    pattern: str
    reviewer: str
    evidence: str
    required: list[str]
    eligibility: str
    languages: list[str]
    area: list[str]
    capacity: str
    capacity_at: datetime | None
    no_capacity_until: date | None
    capacity_age_days: int | None
    lately_sent: int | None = None
    lately_answered: int | None = None
    lately_accepted: int | None = None
    answer_hours: float | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody looks for; None means any."""

    category: str | None = None
    language: str | None = None
    area: str | None = None
    text: str | None = None
    only_open: bool = False


async def insert(connection: Connection, row: ServiceRow) -> None:
    """Store a service; a place of another organization raises Invalid."""
    try:
        await connection.execute(Q.insert, *msgspec.structs.astuple(row)[:17])
    except asyncpg.ForeignKeyViolationError as reason:
        raise _no_such_site() from reason


async def fetch(connection: Connection, org_id: UUID, *, service_id: UUID) -> ServiceRow:
    """Read one service of an organization; raises Missing."""
    row = await connection.fetchrow(Q.fetch, org_id, service_id)
    if row is None:
        raise faults.Missing
    return ServiceRow(**dict(row))


async def of_organization(connection: Connection, org_id: UUID) -> list[ServiceRow]:
    """List an organization's services."""
    return [ServiceRow(**dict(row)) for row in await connection.fetch(Q.of_organization, org_id)]


async def edit(connection: Connection, row: ServiceRow) -> int:
    """Write what may be edited and return the new version; raises Stale, Invalid."""
    try:
        version = await connection.fetchval(
            Q.edit,
            row.org_id,
            row.id,
            row.version,
            row.site_id,
            row.name,
            row.category,
            row.code_system,
            row.code,
            row.pattern,
            row.reviewer,
            row.evidence,
            row.required,
            row.eligibility,
            row.languages,
            row.area,
            row.active,
        )
    except asyncpg.ForeignKeyViolationError as reason:
        raise _no_such_site() from reason
    if version is None:
        raise faults.Stale
    return int(version)


async def state_capacity(
    connection: Connection, org_id: UUID, *, service_id: UUID, capacity: str, until: date | None
) -> None:
    """Write whether there is room, as of now; raises Missing."""
    if await connection.fetchval(Q.state_capacity, org_id, service_id, capacity, until) is None:
        raise faults.Missing


async def search(
    connection: Connection, wanted: Wanted, *, limit: int, offset: int = 0
) -> list[Found]:
    """Find services: those with room first, then those whose word on it is freshest."""
    fields = msgspec.structs.astuple(wanted)
    return [Found(**dict(row)) for row in await connection.fetch(Q.search, *fields, limit, offset)]


def _no_such_site() -> faults.Invalid:
    detail = "Name a place of this organization."
    return faults.Invalid(errors=[{"field": "site_id", "detail": detail}])


READS = {"fetch": ServiceRow, "of_organization": ServiceRow, "search": Found}
