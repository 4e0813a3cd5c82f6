"""Idempotency keys: spent by an act's own transaction, kept for seven days."""

from uuid import UUID

import asyncpg
import msgspec

from service import faults
from service.store import queries
from service.store.pool import Connection
from service.store.referrals import KeyUsed
from service.store.rows import OnceRow

Q = queries.load("idempotency")


class SpentRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a key was spent on: a digest of the body, and what was made."""

    body_mac: bytes
    route: str
    status: int
    resource_id: UUID | None
    resource_version: int | None


async def spent(connection: Connection, once: OnceRow) -> SpentRow | None:
    """Find a key of a principal; the same body writes that it was replayed."""
    row = await connection.fetchrow(Q.spent, once.principal, once.key, once.body_mac)
    return SpentRow(**dict(row)) if row is not None else None


async def spend(
    connection: Connection,
    once: OnceRow,
    *,
    resource_id: UUID | None = None,
    version: int | None = None,
) -> None:
    """Spend a key in the transaction of an act that is no step; raises KeyUsed, Busy."""
    try:
        await connection.execute(
            Q.spend,
            once.principal,
            once.key,
            once.body_mac,
            once.route,
            once.status,
            resource_id,
            version,
            once.org_id,
        )
    except asyncpg.UniqueViolationError as used:
        raise KeyUsed from used
    except asyncpg.LockNotAvailableError as waited:
        raise faults.Busy(retry_after=1, waited=True) from waited


READS = {"spent": SpentRow}
