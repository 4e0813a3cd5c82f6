"""One moment of the database for a backup, and when the last backup was taken."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import msgspec

from service import faults
from service.domain import ids
from service.store import attachments, operations, queries, record
from service.store.pool import Connection

Q = queries.load("backups")


class SeesTooLittle(faults.Fault):
    """Row security would keep rows from this role, and half a backup is none."""

    slug = "sees-too-little"
    advice = "Give DATABASE_URL of a superuser, or of a role with BYPASSRLS."


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One moment: its name for pg_dump, and what was true in it."""

    id: str
    taken_at: datetime
    major: int
    size: int
    migrations: dict[str, str]
    checkpoint: str | None
    files: tuple[UUID, ...]


@asynccontextmanager
async def snapshot(database_url: str) -> AsyncIterator[Snapshot]:
    """Hold one moment of the database for as long as the block lasts.

    What is read here and what pg_dump writes by its name are the same. Raises Unreachable,
    SeesTooLittle.
    """
    async with operations.owner(database_url) as connection:
        if not await connection.fetchval(Q.sees_all):
            raise SeesTooLittle
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            rows = await connection.fetch(Q.migrations)
            newest = await record.newest(connection)
            kept = await attachments.kept(connection)
            yield Snapshot(
                **dict(await connection.fetchrow(Q.snapshot)),
                migrations={row["name"]: row["checksum"] for row in rows},
                checkpoint=newest.line() if newest is not None else None,
                files=tuple(sorted({each.blob_id for each in kept})),
            )


async def took(connection: Connection, taken_at: datetime, *, files: int, size: int) -> None:
    """Write down that a backup is whole. Needs the worker's role."""
    await connection.execute(Q.took, ids.new_id(), taken_at, files, size)


async def last_backup(connection: Connection) -> datetime | None:
    """Say when the youngest backup was taken, in real time; None before the first."""
    found: datetime | None = await connection.fetchval(Q.last)
    return found
