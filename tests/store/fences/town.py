"""Rows for every table, made from the catalog: each organization's, in each referral and thread.

Row security looks at columns and at nothing else, so the rows need not be a story; foreign keys
are off while they are written. A table none of whose rows its checks let in is named.
"""

import itertools
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from tests.store.fences import words
from tests.store.fences.cast import (
    APART,
    CLINIC,
    ELSEWHERE,
    FORMER,
    LEAVING,
    ORGS,
    PANTRY,
    PERSON_OF,
    REFERRAL,
    STRANGER,
    THREAD,
    named,
)
from tests.store.fences.told import EXPLICIT

_OWNER_COLUMNS = re.compile(r"(\w+_)?org_id|log_id")
_CHOICES = re.compile(r"\(?\(?(\w+)\)?(?:::text)? = ANY \(ARRAY\[([^\]]*)\]\)")
_ONE_CHOICE = re.compile(r"^CHECK \(\((\w+) = '([^']*)'::text\)\)$")
_AS_IT_IS = frozenset({"rule", "schema_migration", "clock_offset", "key_generation"})
"""Reference that the migrations filled."""

_SPOKEN = {("human_task", "kind"): ("leg_overdue", "break_glass_unreviewed")}
"""Words of free text that a fence asks for."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column as the catalog has it; `choices` are what a check allows, `maker` writes it."""

    name: str
    type: str
    nullable: bool
    made: bool
    choices: tuple[str, ...] = ()


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table: its columns, and how a row of it is named."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def key_text(self) -> str:
        """The expression that names a row."""
        return f"concat_ws('|', {', '.join(f'{name}::text' for name in self.key)})"


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One row to be: whose, in what, how old, and whether other organizations stand in it too."""

    number: int
    owner: str
    place: str
    old: bool
    mixed: bool


async def tables(connection: asyncpg.Connection) -> tuple[Table, ...]:
    """Read every table of the schema from the catalog."""
    rows = await connection.fetch(
        "select c.relname as name, json_agg(json_build_object('name', a.attname,"
        " 'type', format_type(a.atttypid, null), 'nullable', not a.attnotnull,"
        " 'made', a.attgenerated <> '' or a.attidentity <> '') order by a.attnum) as columns,"
        " (select array_agg(k.attname) from pg_index i, unnest(i.indkey) as n, pg_attribute k"
        "   where i.indrelid = c.oid and i.indisprimary and k.attrelid = c.oid"
        "     and k.attnum = n) as key,"
        " (select array_agg(pg_get_constraintdef(x.oid)) from pg_constraint x"
        "   where x.conrelid = c.oid and x.contype = 'c') as checks"
        " from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0"
        " and not a.attisdropped where c.relnamespace = 'lk'::regnamespace"
        " and c.relkind in ('r', 'p') group by c.oid, c.relname order by c.relname"
    )
    return tuple(_table(row) for row in rows)


def _table(row: Any) -> Table:
    choices: dict[str, tuple[str, ...]] = {}
    for check in row["checks"] or ():
        for found in _CHOICES.finditer(check):
            choices[found[1]] = tuple(re.findall(r"'([^']*)'", found[2]))
        for found in _ONE_CHOICE.finditer(check):
            choices[found[1]] = (found[2],)
    columns = tuple(
        Column(**each, choices=choices.get(each["name"], ())) for each in json.loads(row["columns"])
    )
    return Table(
        name=row["name"],
        columns=columns,
        key=tuple(row["key"] or (each.name for each in columns)),
    )


def _variants() -> Iterator[Variant]:
    places = (REFERRAL, ELSEWHERE, THREAD, APART)
    for number, (place, owner, old, mixed) in enumerate(
        itertools.product(places, ORGS, (False, True), (False, True)), start=1
    ):
        yield Variant(number=number, owner=owner, place=place, old=old, mixed=mixed)


async def fill(connection: asyncpg.Connection) -> tuple[Table, ...]:
    """Write rows into every table and say which tables there are."""
    found = await tables(connection)
    await connection.execute("set session_replication_role = replica")
    for table in found:
        if table.name in _AS_IT_IS:
            continue
        await connection.execute(f"delete from lk.{table.name}")
        for variant in _variants():
            for told in _told_rows(table, variant):
                await _insert(connection, table, _row(table, variant) | told)
        count = await connection.fetchval(f"select count(*) from lk.{table.name}")
        assert count, f"No row of {table.name} could be made: tell one in EXPLICIT of town.py."
    await _learn(connection, found)
    return found


def _told_rows(table: Table, variant: Variant) -> list[dict[str, Any]]:
    """Return what is told of a row: nothing, or once all that is told of the table."""
    if table.name in EXPLICIT:
        rows = EXPLICIT[table.name] if variant.number == 1 else []
        own = [
            {name: named(f"{table.name} {name} {number}") for name in ("id", "blob_id")}
            for number in range(len(rows))
        ]
        return [new | _moments(told) for new, told in zip(own, rows, strict=True)]
    return [{}]


def _moments(told: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        name: (now + value).isoformat() if isinstance(value, timedelta) else value
        for name, value in told.items()
    }


async def _insert(connection: asyncpg.Connection, table: Table, row: dict[str, Any]) -> None:
    names = ", ".join(each.name for each in table.columns if not each.made)
    statement = (
        f"insert into lk.{table.name} ({names}) select {names}"
        f" from jsonb_populate_record(null::lk.{table.name}, $1) on conflict do nothing"
    )
    try:
        await connection.execute(statement, json.dumps(row))
    except (asyncpg.CheckViolationError, asyncpg.NotNullViolationError):
        # Not a row there could be: a thread's key of a referral, say.
        return


def _row(table: Table, variant: Variant) -> dict[str, Any]:
    return {each.name: _value(table.name, each, variant) for each in table.columns if not each.made}


def _value(table: str, column: Column, variant: Variant) -> Any:
    if column.choices:
        return column.choices[variant.number % len(column.choices)]
    if column.type == "uuid":
        return _uuid(table, column, variant)
    if column.type in ("timestamp with time zone", "date"):
        return _moment(column, variant)
    if (table, column.name) in _SPOKEN:
        return _SPOKEN[table, column.name][variant.number // 2 % 2]
    if column.type == "text":
        return f"{column.name[:20]} {variant.number}"
    kinds: dict[str, Any] = {
        "boolean": variant.old,
        "integer": variant.number,
        "bigint": variant.number,
        "bytea": f"\\x{table.encode().hex()}{variant.number:04x}",
        "jsonb": {},
        "interval": "1 hour",
        "xid8": str(variant.number),
        "double precision": 1.5,
        "numeric": 1,
        "smallint": 1,
    }
    return kinds.get(column.type, [] if column.type.endswith("[]") else None)


def _moment(column: Column, variant: Variant) -> str | None:
    if variant.old:
        return (datetime.now(UTC) - timedelta(days=30)).isoformat()
    if column.nullable:
        return None
    ahead = timedelta(days=1) if column.name == "expires_at" else -timedelta(minutes=1)
    return (datetime.now(UTC) + ahead).isoformat()


def _uuid(table: str, column: Column, variant: Variant) -> str | None:
    name, owner = column.name, variant.owner
    of_thread = variant.place in (THREAD, APART)
    if _OWNER_COLUMNS.fullmatch(name):
        following = ORGS[(ORGS.index(owner) + 1) % len(ORGS)]
        return following if variant.mixed and name not in ("org_id", "log_id") else owner
    known: dict[str, Any] = {
        "referral_id": None if of_thread else variant.place,
        "thread_id": variant.place if of_thread else None,
        "context_id": variant.place,
        "person_id": PERSON_OF[owner],
        "member_id": named(f"member of {owner}"),
        "consent_id": named(f"consent of {owner}"),
        "effect_id": named(f"outbox/id/{variant.number}") if variant.number % 3 else None,
        "digest_id": named("digest") if variant.mixed else None,
        "webhook_id": named(f"webhook of {owner}") if variant.old else None,
        "override_consent_id": named(f"consent of {PANTRY}"),
        "id": _ID.get(table, {}).get(owner) or _PLACE.get(table, {}).get(variant.place),
    }
    unknown = None if column.nullable else named(f"{table}/{name}/{variant.number}")
    return known.get(name) or (unknown if name not in ("referral_id", "thread_id") else None)


_ID = {
    "organization": {org: org for org in ORGS},
    "person": PERSON_OF,
    "member": {org: named(f"member of {org}") for org in ORGS},
}
_PLACE = {
    "referral": {REFERRAL: REFERRAL, ELSEWHERE: ELSEWHERE},
    "thread": {THREAD: THREAD, APART: APART},
}


async def _learn(connection: asyncpg.Connection, found: tuple[Table, ...]) -> None:
    """Tell the law which rows there are, for tests that look at more than one."""
    for table in found:
        held = await connection.fetch(f"select to_jsonb(t)::text as row from lk.{table.name} t")
        words.ROWS[table.name] = [json.loads(row["row"]) for row in held]


def scopes(lookups: dict[str, str]) -> tuple[words.Scope, ...]:
    """List the scopes every table is looked at under; `lookups` are hashes of some rows."""
    scope = words.Scope
    return (
        scope(name="none"),
        scope(name="clinic", org=CLINIC),
        scope(name="pantry", org=PANTRY),
        scope(name="former", org=FORMER),
        scope(name="leaving", org=LEAVING),
        scope(name="stranger", org=STRANGER),
        scope(name="person", person=PERSON_OF[CLINIC]),
        scope(name="clinic's person", org=CLINIC, person=PERSON_OF[CLINIC]),
        scope(name="stranger opening", org=STRANGER, opening=REFERRAL),
        scope(name="opening", opening=REFERRAL),
        scope(name="clinic opening", org=CLINIC, opening=REFERRAL),
        scope(name="clinic opening a thread", org=CLINIC, opening=THREAD),
        scope(name="opening a thread", opening=THREAD),
        scope(name="network", network=True),
        scope(name="network's clinic", org=CLINIC, network=True),
        scope(name="numbering", numbering=True),
        *(scope(name=f"proof of {name}", lookup=value) for name, value in lookups.items()),
        # A visit to a patient's page brings its proof, and works for the organization that texted.
        *(
            scope(name=f"visit at {org}", org=org, lookup=lookups["patient_visit"])
            for org in (CLINIC, PANTRY)
            if "patient_visit" in lookups
        ),
    )
