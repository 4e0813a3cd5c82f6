"""Keys for programs; hashed, each names the member it acts for."""

from datetime import datetime
from uuid import UUID

import msgspec

from service import faults
from service.store import queries
from service.store.pool import Connection

Q = queries.load("api_keys")


class NewApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key to be stored."""

    org_id: UUID
    id: UUID
    member_id: UUID
    name: str
    secret_hash: bytes
    created_by_member_id: UUID
    created_at: datetime
    expires_at: datetime | None


class ApiKeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is listed."""

    id: UUID
    member_id: UUID
    name: str
    created_by_member_id: UUID
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


async def insert(connection: Connection, row: NewApiKey) -> None:
    """Store a key."""
    await connection.execute(Q.insert, *msgspec.structs.astuple(row))


async def of_organization(connection: Connection, org_id: UUID) -> list[ApiKeyRow]:
    """List an organization's keys in the order they were made."""
    return [ApiKeyRow(**dict(row)) for row in await connection.fetch(Q.of_organization, org_id)]


async def revoke(connection: Connection, org_id: UUID, *, key_id: UUID, now: datetime) -> None:
    """End a key; raises Missing."""
    if await connection.fetchval(Q.revoke, org_id, key_id, now) is None:
        raise faults.Missing


READS = {"of_organization": ApiKeyRow}
