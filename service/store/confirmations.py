"""Confirming the named people of an organization that answers by link."""

from datetime import datetime
from uuid import UUID

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("confirmations")


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """A named person; `sealed` opens with their organization's field key."""

    id: UUID
    sealed: bytes
    confirmed_at: datetime | None
    pin_expires_at: datetime | None
    has_pin: bool

    def __repr__(self) -> str:
        return f"<agency person {self.id}>"


async def dealings(connection: Connection, org_id: UUID, *, with_org_id: UUID) -> str | None:
    """Say in which capacity an organization deals with another: sender or cco, or not at all."""
    found: str | None = await connection.fetchval(Q.dealings, org_id, with_org_id)
    return found


async def people(connection: Connection, org_id: UUID) -> list[PersonRow]:
    """List the people of an organization; the scope must be the network's or their own."""
    return [PersonRow(**dict(row)) for row in await connection.fetch(Q.people, org_id)]


async def confirm(
    connection: Connection, org_id: UUID, *, worker_id: UUID, member_id: UUID
) -> bool:
    """Note who called; False where the person has no PIN of their own."""
    return await connection.fetchval(Q.confirm, org_id, worker_id, member_id) is not None


async def give_pin(
    connection: Connection,
    org_id: UUID,
    *,
    worker_id: UUID,
    member_id: UUID,
    pin_hash: str,
    expires_at: datetime,
) -> bool:
    """Keep a PIN for a day; False where there is no such person."""
    found = await connection.fetchval(
        Q.give_pin, org_id, worker_id, member_id, pin_hash, expires_at
    )
    return found is not None


async def remove(connection: Connection, org_id: UUID, *, worker_id: UUID) -> bool:
    """Take a person off the list; False where there is none."""
    return await connection.fetchval(Q.remove, org_id, worker_id) is not None


READS = {"people": PersonRow}
