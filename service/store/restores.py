"""A database that comes back: empty before, closed meanwhile, held after, released by a person."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec

from service import faults
from service.domain import ids
from service.store import operations, queries
from service.store.pool import Connection

Q = queries.load("restores")

_GUESTS = "lk_web, lk_worker, lk_check"
_AGAIN = "grant connect on database {name} to public, " + _GUESTS


class NotEmpty(faults.Fault):
    """Something is in this database already, and nothing is ever restored over it."""

    slug = "database-not-empty"
    advice = "Make an empty one with `createdb`, and name it in DATABASE_URL."


class AlreadyHeld(faults.Fault):
    """Sending is held already."""

    slug = "already-held"
    advice = "Let go first: `loopkeeper restore release`."


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Since when sending is held, and of when the backup was, both by the clock of referrals."""

    taken_at: datetime
    held_at: datetime


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """Effects of one kind that may have gone out before the restore; of `tried` a try was known."""

    kind: str
    count: int
    tried: int
    oldest_seconds: float
    refs: list[str] | None


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """What a release did."""

    counted_as_sent: int
    rearmed: int


async def major_of_empty(database_url: str) -> int:
    """Return the server's major version; raises NotEmpty, Unreachable."""
    async with operations.owner(database_url) as connection:
        if await connection.fetchval(Q.strangers):
            raise NotEmpty
        return int((await connection.fetchrow(Q.name))["major"])


@asynccontextmanager
async def closed(database_url: str) -> AsyncIterator[None]:
    """Keep workers and web out of a database while it is filled, and let them in at the end.

    What dies in between leaves an empty database, or one that nobody works with.
    """
    await _admit(database_url, "revoke connect on database {name} from public, " + _GUESTS)
    try:
        yield
    except BaseException:
        async with operations.owner(database_url) as connection:
            empty = not await connection.fetchval(Q.strangers)
        if empty:
            await _admit(database_url, _AGAIN)
        raise
    await _admit(database_url, _AGAIN)


async def _admit(database_url: str, statement: str) -> None:
    async with operations.owner(database_url) as connection:
        name = (await connection.fetchrow(Q.name))["name"]
        await connection.execute(statement.format(name=name))


async def make(server_url: str, name: str) -> None:
    """Make an empty database beside that of a URL; the name is one of ours."""
    async with operations.owner(server_url) as connection:
        await connection.execute(f"create database {name} template template0")


async def drop(server_url: str, name: str) -> None:
    """Remove it, whoever is still connected."""
    async with operations.owner(server_url) as connection:
        await connection.execute(f"drop database if exists {name} with (force)")


async def hold(database_url: str, taken_at: datetime) -> None:
    """Hold all sending and end every session, in one transaction; raises AlreadyHeld.

    The owner's: no role of the service can hold or end so much.
    """
    async with operations.owner(database_url) as connection, connection.transaction():
        if await connection.fetchrow(Q.held) is not None:
            raise AlreadyHeld
        await connection.execute(Q.hold, ids.new_id(), taken_at)
        await connection.execute(Q.hold_line, ids.new_id(), taken_at)
        await connection.execute(Q.end_sessions)
        await connection.execute(Q.end_link_sessions)
        await connection.execute(Q.end_patient_visits)


async def held(connection: Connection) -> Hold | None:
    """Say whether sending is held after a restore."""
    row = await connection.fetchrow(Q.held)
    return Hold(**dict(row)) if row is not None else None


async def doubtful(connection: Connection) -> list[Doubt]:
    """List what may have gone out already, by kind; nothing where nothing is held."""
    return [Doubt(**dict(row)) for row in await connection.fetch(Q.doubtful)]


async def kinds(connection: Connection) -> set[str]:
    """Return the kinds of which something may have gone out already."""
    return {row["kind"] for row in await connection.fetch(Q.kinds)}


async def release(connection: Connection, counted_as_sent: Sequence[str]) -> Released | None:
    """Let sending begin again; these kinds are over. None where nothing was held."""
    counted = await connection.fetchval(Q.count_as_sent, list(counted_as_sent))
    rearmed = await connection.fetchval(Q.rearm)
    await connection.execute(Q.due_anew)
    if not await connection.fetchval(Q.release):
        return None
    return Released(counted_as_sent=counted, rearmed=rearmed)


READS = {"held": Hold, "doubtful": Doubt}
"""Which Struct the columns of a query feed; a test compares them."""
