"""Questions for a forgotten password: an address's blind index, whether it is somebody's or not."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from crypto.blind import Token
from service.store import queries
from service.store.pool import Connection

Q = queries.load("password_asks")


class AskRow(msgspec.Struct, frozen=True, kw_only=True):
    """A question that waits."""

    id: UUID
    logins: tuple[bytes, ...]


async def insert(
    connection: Connection, ask_id: UUID, *, logins: Sequence[Token], now: datetime
) -> None:
    """Store a question, asked under every index key that opens; the newest is told with it."""
    tokens = [each.digest for each in logins]
    await connection.execute(Q.insert, ask_id, tokens, max(each.version for each in logins), now)


async def waiting(connection: Connection, *, limit: int) -> list[AskRow]:
    """List what nobody has answered yet, the longest waiting first."""
    found = await connection.fetch(Q.waiting, limit)
    return [AskRow(id=row["id"], logins=tuple(row["logins"])) for row in found]


async def done(connection: Connection, ask_id: UUID, *, now: datetime) -> bool:
    """Mark a question as answered; False where another worker was quicker."""
    return await connection.fetchval(Q.done, ask_id, now) is not None


READS = {"waiting": AskRow}
