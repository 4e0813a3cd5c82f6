"""The named people of an organization that answers by link: sealed, each with a PIN of their own.

A PIN counts once somebody confirmed its person by calling the number on file (`confirmed_at`), or
for the one day it was given for (`pin_expires_at`, real time). Giving one sets `pin_tries` to 0.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("agency_workers")


class WorkerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A person; `sealed` opens with the organization's field key, `ready` says the PIN counts."""

    id: UUID
    sealed: bytes
    ready: bool

    def __repr__(self) -> str:
        return f"<agency worker {self.id}>"


class NewWorker(msgspec.Struct, frozen=True, kw_only=True):
    """A person to be stored, as a link's visitor named them."""

    org_id: UUID
    id: UUID
    sealed: bytes
    pin_hash: str
    entered_through_link_id: UUID | None

    def __repr__(self) -> str:
        return f"<agency worker {self.id}>"


async def insert(connection: Connection, row: NewWorker) -> None:
    """Write a person, not yet confirmed."""
    await connection.execute(Q.insert, *msgspec.structs.astuple(row))


async def every(connection: Connection, org_id: UUID, *, now: datetime) -> list[WorkerRow]:
    """List the people of an organization, the first named first; `now` is real time."""
    return [WorkerRow(**dict(row)) for row in await connection.fetch(Q.every, org_id, now)]


async def one(connection: Connection, org_id: UUID, *, worker_id: UUID) -> WorkerRow | None:
    """Read one person."""
    row = await connection.fetchrow(Q.one, org_id, worker_id)
    return WorkerRow(**dict(row)) if row is not None else None


async def spend(
    connection: Connection, org_id: UUID, *, worker_id: UUID, now: datetime
) -> str | None:
    """Spend a try of a person's PIN and return its hash; nothing where no PIN counts."""
    found: str | None = await connection.fetchval(Q.spend, org_id, worker_id, now)
    return found


async def right(connection: Connection, org_id: UUID, *, worker_id: UUID) -> None:
    """Give a person the tries back after a right PIN."""
    await connection.execute(Q.right, org_id, worker_id)


async def enrol(
    connection: Connection, link_id: UUID, *, shared: bool, phrase_sealed: bytes | None
) -> bool:
    """Note that a mailbox named its people; False if it has before."""
    found = await connection.fetchval(Q.enrol, link_id, shared, phrase_sealed)
    return found is not None


async def mailbox(connection: Connection, link_id: UUID) -> UUID:
    """Return the mailbox a link went to."""
    address_id: UUID = await connection.fetchval(Q.mailbox, link_id)
    return address_id


READS = {"every": WorkerRow, "one": WorkerRow}
"""Which Struct the columns of a query feed; a test compares them."""
