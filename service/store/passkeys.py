"""Passkeys and the challenges they sign; found by hash, or by the person of the scope."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from service import faults
from service.store import queries
from service.store.pool import Connection

Q = queries.load("passkeys")


class NewPasskey(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey to be stored."""

    id: UUID
    person_id: UUID
    credential_hash: bytes
    credential_id: bytes
    public_key: bytes
    sign_count: int
    backed_up: bool
    name: str
    created_at: datetime


class PasskeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey that still works, as it is checked."""

    id: UUID
    person_id: UUID
    credential_id: bytes
    public_key: bytes


class ListedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey that still works, as its person is shown it."""

    id: UUID
    name: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


class ChallengeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A challenge to be stored; of a person, or of whoever stands at the door."""

    challenge_hash: bytes
    purpose: str
    person_id: UUID | None
    created_at: datetime
    expires_at: datetime


class PasskeyKnown(faults.Fault):
    """This passkey is registered already."""

    kind, slug = faults.Kind.CONFLICT, "passkey-known"
    advice = "Use another device or key, or sign in with this one."


async def insert(connection: Connection, row: NewPasskey) -> None:
    """Store a passkey; one that is known raises PasskeyKnown."""
    try:
        await connection.execute(Q.insert, *msgspec.structs.astuple(row))
    except asyncpg.UniqueViolationError as conflict:
        raise PasskeyKnown from conflict


async def by_credential(connection: Connection, credential_hash: bytes) -> PasskeyRow | None:
    """Find a passkey that works by the hash of its id, which the scope must name."""
    row = await connection.fetchrow(Q.by_credential, credential_hash)
    return PasskeyRow(**dict(row)) if row is not None else None


async def of_person(connection: Connection, person_id: UUID) -> list[ListedRow]:
    """List a person's passkeys in the order they were made."""
    return [ListedRow(**dict(row)) for row in await connection.fetch(Q.of_person, person_id)]


async def credential_ids(connection: Connection, person_id: UUID) -> list[bytes]:
    """List what a person's authenticators know their passkeys by."""
    return [row["credential_id"] for row in await connection.fetch(Q.credential_ids, person_id)]


async def used(connection: Connection, passkey_id: UUID, *, sign_count: int, now: datetime) -> bool:
    """Move a passkey's counter on; False where it stood still or went back: there is a copy."""
    return await connection.fetchval(Q.used, passkey_id, sign_count, now) is not None


async def end(
    connection: Connection, person_id: UUID, *, passkey_id: UUID, why: str, now: datetime
) -> bool:
    """End one of a person's passkeys; False where there is none that works."""
    return await connection.fetchval(Q.end, passkey_id, person_id, why, now) is not None


async def end_all(connection: Connection, person_id: UUID, *, why: str, now: datetime) -> int:
    """End every passkey of a person and count them."""
    return len(await connection.fetch(Q.end_all, person_id, why, now))


async def challenge(connection: Connection, row: ChallengeRow) -> None:
    """Store a challenge; only its hash is kept."""
    await connection.execute(Q.challenge, *msgspec.structs.astuple(row))


async def claim(
    connection: Connection, challenge_hash: bytes, *, purpose: str, now: datetime
) -> bool:
    """Use a living challenge up; of two at once one gets it."""
    return await connection.fetchval(Q.claim, challenge_hash, purpose, now) is not None


READS = {"by_credential": PasskeyRow, "of_person": ListedRow}
