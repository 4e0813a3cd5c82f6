"""Where key rows live: what the keyring reads, and the seals an organization holds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crypto.keys import KeyRow, SealRow
from service.store import queries
from service.store.pool import Connection, Pool, Scope

Q = queries.load("keys")


class StoredKeyRows:
    """The keyring's view of the store: key rows by organization and purpose, read and cached."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keys(self, org_id: UUID | None, purpose: str) -> list[KeyRow]:
        """Return all rows of a purpose, in any state; each organization's through its own eyes."""
        async with self._pool.transaction(Scope(org_id=org_id)) as connection:
            if org_id is None:
                found = await connection.fetch(Q.network, purpose)
            else:
                found = await connection.fetch(Q.own, org_id, purpose)
        return [_key(row) for row in found]

    async def public_keys(self, org_ids: Sequence[UUID]) -> dict[UUID, KeyRow]:
        """Return the active public half of each organization that has one."""
        if not org_ids:
            return {}
        async with self._pool.transaction(Scope(org_id=org_ids[0])) as connection:
            found = await connection.fetch(Q.public, list(org_ids))
        return {row["org_id"]: _key(row) for row in found}

    async def generation(self) -> int:
        """Return the number that moves with every key that ends."""
        async with self._pool.transaction(Scope()) as connection:
            return int(await connection.fetchval(Q.generation))


class HeldSeal(msgspec.Struct, frozen=True, kw_only=True):
    """An epoch as one organization holds it: with its seal the epoch opens, for these holders.

    `since` is the version of the referral or thread at which the epoch was opened.
    """

    row: SealRow
    state: str
    holders: frozenset[UUID]
    since: int = 0

    @property
    def active(self) -> bool:
        """Whether this epoch is the one of its class that is written in."""
        return self.state == "active"

    @property
    def opens(self) -> bool:
        """Whether the asking organization holds a seal of it."""
        return bool(self.row.sealed)


async def epochs(connection: Connection, context_id: UUID, *, org_id: UUID) -> list[HeldSeal]:
    """List every epoch of a referral or thread, by class, held by this organization or not."""
    return [
        HeldSeal(
            row=SealRow(
                context_id=row["context_id"],
                sensitivity=row["sensitivity"],
                epoch=row["epoch"],
                org_id=row["org_id"],
                key_id=row["key_id"],
                sealed=row["sealed"],
            ),
            state=row["state"],
            holders=frozenset(row["holders"]),
            since=row["since_version"],
        )
        for row in await connection.fetch(Q.seals, context_id, org_id)
    ]


async def held_seals(connection: Connection, context_id: UUID, *, org_id: UUID) -> list[HeldSeal]:
    """List the seals an organization holds on a referral or thread, by class and epoch."""
    return [held for held in await epochs(connection, context_id, org_id=org_id) if held.opens]


async def add(connection: Connection, made: Sequence[KeyRow]) -> None:
    """Store an organization's new keys, and the public halves for everybody."""
    for key in made:
        await connection.execute(
            Q.insert_own,
            key.org_id,
            key.purpose,
            key.version,
            key.key_id,
            key.suite,
            key.state,
            key.public,
            key.wrapped,
        )
        if key.public is not None:
            await connection.execute(
                Q.insert_public,
                key.org_id,
                key.purpose,
                key.version,
                key.key_id,
                key.suite,
                key.state,
                key.public,
            )


class AgeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a key: what for, how it stands, since when, and its age in whole days."""

    purpose: str
    version: int
    state: str
    openable: bool
    created_at: datetime
    days: int


async def own_ages(connection: Connection, org_id: UUID | None) -> list[AgeRow]:
    """List the versions of an organization's keys, the newest of each purpose first."""
    return [AgeRow(**dict(row)) for row in await connection.fetch(Q.own_ages, org_id)]


async def network_ages(connection: Connection) -> list[AgeRow]:
    """List the versions of the network's keys, the newest of each purpose first."""
    return [AgeRow(**dict(row)) for row in await connection.fetch(Q.network_ages)]


async def probe(pool: Pool) -> bytes | None:
    """Return the bytes that only this database's root key opens, if it was migrated."""
    async with pool.transaction(Scope()) as connection:
        found: bytes | None = await connection.fetchval(Q.probe)
    return found


def _key(row: Any) -> KeyRow:
    return KeyRow(**dict(row))
