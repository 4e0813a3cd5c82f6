"""Key versions: the next one of a purpose, and what still hangs on the ones before.

As the role `lk_keys`. Every batch takes what is still under an old key, so whoever is stopped in
the middle goes on where it stopped, and a second run finds nothing to do.
"""

from typing import Any
from uuid import UUID

import msgspec

from crypto.blind import Token
from crypto.keys import KeyRow, SealRow
from service.store import keys as key_store
from service.store import queries
from service.store.patients import PatientRow
from service.store.pool import Connection

Q = queries.load("rotating")


class Hanging(msgspec.Struct, frozen=True, kw_only=True):
    """A key version with what hangs on it, None where that is not counted.

    `seconds` is how long it has been in its state.
    """

    org_id: UUID | None
    purpose: str
    version: int
    key_id: bytes
    state: str
    openable: bool
    seconds: float
    hanging: int | None


class NameRow(msgspec.Struct, frozen=True, kw_only=True):
    """Another system's id under an old token."""

    org_id: UUID
    kind: str
    system: str
    token: bytes
    subject_id: UUID
    sealed: bytes

    def __repr__(self) -> str:
        return f"<external id of {self.subject_id}>"


async def newest(connection: Connection, org_id: UUID | None, purpose: str) -> tuple[int, str]:
    """Return the newest version of a purpose and its state; one rotation at a time from here on."""
    await connection.execute(Q.lock)
    row = await connection.fetchrow(Q.newest, org_id, purpose)
    return (row["version"], row["state"]) if row is not None else (0, "")


async def insert(connection: Connection, row: KeyRow) -> None:
    """Store the next key of a purpose; it is pending and nobody uses it."""
    if row.org_id is not None:
        await key_store.add(connection, [row])
        return
    await connection.execute(
        Q.insert_network, row.purpose, row.version, row.key_id, row.suite, row.state, row.wrapped
    )


async def promote(
    connection: Connection, org_id: UUID | None, purpose: str, *, version: int
) -> None:
    """Let this version seal from now on, and the one before open only."""
    await connection.execute(Q.lock)
    await connection.execute(Q.expire, org_id, purpose, version)
    await connection.execute(Q.activate, org_id, purpose, version)


async def organizations(connection: Connection, org_id: UUID | None = None) -> list[UUID]:
    """List the organizations that have keys, or the one asked for if it has."""
    return [row["org_id"] for row in await connection.fetch(Q.organizations, org_id)]


async def under_old_root(connection: Connection, key_id: bytes, *, limit: int) -> list[KeyRow]:
    """List keys that another root key wraps than this one."""
    return [_key(row) for row in await connection.fetch(Q.under_old_root, key_id, limit)]


async def under_old_ork(connection: Connection, *, limit: int) -> list[KeyRow]:
    """List keys that an organization's older root key wraps."""
    return [_key(row) for row in await connection.fetch(Q.under_old_ork, limit)]


async def shown(connection: Connection, after: KeyRow | None, *, limit: int) -> list[KeyRow]:
    """List public halves in their order, from the one after this."""
    place = (after.org_id, after.purpose, after.version) if after else (UUID(int=0), "", 0)
    return [_key(row) for row in await connection.fetch(Q.shown, *place, limit)]


async def store(connection: Connection, before: KeyRow, after: KeyRow) -> None:
    """Keep a key re-wrapped, if it is still the one that was read."""
    if after.org_id is None:
        await connection.execute(
            Q.store_network, after.purpose, after.version, after.wrapped, before.wrapped
        )
        return
    place = (after.org_id, after.purpose, after.version)
    await connection.execute(Q.store_own, *place, after.wrapped, before.wrapped)


async def attest(connection: Connection, row: KeyRow) -> None:
    """Keep a public half attested anew."""
    await connection.execute(Q.attest, row.org_id, row.purpose, row.version, row.public)


async def old_seals(connection: Connection, org_id: UUID | None, *, limit: int) -> list[SealRow]:
    """List seals to keys that seal no more."""
    return [SealRow(**dict(row)) for row in await connection.fetch(Q.old_seals, org_id, limit)]


async def store_seal(connection: Connection, before: SealRow, after: SealRow) -> None:
    """Keep a seal made anew, if it is still the one that was read."""
    place = (after.context_id, after.sensitivity, after.epoch, after.org_id)
    await connection.execute(Q.store_seal, *place, after.key_id, after.sealed, before.sealed)


async def indexed_by_old(connection: Connection, *, limit: int) -> list[tuple[UUID, PatientRow]]:
    """List patients with a token of an old index key, with their organization, and hold them."""
    found: list[tuple[UUID, PatientRow]] = []
    for row in await connection.fetch(Q.indexed_by_old, limit):
        fields = dict(row)
        found.append((fields.pop("org_id"), PatientRow(**fields)))
    return found


async def named_by_old(connection: Connection, *, limit: int) -> list[NameRow]:
    """List other systems' ids under a token of an old index key."""
    return [NameRow(**dict(row)) for row in await connection.fetch(Q.named_by_old, limit)]


async def store_name(connection: Connection, row: NameRow, *, token: bytes, version: int) -> None:
    """Keep such an id under its new token."""
    await connection.execute(
        Q.store_name, row.org_id, row.kind, row.system, row.token, token, version
    )


async def unmet(connection: Connection, after: UUID, *, limit: int) -> list[tuple[UUID, bytes]]:
    """List people after this one, with their sealed address, who lack a token of the key in use."""
    return [tuple(row) for row in await connection.fetch(Q.unmet, after, limit)]


async def meet(connection: Connection, person_id: UUID, *, login: Token) -> None:
    """Let a person be found under the key in use, too."""
    await connection.execute(Q.meet, login.digest, person_id, login.version)


async def drop_logins(connection: Connection) -> int:
    """Drop tokens that a newer one stands beside, and count them."""
    return int((await connection.execute(Q.drop_logins)).split()[-1])


async def mailboxes_by_old(
    connection: Connection, after: UUID, *, limit: int
) -> list[tuple[UUID, UUID, bytes]]:
    """List mailboxes under an old token: whose, which, and the sealed address."""
    return [tuple(row) for row in await connection.fetch(Q.mailboxes_by_old, after, limit)]


async def store_mailbox(
    connection: Connection, org_id: UUID, address_id: UUID, *, token: Token
) -> None:
    """Keep a mailbox under its new token."""
    await connection.execute(Q.store_mailbox, org_id, address_id, token.digest, token.version)


async def numbers_by_old(
    connection: Connection, after: UUID, *, limit: int
) -> list[tuple[UUID, bytes]]:
    """List telephone numbers under an old token: which, and the sealed number."""
    return [tuple(row) for row in await connection.fetch(Q.numbers_by_old, after, limit)]


async def store_number(connection: Connection, number_id: UUID, *, token: Token) -> None:
    """Keep a telephone number under its new token."""
    await connection.execute(Q.store_number, number_id, token.digest, token.version)


async def hold_logins(connection: Connection) -> None:
    """Wait for whoever is writing a sign-in address, and let nobody begin until the end."""
    await connection.execute(Q.hold_logins)


async def youngest(connection: Connection) -> float:
    """Return how many seconds ago the last key came into use."""
    return float(await connection.fetchval(Q.youngest))


async def rooted(connection: Connection, *, key_id: bytes, probe: bytes) -> bool:
    """Say which root key this database has; False where it was said before."""
    return await connection.fetchval(Q.rooted, key_id, probe) is not None


async def root_since(connection: Connection) -> tuple[bytes, float]:
    """Return the id of the root key in use, and for how many seconds it has been."""
    row = await connection.fetchrow(Q.root_since)
    return row["key_id"], row["seconds"]


async def hanging(connection: Connection, org_id: UUID | None = None) -> list[Hanging]:
    """List every key version with what hangs on it."""
    return [Hanging(**dict(row)) for row in await connection.fetch(Q.hanging, org_id)]


async def floor(connection: Connection, org_id: UUID | None, purpose: str, *, version: int) -> int:
    """Refuse versions below this one, let the others open, and count those that changed."""
    return int(await connection.fetchval(Q.floor, org_id, purpose, version))


async def destroy(connection: Connection, row: Hanging) -> bool:
    """Destroy a version that is refused already; False where it is not."""
    return bool(await connection.fetchval(Q.destroy, row.org_id, row.purpose, row.version))


def _key(row: Any) -> KeyRow:
    return KeyRow(**dict(row))


READS: dict[str, Any] = {
    "under_old_root": KeyRow,
    "under_old_ork": KeyRow,
    "shown": KeyRow,
    "old_seals": SealRow,
    "named_by_old": NameRow,
    "hanging": Hanging,
}
"""Which Struct the columns of a query feed; a test compares them."""
