"""Where key rows live: what the keyring reads, and the seals an organization holds."""

from collections.abc import Sequence
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


class HeldSeal(msgspec.Struct, frozen=True, kw_only=True):
    """A seal of the asking organization: with it the epoch opens, and who else can open it.

    `newest` is the last epoch of its class, held or not.
    """

    row: SealRow
    active: bool
    holders: frozenset[UUID]
    newest: int = 0


async def held_seals(connection: Connection, referral_id: UUID, *, org_id: UUID) -> list[HeldSeal]:
    """List the seals an organization holds on a referral, by class and epoch."""
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
            active=row["state"] == "active",
            holders=frozenset(row["holders"]),
            newest=row["newest"],
        )
        for row in await connection.fetch(Q.seals, referral_id, org_id)
    ]


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


async def probe(pool: Pool) -> bytes | None:
    """Return the bytes that only this database's root key opens, if it was migrated."""
    async with pool.transaction(Scope()) as connection:
        found: bytes | None = await connection.fetchval(Q.probe)
    return found


def _key(row: Any) -> KeyRow:
    return KeyRow(**dict(row))
