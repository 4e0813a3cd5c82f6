"""People who sign in: their factors, their delays. Addresses are sealed, found by index only."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from crypto.blind import Token
from service import faults
from service.store import queries
from service.store.pool import Connection, Pool, Scope

Q = queries.load("people")


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """A person's factors and delays; nothing of it is printed."""

    id: UUID
    name: str
    language: str
    password_hash: str | None
    totp_sealed: bytes | None
    totp_confirmed_at: datetime | None
    totp_last_step: int
    failed_tries: int
    delay_until: datetime | None
    state: str
    shortcuts: bool

    def __repr__(self) -> str:
        return f"<person {self.id}>"


class NewPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person to be stored."""

    id: UUID
    logins: tuple[Token, ...]
    login_sealed: bytes
    name: str
    language: str
    password_hash: str | None
    state: str

    def __repr__(self) -> str:
        return f"<person {self.id}>"


async def by_login(db: Pool, logins: Iterable[bytes]) -> PersonRow | None:
    """Find the person of a sign-in address, whose index under each key that opens is its proof.

    All are tried, also after one was found: nobody learns from the time whether there is one.
    """
    found: PersonRow | None = None
    for token in logins:
        async with db.transaction(Scope(lookup=token)) as connection:
            row = await connection.fetchrow(Q.by_login, token)
        found = found or (PersonRow(**dict(row)) if row is not None else None)
    return found


async def fetch(connection: Connection, person_id: UUID) -> PersonRow:
    """Read the person of the scope; raises Missing."""
    row = await connection.fetchrow(Q.fetch, person_id)
    if row is None:
        raise faults.Missing
    return PersonRow(**dict(row))


async def insert(connection: Connection, row: NewPerson) -> None:
    """Store a person; an address in use raises Busy, because somebody was just as quick.

    So does an index key that was replaced this very moment.
    """
    person = (row.id, row.login_sealed, row.name, row.language, row.password_hash, row.state)
    await connection.execute(Q.insert, *person)
    await connection.execute(Q.writing_logins)
    tokens = [each.digest for each in row.logins]
    versions = [each.version for each in row.logins]
    try:
        stored = await connection.execute(Q.insert_logins, row.id, tokens, versions)
    except asyncpg.UniqueViolationError as conflict:
        raise faults.Busy(retry_after=1) from conflict
    if stored == "INSERT 0 0":
        raise faults.Busy(retry_after=1)


async def set_shortcuts(connection: Connection, person_id: UUID, *, on: bool) -> None:
    """Let single keys work for a person, or not."""
    await connection.execute(Q.set_shortcuts, person_id, on)


async def set_password(connection: Connection, person_id: UUID, *, password_hash: str) -> None:
    """Set a password and make the person active; raises Missing for a disabled one."""
    if await connection.fetchval(Q.set_password, person_id, password_hash) is None:
        raise faults.Missing


async def spend_try(connection: Connection, person_id: UUID, *, now: datetime) -> bool:
    """Count a try before checking it; False while a delay runs.

    From the fifth failure on each try begins a delay: 15 seconds, doubling to a quarter hour.
    """
    return await connection.fetchval(Q.spend_try, person_id, now) is not None


async def forgive_tries(connection: Connection, person_id: UUID) -> None:
    """End the delays after a right sign-in."""
    await connection.execute(Q.forgive_tries, person_id)


async def offer_totp(connection: Connection, person_id: UUID, *, sealed: bytes) -> bool:
    """Keep a seed to be confirmed; False where a confirmed one is in use."""
    return await connection.fetchval(Q.offer_totp, person_id, sealed) is not None


async def spend_totp_step(
    connection: Connection, person_id: UUID, *, step: int, now: datetime
) -> bool:
    """Use up a step, confirming the seed the first time; False if it was used before."""
    return await connection.fetchval(Q.spend_totp_step, person_id, step, now) is not None


async def end_sessions(
    connection: Connection, person_id: UUID, *, now: datetime, but: UUID | None = None
) -> None:
    """End every session of a person, but for one."""
    await connection.execute(Q.end_sessions, person_id, now, but)


async def end_session(
    connection: Connection, person_id: UUID, *, session_id: UUID, now: datetime
) -> bool:
    """End one session of a person; False where there is none that lives."""
    return await connection.fetchval(Q.end_session, session_id, person_id, now) is not None


async def proven_at(connection: Connection, session_id: UUID) -> datetime | None:
    """Return when the person behind a living session of the scope last proved who they are."""
    found: datetime | None = await connection.fetchval(Q.proven_at, session_id)
    return found


async def disable(connection: Connection, person_id: UUID) -> None:
    """Let nobody sign in as this person any more."""
    await connection.execute(Q.disable, person_id)


async def clear_factors(connection: Connection, person_id: UUID) -> None:
    """Take password and authenticator away; only a mailed link leads back in."""
    await connection.execute(Q.clear_factors, person_id)


async def login(connection: Connection, person_id: UUID) -> bytes:
    """Return the sealed sign-in address of the person of the scope."""
    sealed: bytes = await connection.fetchval(Q.login, person_id)
    return sealed


READS = {"by_login": PersonRow, "fetch": PersonRow}
