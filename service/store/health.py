"""What `/readyz` and `/metrics` ask of the database."""

import asyncpg
import msgspec

from service.store import migrate, queries
from service.store.pool import Pool, Scope

Q = queries.load("health")


class BeatRow(msgspec.Struct, frozen=True, kw_only=True):
    """A worker's last sign of life."""

    name: str
    silent_seconds: float


class RanRow(msgspec.Struct, frozen=True, kw_only=True):
    """A migration this database has."""

    name: str
    checksum: str


class Vitals(msgspec.Struct, frozen=True, kw_only=True):
    """How the database and the workers are; `pending` names migrations it lacks."""

    pending: tuple[str, ...]
    beats: dict[str, float]


async def vitals(db: Pool) -> Vitals:
    """Ask the database; raises Busy where it does not answer, NewerSchema, ChangedMigration."""
    try:
        async with db.transaction(Scope()) as connection:
            ran = {row["name"]: row["checksum"] for row in await connection.fetch(Q.migrations)}
            beats = await connection.fetch(Q.ready)
    except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
        # Nothing of ours is there at all.
        return Vitals(pending=tuple(each.name for each in migrate.migrations()), beats={})
    return Vitals(
        pending=tuple(each.name for each in migrate.checked(ran) if each.name not in ran),
        beats={row["name"]: row["silent_seconds"] for row in beats},
    )


READS = {"ready": BeatRow, "migrations": RanRow}
