"""Who of the coordinators was named for what: kept, listed and ended."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from service.domain import ids
from service.store import queries
from service.store.pool import Connection

Q = queries.load("assignment")


class RuleLine(msgspec.Struct, frozen=True, kw_only=True):
    """For what somebody was named; an empty list means any."""

    id: UUID
    member: str
    areas: list[str]
    languages: list[str]
    partners: list[str]


class NamedRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody, or an organization, by name."""

    id: UUID
    name: str


async def members(connection: Connection, org_id: UUID) -> list[NamedRow]:
    """List who can take over."""
    return [NamedRow(**dict(row)) for row in await connection.fetch(Q.members, org_id)]


async def partners(connection: Connection, org_id: UUID) -> list[NamedRow]:
    """List the organizations that something can be waited of."""
    return [NamedRow(**dict(row)) for row in await connection.fetch(Q.partners, org_id)]


async def coordinators(connection: Connection) -> UUID | None:
    """Return the organization that coordinates the network, if there is one."""
    found: UUID | None = await connection.fetchval(Q.coordinators)
    return found


async def listed(connection: Connection, org_id: UUID) -> list[RuleLine]:
    """List for what each of an organization's people was named."""
    return [RuleLine(**dict(row)) for row in await connection.fetch(Q.listed, org_id)]


async def add(
    connection: Connection,
    org_id: UUID,
    *,
    member_id: UUID,
    areas: Sequence[str],
    languages: Sequence[str],
    partners: Sequence[UUID],
) -> UUID | None:
    """Name somebody; None where they are no active member there."""
    named = (member_id, list(areas), list(languages), list(partners))
    found: UUID | None = await connection.fetchval(Q.add, org_id, ids.new_id(), *named)
    return found


async def finish(connection: Connection, org_id: UUID, *, rule_id: UUID) -> bool:
    """End a rule; False where there is none."""
    done: str = await connection.execute(Q.finish, org_id, rule_id)
    return done.endswith(" 1")


READS = {"listed": RuleLine, "members": NamedRow, "partners": NamedRow}
"""Which Struct the columns of a query feed; a test compares them."""
