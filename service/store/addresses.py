"""The mailbox of an organization: one in use, sealed, the only address its links go to."""

from datetime import datetime
from uuid import UUID

import msgspec

from service import faults
from service.store import queries
from service.store.pool import Connection

Q = queries.load("addresses")


class AddressRow(msgspec.Struct, frozen=True, kw_only=True):
    """The mailbox in use; `sealed` and `phrase_sealed` open with the organization's field key."""

    id: UUID
    sealed: bytes
    phrase_sealed: bytes | None
    shared: bool
    attested_by_org_id: UUID | None
    attested_at: datetime | None
    enrolled_at: datetime | None

    def __repr__(self) -> str:
        return f"<address {self.id}>"


class NewAddress(msgspec.Struct, frozen=True, kw_only=True):
    """A mailbox to be stored."""

    org_id: UUID
    id: UUID
    sealed: bytes
    token: bytes
    shared: bool
    phrase_sealed: bytes | None
    attested_by_org_id: UUID | None
    key_version: int

    def __repr__(self) -> str:
        return f"<address {self.id}>"


async def replace(connection: Connection, row: NewAddress) -> None:
    """Make this the organization's mailbox; the one before is retired."""
    await connection.execute(Q.retire, row.org_id)
    await connection.execute(Q.insert, *msgspec.structs.astuple(row))


async def current(connection: Connection, org_id: UUID) -> AddressRow | None:
    """Read the mailbox in use, if there is one."""
    row = await connection.fetchrow(Q.current, org_id)
    return AddressRow(**dict(row)) if row is not None else None


async def set_phrase(
    connection: Connection, org_id: UUID, *, phrase_sealed: bytes | None, shared: bool
) -> None:
    """Set the phrase and whether several people read this mailbox; raises Missing."""
    if await connection.fetchval(Q.phrase, org_id, phrase_sealed, shared) is None:
        raise faults.Missing


READS = {"current": AddressRow}
