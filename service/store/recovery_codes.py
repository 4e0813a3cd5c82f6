"""Recovery codes of a person: hashes, each used once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from service.store import queries
from service.store.pool import Connection

Q = queries.load("recovery_codes")


async def replace(
    connection: Connection, person_id: UUID, *, hashes: Sequence[bytes], now: datetime
) -> None:
    """Store a new set; what was left of the one before ends."""
    await connection.execute(Q.retire, person_id, now)
    await connection.execute(Q.insert, person_id, list(hashes), now)


async def retire(connection: Connection, person_id: UUID, *, now: datetime) -> None:
    """End every code that is left."""
    await connection.execute(Q.retire, person_id, now)


async def spend(
    connection: Connection, person_id: UUID, *, code_hash: bytes, now: datetime
) -> bool:
    """Use one up; of two at once one gets it."""
    return await connection.fetchval(Q.spend, person_id, code_hash, now) is not None


async def left(connection: Connection, person_id: UUID) -> int:
    """Count the codes that still work."""
    return int(await connection.fetchval(Q.left, person_id))
