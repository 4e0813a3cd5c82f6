"""What other directories call our organizations and services, and ours for them to read."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from service.domain.hsds_export import Listed
from service.store import queries
from service.store.pool import Connection

Q = queries.load("directory_sources")


async def known(connection: Connection, kind: str, values: Sequence[str]) -> dict[str, UUID]:
    """Say which of ours these are; those that are not there are new."""
    rows = await connection.fetch(Q.known, kind, list(values))
    return {row["value"]: row["id"] for row in rows}


async def add(connection: Connection, kind: str, value: str, *, org_id: UUID, own: UUID) -> None:
    """Remember what another directory calls one of ours."""
    await connection.execute(Q.add, kind, value, org_id, own)


async def named(connection: Connection, name: str) -> list[UUID]:
    """List the organizations of this name."""
    return [row["id"] for row in await connection.fetch(Q.named, name)]


async def every(connection: Connection) -> list[Listed]:
    """List the whole directory."""
    found = await connection.fetch(Q.every)
    return [msgspec.convert(dict(row), Listed) for row in found]


READS = {"every": Listed}
"""Which Struct the columns of a query feed; a test compares them."""
