"""Organizations of the network and their places."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from service import faults
from service.store import queries
from service.store.pool import Connection

Q = queries.load("organizations")


class OrganizationRow(msgspec.Struct, frozen=True, kw_only=True):
    """An organization; `name` is for its own members and the coordinators where it differs."""

    id: UUID
    name: str
    public_name: str
    kind: str
    channel: str
    is_cco: bool
    central_intake: bool
    part2_program: bool
    covered_entity: bool
    time_zone: str
    language: str
    phone: str | None
    hours: list[Any]
    state: str
    agreement_on: date | None
    idle_minutes: int | None
    routine_mail: str
    version: int
    closures: list[date]


class NewRow(msgspec.Struct, frozen=True, kw_only=True):
    """An organization to be stored."""

    id: UUID
    name: str
    public_name: str
    kind: str
    channel: str
    is_cco: bool
    central_intake: bool
    part2_program: bool
    covered_entity: bool
    time_zone: str
    language: str
    phone: str | None
    hours: list[Any]
    agreement_on: date | None


class ClosureRow(msgspec.Struct, frozen=True, kw_only=True):
    """A day on which an organization is closed, and why."""

    closed_on: date
    name: str


class SiteRow(msgspec.Struct, frozen=True, kw_only=True):
    """A place of an organization."""

    id: UUID
    name: str
    street: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    phone: str | None = None
    state: str = "active"


class AlreadyFounded(faults.Fault):
    """This network has its coordinating organization already."""

    kind, slug = faults.Kind.CONFLICT, "already-founded"
    advice = "One database is one network; add organizations to it instead."


async def insert(connection: Connection, row: NewRow) -> None:
    """Store a new organization; a second coordinating one raises AlreadyFounded."""
    try:
        await connection.execute(Q.insert, *msgspec.structs.astuple(row))
    except asyncpg.UniqueViolationError as conflict:
        if getattr(conflict, "constraint_name", "") == "organization_one_cco":
            raise AlreadyFounded from conflict
        raise


async def founded(connection: Connection) -> bool:
    """Whether the network has its coordinating organization."""
    return bool(await connection.fetchval(Q.founded))


async def coordinating(connection: Connection) -> UUID | None:
    """Return the network's coordinating organization, if it is founded."""
    found: UUID | None = await connection.fetchval(Q.coordinating)
    return found


async def get(connection: Connection, org_id: UUID) -> OrganizationRow | None:
    """Read one organization."""
    row = await connection.fetchrow(Q.fetch, org_id)
    return OrganizationRow(**dict(row)) if row is not None else None


async def fetch(connection: Connection, org_id: UUID) -> OrganizationRow:
    """Read one organization; raises Missing."""
    row = await get(connection, org_id)
    if row is None:
        raise faults.Missing
    return row


async def page(
    connection: Connection, *, after: tuple[str, UUID] | None, limit: int
) -> list[OrganizationRow]:
    """List organizations by public name from a place in that order."""
    name, org_id = after or (None, None)
    return [
        OrganizationRow(**dict(row)) for row in await connection.fetch(Q.page, name, org_id, limit)
    ]


async def edit(connection: Connection, row: OrganizationRow) -> int:
    """Write what may be edited, closures too, and return the new version; raises Stale."""
    version = await connection.fetchval(
        Q.edit,
        row.id,
        row.version,
        row.name,
        row.public_name,
        row.central_intake,
        row.part2_program,
        row.covered_entity,
        row.time_zone,
        row.language,
        row.phone,
        row.hours,
        row.agreement_on,
        row.idle_minutes,
        row.routine_mail,
    )
    if version is None:
        raise faults.Stale
    await set_closures(connection, row.id, days=row.closures)
    return int(version)


async def set_closures(connection: Connection, org_id: UUID, *, days: Sequence[date]) -> None:
    """Write the days an organization is closed in place of those before."""
    await connection.execute(Q.clear_closures, org_id, list(days))
    await connection.execute(Q.insert_closures, org_id, list(days))


async def closures(connection: Connection, org_id: UUID, *, since: date) -> list[ClosureRow]:
    """List the days an organization is closed."""
    return [ClosureRow(**dict(row)) for row in await connection.fetch(Q.closures, org_id, since)]


async def add_closures(
    connection: Connection, org_id: UUID, *, days: Sequence[date], name: str
) -> None:
    """Close an organization on these days."""
    await connection.execute(Q.add_closures, org_id, list(days), name)


async def end_closure(connection: Connection, org_id: UUID, *, day: date) -> bool:
    """Take a closure back; False where there is none."""
    return bool(await connection.fetchval(Q.end_closure, org_id, day))


async def calendar_changed(connection: Connection, org_id: UUID) -> None:
    """Let what waits for an organization be reckoned anew."""
    await connection.execute(Q.calendar_changed, org_id)


async def insert_site(connection: Connection, org_id: UUID, *, site: SiteRow) -> None:
    """Add a place."""
    fields = msgspec.structs.astuple(site)[:-1]
    await connection.execute(Q.insert_site, org_id, *fields)


async def sites(connection: Connection, org_id: UUID) -> list[SiteRow]:
    """List the places of an organization, closed ones too."""
    return [SiteRow(**dict(row)) for row in await connection.fetch(Q.sites, org_id)]


async def close_site(connection: Connection, org_id: UUID, *, site_id: UUID) -> None:
    """Close a place; raises Missing."""
    if await connection.fetchval(Q.close_site, org_id, site_id) is None:
        raise faults.Missing


READS = {
    "fetch": OrganizationRow,
    "page": OrganizationRow,
    "sites": SiteRow,
    "closures": ClosureRow,
}
