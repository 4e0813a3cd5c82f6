"""One-time links to set a password with."""

from datetime import datetime
from uuid import UUID

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("invitations")


class InvitationRow(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an invitation is for, and what for."""

    id: UUID
    person_id: UUID
    purpose: str


class NewInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation to be stored; real time, like everything about signing in."""

    secret_hash: bytes
    id: UUID
    person_id: UUID
    purpose: str
    created_at: datetime
    expires_at: datetime


async def replace(connection: Connection, row: NewInvitation) -> None:
    """Store an invitation; a person's earlier ones end with it."""
    await connection.execute(Q.retire, row.person_id, row.created_at)
    await connection.execute(Q.insert, *msgspec.structs.astuple(row))


async def retire(connection: Connection, person_id: UUID, *, now: datetime) -> None:
    """End a person's invitations."""
    await connection.execute(Q.retire, person_id, now)


async def peek(
    connection: Connection, secret_hash: bytes, *, now: datetime
) -> InvitationRow | None:
    """Read a living invitation by its hash, without using it up."""
    row = await connection.fetchrow(Q.peek, secret_hash, now)
    return InvitationRow(**dict(row)) if row is not None else None


async def claim(
    connection: Connection, secret_hash: bytes, *, now: datetime
) -> InvitationRow | None:
    """Use an invitation up, if it lives."""
    row = await connection.fetchrow(Q.claim, secret_hash, now)
    return InvitationRow(**dict(row)) if row is not None else None


READS = {"peek": InvitationRow, "claim": InvitationRow}
