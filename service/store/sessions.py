"""Sessions and API keys as proofs of who asks; real time, and hashes only."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from service.store import queries
from service.store.pool import Connection, Pool, Scope

Q = queries.load("sessions")

NOTED = timedelta(minutes=1)
"""How often a use is written down; more would make a write of every read."""


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session to be stored."""

    secret_hash: bytes
    id: UUID
    person_id: UUID
    org_id: UUID
    member_id: UUID
    csrf_hash: bytes
    method: str
    totp_passed: bool
    device: str | None
    created_at: datetime
    expires_at: datetime


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """A living session's new secret, and what else of it changes; None leaves as it is."""

    id: UUID
    secret_hash: bytes
    csrf_hash: bytes
    now: datetime
    org_id: UUID | None = None
    member_id: UUID | None = None
    method: str | None = None
    totp_passed: bool | None = None
    proven_at: datetime | None = None
    expires_at: datetime | None = None


class RemainsRow(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a session was that is over by itself."""

    person_id: UUID
    org_id: UUID
    member_id: UUID
    csrf_hash: bytes


class SignInRow(msgspec.Struct, frozen=True, kw_only=True):
    """A living session as its person is shown it."""

    id: UUID
    organization: str
    method: str
    device: str | None
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class CallerRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who a proof stands for: a member, by a session or by a key."""

    session_id: UUID | None
    api_key_id: UUID | None
    person_id: UUID
    org_id: UUID
    member_id: UUID
    roles: list[str]
    cco: bool
    stepped_up: bool
    csrf_hash: bytes | None
    seen_at: datetime | None


async def open_session(connection: Connection, row: NewSession) -> None:
    """Store a session in its person's scope."""
    await connection.execute(Q.insert, *msgspec.structs.astuple(row))


async def rotate(connection: Connection, row: Rotation) -> datetime | None:
    """Give a living session of the scope's person a new secret; None where it is over."""
    ends: datetime | None = await connection.fetchval(Q.rotate, *msgspec.structs.astuple(row))
    return ends


async def of_person(connection: Connection, person_id: UUID, *, now: datetime) -> list[SignInRow]:
    """List a person's living sessions, the one used last first."""
    return [SignInRow(**dict(row)) for row in await connection.fetch(Q.of_person, person_id, now)]


async def by_session(
    db: Pool, secret_hash: bytes, *, now: datetime, used: bool = True
) -> CallerRow | None:
    """Find a session that is neither ended nor idle, and note that it was used, if it was."""
    async with db.transaction(Scope(lookup=secret_hash)) as connection:
        row = await connection.fetchrow(Q.by_session, secret_hash, now)
        if row is None:
            return None
        if used and row["seen_at"] < now - NOTED:
            await connection.execute(Q.seen, secret_hash, now)
    return CallerRow(**dict(row))


async def remains(db: Pool, secret_hash: bytes, *, now: datetime) -> RemainsRow | None:
    """Find whose session this was that rested or lasted too long; nobody's, if it was ended."""
    async with db.transaction(Scope(lookup=secret_hash)) as connection:
        row = await connection.fetchrow(Q.remains, secret_hash, now)
    return RemainsRow(**dict(row)) if row is not None else None


async def by_api_key(db: Pool, secret_hash: bytes, *, now: datetime) -> CallerRow | None:
    """Find a key that is neither revoked nor expired, and note that it was used."""
    async with db.transaction(Scope(lookup=secret_hash)) as connection:
        row = await connection.fetchrow(Q.by_api_key, secret_hash, now)
        if row is None:
            return None
        if row["seen_at"] is None or row["seen_at"] < now - NOTED:
            await connection.execute(Q.key_used, secret_hash, now)
    return CallerRow(**dict(row))


async def end(db: Pool, secret_hash: bytes, *, now: datetime) -> None:
    """End a session by its hash; an ended one stays as it is."""
    async with db.transaction(Scope(lookup=secret_hash)) as connection:
        await connection.execute(Q.end, secret_hash, now)


READS = {
    "by_session": CallerRow,
    "by_api_key": CallerRow,
    "of_person": SignInRow,
    "remains": RemainsRow,
}
