"""Browsers that pressed a link's button, and the sessions of those who entered its code.

Only hashes are kept. Every time here is real time, passed in.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from service.domain import ids
from service.store import queries
from service.store.pool import Connection

Q = queries.load("link_sessions")


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that may enter a code; a decoy has no link."""

    id: UUID
    link_id: UUID | None
    org_id: UUID | None


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """Where a remembered browser came in."""

    link_id: UUID
    org_id: UUID


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A session as its cookie finds it, before anything it hangs on was read."""

    id: UUID
    link_id: UUID
    challenge_id: UUID
    org_id: UUID
    leg_id: UUID
    referral_id: UUID
    worker_id: UUID | None
    stepped_up: bool


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What a session hangs on, all of it in order: the browser, the mailbox, the organization."""

    browser: bytes
    enrolled: bool
    language: str
    time_zone: str
    public_name: str


async def challenge(
    connection: Connection,
    secret_hash: bytes,
    *,
    link_id: UUID | None,
    org_id: UUID | None,
    now: datetime,
) -> None:
    """Let a browser enter codes for 15 minutes; without a link it is a decoy."""
    await connection.execute(Q.open_challenge, secret_hash, ids.new_id(), link_id, org_id, now)


async def extend(
    connection: Connection, secret_hash: bytes, *, link_id: UUID | None, now: datetime
) -> bool:
    """Give a browser that pressed again its 15 minutes anew, and no try back."""
    found = await connection.fetchval(Q.extend_challenge, secret_hash, link_id, now)
    return found is not None


async def spend(connection: Connection, secret_hash: bytes, *, now: datetime) -> Challenge | None:
    """Spend one try of a browser; nothing if it has none left."""
    row = await connection.fetchrow(Q.spend, secret_hash, now)
    return Challenge(**dict(row)) if row is not None else None


async def pressed(connection: Connection, secret_hash: bytes, *, now: datetime) -> Challenge | None:
    """Find what a browser pressed the button of; the scope's look-up must be the same hash."""
    row = await connection.fetchrow(Q.pressed, secret_hash, now)
    return Challenge(**dict(row)) if row is not None else None


async def claim(connection: Connection, challenge_id: UUID, *, now: datetime) -> bool:
    """Use a challenge; False means that it was used."""
    return await connection.fetchval(Q.claim, challenge_id, now) is not None


async def used_challenge(
    connection: Connection, secret_hash: bytes, *, link_id: UUID, org_id: UUID, now: datetime
) -> UUID:
    """Write the challenge of a remembered browser, used as it is made."""
    challenge_id = ids.new_id()
    await connection.execute(Q.open_used, secret_hash, challenge_id, link_id, org_id, now)
    return challenge_id


async def remember(
    connection: Connection, secret_hash: bytes, *, link_id: UUID, org_id: UUID, now: datetime
) -> None:
    """Remember a browser for 30 days."""
    await connection.execute(Q.remember, secret_hash, ids.new_id(), link_id, org_id, now)


async def remembered(
    connection: Connection, secret_hash: bytes, *, now: datetime
) -> Remembered | None:
    """Find a remembered browser; the scope's look-up must be the same hash."""
    row = await connection.fetchrow(Q.remembered, secret_hash, now)
    return Remembered(**dict(row)) if row is not None else None


async def is_remembered_here(connection: Connection, was: Remembered, *, link_id: UUID) -> bool:
    """Say whether a remembered browser came in by the mailbox of this link."""
    return await connection.fetchval(Q.remembered_here, was.link_id, link_id) is not None


async def open_session(
    connection: Connection,
    link_id: UUID,
    *,
    secret_hash: bytes,
    challenge_id: UUID,
    now: datetime,
) -> UUID:
    """Write a session of a link and return its id."""
    session_id = ids.new_id()
    await connection.execute(Q.open, link_id, secret_hash, session_id, challenge_id, now)
    return session_id


async def find(connection: Connection, secret_hash: bytes, *, now: datetime) -> SessionRow | None:
    """Find a session that is not over; the scope's look-up must be the same hash."""
    row = await connection.fetchrow(Q.find, secret_hash, now)
    return SessionRow(**dict(row)) if row is not None else None


async def standing(connection: Connection, session_id: UUID, *, now: datetime) -> Standing | None:
    """Note that a session is in use and read what it hangs on; nothing if any of it is gone."""
    await connection.execute(Q.touch, session_id, now)
    row = await connection.fetchrow(Q.standing, session_id)
    return Standing(**dict(row)) if row is not None else None


async def step_up(
    connection: Connection, session_id: UUID, *, worker_id: UUID, now: datetime
) -> bool:
    """Note who is looking from now on."""
    return await connection.fetchval(Q.step_up, session_id, worker_id, now) is not None


async def end(connection: Connection, session_id: UUID, *, now: datetime) -> None:
    """End a session."""
    await connection.execute(Q.end, session_id, now)


READS = {
    "spend": Challenge,
    "pressed": Challenge,
    "remembered": Remembered,
    "find": SessionRow,
    "standing": Standing,
}
"""Which Struct the columns of a query feed; a test compares them."""
