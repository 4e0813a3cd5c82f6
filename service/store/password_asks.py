"""Questions for a forgotten password: a blind index each, whoever has that address or nobody."""

from datetime import datetime
from uuid import UUID

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("password_asks")


class AskRow(msgspec.Struct, frozen=True, kw_only=True):
    """A question that waits."""

    id: UUID
    login_token: bytes


async def insert(
    connection: Connection, ask_id: UUID, *, login_token: bytes, now: datetime
) -> None:
    """Store a question."""
    await connection.execute(Q.insert, ask_id, login_token, now)


async def waiting(connection: Connection, *, limit: int) -> list[AskRow]:
    """List what nobody has answered yet, the longest waiting first."""
    return [AskRow(**dict(row)) for row in await connection.fetch(Q.waiting, limit)]


async def done(connection: Connection, ask_id: UUID, *, now: datetime) -> bool:
    """Mark a question as answered; False where another worker was quicker."""
    return await connection.fetchval(Q.done, ask_id, now) is not None


READS = {"waiting": AskRow}
