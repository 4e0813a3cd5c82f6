"""Bring a database to the shape this code expects: forward only, one transaction a file.

An advisory lock lets one migrator run at a time. A file that ran is never changed: its checksum
is kept. A schema newer than the code refuses to start.
"""

import hashlib
import re
from collections.abc import Iterator
from importlib import resources

import asyncpg
import msgspec

from crypto import keyring, ports, root, token
from crypto.keys import KeyRow
from service import faults
from service.domain import leg, referral
from service.domain.rules import Rule

ROLES = ("lk_owner", "lk_keys", "lk_web", "lk_worker", "lk_check")
NO_LOGIN = frozenset({"lk_owner", "lk_keys"})
"""Roles that an owner's connection takes on; nobody signs in as one."""
_LOCK = 0x6C6F6F70
_NAME = re.compile(r"^\d{4}_[a-z_]+\.sql$")


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the migrations folder."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class NewerSchema(faults.Fault):
    """The database is newer than this code."""

    slug = "newer-schema"
    advice = "Run the newer release of the code; there is no way back down."


class ChangedMigration(faults.Fault):
    """A migration that already ran was changed afterwards."""

    slug = "changed-migration"
    advice = "Restore the file; put the change into a new migration."


class WrongRootKey(faults.Fault):
    """This root key does not open this database."""

    slug = "wrong-root-key"
    advice = "Put the root key of this database back; a new one would make its content unreadable."


def migrations() -> Iterator[Migration]:
    """List the files in their order."""
    folder = resources.files("service.store").joinpath("migrations")
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if _NAME.match(entry.name):
            yield Migration(name=entry.name, text=entry.read_text("utf-8"))


async def migrate(
    database_url: str, *, root_key: root.Root, movable_clock: bool = False
) -> list[str]:
    """Apply what is missing as the owner and return the names applied.

    `movable_clock` lets a demo or a test move lk.now(). Raises WrongRootKey, NewerSchema,
    ChangedMigration.
    """
    connection = await asyncpg.connect(database_url, command_timeout=120)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await _check_root_key(connection, root_key)
        await _roles(connection, root_key)
        done = await _apply(connection)
        await _sync_rules(connection)
        await _root_key(connection, root_key)
        if movable_clock:
            await connection.execute("update clock_offset set writable = true")
        return done
    finally:
        await connection.close()


async def pending(database_url: str) -> list[str]:
    """List the migrations a database still lacks; raises NewerSchema."""
    connection = await asyncpg.connect(database_url)
    try:
        there = await connection.fetchval("select to_regclass('lk.schema_migration') is not null")
        ran = await _ran(connection) if there else {}
        return [each.name for each in checked(ran) if each.name not in ran]
    finally:
        await connection.close()


async def probe(database_url: str) -> bytes | None:
    """Return the bytes that only this database's root key opens; None where nothing is yet."""
    connection = await asyncpg.connect(database_url)
    try:
        there = await connection.fetchval("select to_regclass('lk.root_key') is not null")
        found: bytes | None = None
        if there:
            found = await connection.fetchval("select probe from lk.root_key")
        return found
    finally:
        await connection.close()


async def _check_root_key(connection: asyncpg.Connection, root_key: root.Root) -> None:
    """Refuse another root key before anything changes: passwords of the roles come from it, too."""
    there = await connection.fetchval("select to_regclass('lk.root_key') is not null")
    probe = await connection.fetchval("select probe from lk.root_key") if there else None
    if probe is not None and not await _ring(root_key).check_probe(probe):
        raise WrongRootKey


def _ring(root_key: root.Root) -> keyring.LocalKeyring:
    rows: ports.KeyRows = _NoRows()  # type: ignore[assignment]
    return keyring.LocalKeyring(root_key, rows)


async def make_roles(database_url: str, root_key: root.Root) -> None:
    """Make the roles that a restored database speaks of, with the passwords of this root key."""
    connection = await asyncpg.connect(database_url, command_timeout=30)
    try:
        await _make_roles(connection, root_key)
    finally:
        await connection.close()


async def _make_roles(connection: asyncpg.Connection, root_key: root.Root) -> None:
    for role in ROLES:
        known = await connection.fetchval("select 1 from pg_roles where rolname = $1", role)
        if not known:
            login = "nologin" if role in NO_LOGIN else "login"
            await connection.execute(f"create role {role} {login}")
    await _passwords(connection, root_key)
    await connection.execute("grant lk_owner, lk_keys to current_user")


async def _roles(connection: asyncpg.Connection, root_key: root.Root) -> None:
    await _make_roles(connection, root_key)
    await connection.execute("create schema if not exists lk authorization lk_owner")
    await connection.execute("set role lk_owner")
    await connection.execute("set search_path = lk")
    await connection.execute("set lock_timeout = '5s'")
    await connection.execute(
        "create table if not exists schema_migration (name text primary key,"
        " checksum text not null, applied_at timestamptz not null)"
    )


async def _passwords(connection: asyncpg.Connection, root_key: root.Root) -> None:
    for role in ROLES:
        if role not in NO_LOGIN:
            password = token.database_password(root_key, role)
            await connection.execute(f"alter role {role} password '{password}'")


async def set_passwords(database_url: str, root_key: root.Root) -> None:
    """Give the roles the passwords of the root key that wraps now; who is connected stays so."""
    connection = await asyncpg.connect(database_url, command_timeout=30)
    try:
        await _passwords(connection, root_key)
    finally:
        await connection.close()


async def _ran(connection: asyncpg.Connection) -> dict[str, str]:
    rows = await connection.fetch("select name, checksum from lk.schema_migration")
    return {row["name"]: row["checksum"] for row in rows}


def checked(ran: dict[str, str]) -> list[Migration]:
    """List our migrations, given those a database has; raises NewerSchema, ChangedMigration."""
    ours = list(migrations())
    if set(ran) - {each.name for each in ours}:
        raise NewerSchema
    if any(ran.get(each.name, each.checksum) != each.checksum for each in ours):
        raise ChangedMigration
    return ours


async def _apply(connection: asyncpg.Connection) -> list[str]:
    ran = await _ran(connection)
    done: list[str] = []
    for each in checked(ran):
        if each.name in ran:
            continue
        async with connection.transaction():
            await connection.execute(each.text)
            await connection.execute(
                "insert into schema_migration values ($1, $2, clock_timestamp())",
                each.name,
                each.checksum,
            )
        done.append(each.name)
    return done


_RULE = """insert into rule as r
  (machine, from_state, step, party, becomes, rule_id, conditions, needs)
  values ($1, $2, $3, $4, $5, $6, $7, $8)
  on conflict (machine, from_state, step, party, becomes) do update
    set rule_id = excluded.rule_id, conditions = excluded.conditions,
        needs = excluded.needs, retired_at = null"""


async def _sync_rules(connection: asyncpg.Connection) -> None:
    """Put the rows of the code into the table; a row the code dropped is retired, not deleted."""
    ours = (*leg.LEG_RULES, *referral.REFERRAL_RULES)
    async with connection.transaction():
        await connection.executemany(_RULE, [_row(rule) for rule in ours])
        await connection.execute(
            "update rule set retired_at = clock_timestamp() where retired_at is null"
            " and (machine, from_state, step, party, becomes) not in"
            " (select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]))",
            *(list(column) for column in zip(*(rule.key for rule in ours), strict=True)),
        )


def _row(rule: Rule) -> tuple[object, ...]:
    return (*rule.key, rule.id, sorted(rule.when), list(rule.needs))


class _NoRows:
    """Key rows of a database that has none yet."""

    async def keys(self, org_id: object, purpose: str) -> list[KeyRow]:
        return []

    async def public_keys(self, org_ids: object) -> dict[object, KeyRow]:
        return {}

    async def generation(self) -> int:
        return 0


async def _root_key(connection: asyncpg.Connection, root_key: root.Root) -> None:
    """Keep the probe of the root key, and mint the network keys that this release has more of."""
    ring = _ring(root_key)
    async with connection.transaction():
        if await connection.fetchval("select probe from root_key") is None:
            await connection.execute(
                "insert into root_key (key_id, probe) values ($1, $2)",
                root_key.key_id,
                await ring.root_probe(),
            )
        known = {row["purpose"] for row in await connection.fetch(_PURPOSES)}
        for row in await ring.new_network():
            if row.purpose not in known:
                await connection.execute(
                    "insert into network_key values ($1, $2, $3, $4, $5, $6, clock_timestamp())",
                    row.purpose,
                    row.version,
                    row.key_id,
                    row.suite,
                    row.state,
                    row.wrapped,
                )


_PURPOSES = "select distinct purpose from network_key"
