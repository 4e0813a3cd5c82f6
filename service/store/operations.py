"""What an operator asks of the database: is it there, is it ready, is anything stuck."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from service import faults
from service.store import migrate, pool, queries
from service.store.pool import Connection, Pool

Q = queries.load("operations")


class Unreachable(faults.Fault):
    """The database does not let us in."""

    slug = "database-unreachable"
    advice = "Start it, or correct the database's URL."


_CLOSED_DOOR = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def reach(
    database_url: str,
    *,
    name: str,
    role: str,
    size: int = 2,
    become: bool = False,
    passwords: pool.Passwords | None = None,
) -> Pool:
    """Open a pool of a role, or raise Unreachable with what the server said no to."""
    try:
        return await pool.connect(
            database_url, name=name, size=size, role=role, become=become, passwords=passwords
        )
    except _CLOSED_DOOR as reason:
        raise Unreachable(f"As {role}, {_said(reason)}. {Unreachable.advice}") from reason


def _said(reason: BaseException) -> str:
    # The driver's sentence may repeat a password or a row; its name never does.
    match reason:
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return "the password or role was refused; was it migrated with this root key?"
        case asyncpg.InvalidCatalogNameError():
            return "there is no such database"
        case OSError():
            return "nothing answers there"
        case _:
            return type(reason).__name__


@asynccontextmanager
async def owner(database_url: str) -> AsyncIterator[Any]:
    """Hold one connection of the owner; raises Unreachable."""
    try:
        opened = await asyncpg.connect(
            database_url, timeout=10, server_settings={"search_path": "lk", "timezone": "UTC"}
        )
    except _CLOSED_DOOR as reason:
        said = _said(reason)
        raise Unreachable(f"{said[0].upper()}{said[1:]}. {Unreachable.advice}") from reason
    try:
        yield opened
    finally:
        await opened.close()


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How a database stands to this release: what it lacks, and the probe of its root key."""

    pending: tuple[str, ...]
    probe: bytes | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing of ours is in it yet."""
        return self.probe is None


async def look(database_url: str) -> Look:
    """Look at a database as its owner, without changing it; raises Unreachable, NewerSchema."""
    try:
        pending = await migrate.pending(database_url)
        return Look(pending=tuple(pending), probe=await migrate.probe(database_url))
    except _CLOSED_DOOR as reason:
        said = _said(reason)
        raise Unreachable(f"{said[0].upper()}{said[1:]}. {Unreachable.advice}") from reason


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """The server's major version, the service's clock, and how far a demo moved it."""

    major: int
    lk_now: datetime
    offset_by: timedelta
    writable: bool


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is."""

    organizations: int
    members: int
    referrals: int
    tasks: int


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed to the world; `oldest_seconds` is how long the oldest waits past its time."""

    waiting: int
    oldest_seconds: float
    dead: int
    parked: int


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """How long ago a worker last said that it is alive."""

    name: str
    silent_seconds: float


class OrganizationLine(msgspec.Struct, frozen=True, kw_only=True):
    """An organization in the operator's list."""

    id: UUID
    public_name: str
    kind: str
    channel: str
    is_cco: bool
    state: str
    members: int
    services: int


class MemberLine(msgspec.Struct, frozen=True, kw_only=True):
    """A member in the operator's list."""

    id: UUID
    org_id: UUID
    name: str
    roles: list[str]
    state: str
    organization: str


class LinkLine(msgspec.Struct, frozen=True, kw_only=True):
    """An e-mail link in the operator's list."""

    id: UUID
    state: str
    expires_at: datetime
    seen_at: datetime | None


async def server(connection: Connection) -> Server:
    """Say what the server is."""
    return Server(**dict(await connection.fetchrow(Q.server)))


async def counts(connection: Connection) -> Counts:
    """Count what there is."""
    return Counts(**dict(await connection.fetchrow(Q.counts)))


async def backlog(connection: Connection) -> Backlog:
    """Say what is owed."""
    return Backlog(**dict(await connection.fetchrow(Q.backlog)))


async def beats(connection: Connection) -> list[Beat]:
    """List the workers that ever spoke."""
    return [Beat(**dict(row)) for row in await connection.fetch(Q.beats)]


async def frozen_at(connection: Connection) -> datetime | None:
    """Say since when timers do not fire, or None."""
    found: datetime | None = await connection.fetchval(Q.frozen)
    return found


async def release(connection: Connection) -> bool:
    """Let timers fire again; False means that they were not frozen. Needs the worker's role."""
    return await connection.fetchval(Q.release) is not None


async def organizations(connection: Connection) -> list[OrganizationLine]:
    """List every organization."""
    return [OrganizationLine(**dict(row)) for row in await connection.fetch(Q.organizations)]


async def members(connection: Connection, *, org_id: UUID | None = None) -> list[MemberLine]:
    """List the members of an organization, or all."""
    return [MemberLine(**dict(row)) for row in await connection.fetch(Q.members, org_id)]


async def links(connection: Connection, reference: str) -> list[LinkLine]:
    """List the links of a referral by its reference."""
    return [LinkLine(**dict(row)) for row in await connection.fetch(Q.links, reference)]


READS = {
    "server": Server,
    "counts": Counts,
    "backlog": Backlog,
    "beats": Beat,
    "organizations": OrganizationLine,
    "members": MemberLine,
    "links": LinkLine,
}
"""Which Struct the columns of a query feed; a test compares them."""
