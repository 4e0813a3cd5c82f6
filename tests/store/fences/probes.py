"""What PostgreSQL says: which rows of a table each role and scope sees and may write.

One call a table: a function in the session's own schema takes on each role in turn, tries every
statement, and undoes it by an exception that carries what was found.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import msgspec

from tests.store.fences.asking import Asked, allowed, blindly, fences_of
from tests.store.fences.town import Table, scopes
from tests.store.fences.words import Fence, Row, Scope

COMMANDS = ("insert", "update", "delete")
ROLES = ("lk_web", "lk_worker", "lk_check", "lk_keys", "lk_owner")
_SCOPED = frozenset({"lk_web", "lk_worker"})
"""The roles for whom a scope makes a difference; the others are looked at under two."""

_FEW = 10
_PROOFS = ("secret_hash", "token", "credential_hash", "challenge_hash")


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that writes, what it is, and on how many rows the law lets it work."""

    what: str
    statement: str
    works_on: int


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One role under one scope at one table: what is tried, and what the law says of it."""

    role: str
    scope: Scope
    select: str | None
    sees: frozenset[str]
    tries: tuple[Try, ...]


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is asked about one table; `hides` where somebody is kept from something."""

    table: Table
    cases: tuple[Case, ...]
    hides: bool

    def parts(self, roles: frozenset[str], *, size: int) -> Iterator["Probe"]:
        """Split what is asked of some roles, so that asking can end at the first surprise."""
        cases = [case for case in self.cases if case.role in roles]
        for start in range(0, len(cases), size):
            yield msgspec.structs.replace(self, cases=tuple(cases[start : start + size]))

    def question(self) -> str:
        """Spell the cases for the function."""
        return json.dumps(
            [
                {
                    "role": case.role,
                    "settings": case.scope.settings(),
                    "select": case.select,
                    "tries": [each.statement for each in case.tries],
                }
                for case in self.cases
            ]
        )


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A table with its rows and its law, about to be asked about."""

    table: Table
    fences: tuple[Fence, ...]
    rows: dict[str, Row]
    scopes: tuple[Scope, ...]
    plain: dict[str, str]
    """Columns that a statement may set to one value everywhere, with that value."""

    def telling(self) -> tuple[str, ...]:
        """Choose rows to write to: one of each kind the law tells apart."""
        kinds: dict[tuple[bool, ...], str] = {}
        for key, row in self.rows.items():
            kind = tuple(
                allowed(self.fences, Asked(role=role, command=command, scope=scope), row)
                for role in sorted(_SCOPED)
                for command in ("select", *COMMANDS)
                for scope in self.scopes
            )
            kinds.setdefault(kind, key)
        return tuple(kinds.values())[:_FEW]


async def prepare(connection: asyncpg.Connection, table: Table, lookups: dict[str, str]) -> Probe:
    """Read a table's rows and work out from the law what each role and scope should find."""
    found = await connection.fetch(
        f"select {table.key_text} as key, to_jsonb(t)::text as row from lk.{table.name} t"
    )
    rows = {row["key"]: json.loads(row["row"]) for row in found}
    mine = {
        f"{table.name}.{column}": next(iter(rows.values()))[column]
        for column in _PROOFS
        if any(each.name == column for each in table.columns)
    }
    ask = Ask(
        table=table,
        fences=fences_of(table.name),
        rows=rows,
        scopes=scopes(lookups | mine),
        plain=await _plain(connection, table),
    )
    tried = ask.telling()
    cases: list[Case] = []
    for role in ROLES:
        may = await _granted(connection, table, role)
        every = ask.scopes if role in _SCOPED else ask.scopes[:2]
        cases += [_case(ask, role, scope, may=may, tried=tried) for scope in every]
    return Probe(table=table, cases=tuple(cases), hides=_hides(ask, cases))


def _hides(ask: Ask, cases: list[Case]) -> bool:
    everything = frozenset(ask.rows)
    return any(
        (case.select is not None and case.sees != everything)
        or any(not each.works_on for each in case.tries)
        for case in cases
    )


async def _plain(connection: asyncpg.Connection, table: Table) -> dict[str, str]:
    """Find the columns no key, check or fence hangs on, by setting each to one value."""
    found: dict[str, str] = {}
    for column in table.columns:
        if column.made or column.name in table.key or _FENCED.search(column.name):
            continue
        value = await connection.fetchval(
            f"select quote_nullable({column.name}::text) from lk.{table.name} limit 1"
        )
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(
                f"update lk.{table.name} set {column.name} = {value}::{column.type}"
            )
            found[column.name] = f"{value}::{column.type}"
        except asyncpg.IntegrityConstraintViolationError:
            pass
        finally:
            await transaction.rollback()
    return found


_FENCED = re.compile(r"(^|_)id$|_hash$|_token$|^(seq|writable|expires_at|created_at|released_at)$")
"""Columns that a policy may look at."""


def _case(
    ask: Ask, role: str, scope: Scope, *, may: dict[str, list[str]], tried: tuple[str, ...]
) -> Case:
    name = ask.table.name
    named = set(ask.table.key) <= set(may["select"])
    tries: list[Try] = []
    for command in COMMANDS:
        if not may[command]:
            continue
        asked = Asked(role=role, command=command, scope=scope)
        blind = _blind(ask, command, may=may)
        if blind is not None:
            works = sum(blindly(ask.fences, asked, row) for row in ask.rows.values())
            refused = any(_becomes_wrong(ask, asked, row) for row in ask.rows.values())
            tries.append(
                Try(what=f"{command} all", statement=blind, works_on=0 if refused else works)
            )
        if command == "insert" or named:
            tries += [
                Try(
                    what=f"{command} {key}",
                    statement=_statement(ask, command, key, may=may),
                    works_on=int(allowed(ask.fences, asked, ask.rows[key])),
                )
                for key in tried
            ]
    return Case(
        role=role,
        scope=scope,
        select=f"select jsonb_agg({ask.table.key_text}) from lk.{name}" if named else None,
        sees=frozenset(
            key
            for key, row in ask.rows.items()
            if named and allowed(ask.fences, Asked(role=role, command="select", scope=scope), row)
        ),
        tries=tuple(tries),
    )


def _becomes_wrong(ask: Ask, asked: Asked, row: Row) -> bool:
    """Say whether a row may be touched but not be written as it is: that fails the statement."""
    touched = any(
        each.using(row, asked.scope)
        for each in ask.fences
        if asked.role in each.roles and asked.command in each.commands
    )
    return touched and not blindly(ask.fences, asked, row)


def _blind(ask: Ask, command: str, *, may: dict[str, list[str]]) -> str | None:
    """Spell the statement that forgot its WHERE; it reads nothing, so seeing is no help."""
    if command == "delete":
        return f"delete from lk.{ask.table.name}"
    column = next((each for each in may["update"] if each in ask.plain), None)
    if command != "update" or column is None:
        return None
    return f"update lk.{ask.table.name} set {column} = {ask.plain[column]}"


def _statement(ask: Ask, command: str, key: str, *, may: dict[str, list[str]]) -> str:
    table = ask.table
    if command == "insert":
        names = ", ".join(each.name for each in table.columns if not each.made)
        record = json.dumps(ask.rows[key]).replace("'", "''")
        return (
            f"insert into lk.{table.name} ({names}) select {names}"
            f" from jsonb_populate_record(null::lk.{table.name}, '{record}')"
        )
    which = f"where {table.key_text} = '{key}'"
    if command == "delete":
        return f"delete from lk.{table.name} {which}"
    read = [each for each in may["update"] if each in may["select"]]
    if read:
        return f"update lk.{table.name} set {read[0]} = {read[0]} {which}"
    column = next(each for each in may["update"] if each in ask.plain)
    return f"update lk.{table.name} set {column} = {ask.plain[column]} {which}"


async def _granted(connection: asyncpg.Connection, table: Table, role: str) -> dict[str, list[str]]:
    """Say what a role may do at all, column by column; a whole-table right is every column."""
    columns = [each.name for each in table.columns]
    may: dict[str, list[str]] = {}
    for command in ("insert", "delete"):
        whole = "select has_table_privilege($1, $2, $3)"
        given = await connection.fetchval(whole, role, f"lk.{table.name}", command)
        may[command] = columns if given else []
    for command in ("select", "update"):
        each = (
            "select coalesce(array_agg(a order by n), '{}') from unnest($4::text[]) with ordinality"
            " as t(a, n) where has_column_privilege($1, $2, a, $3)"
        )
        found = await connection.fetchval(each, role, f"lk.{table.name}", command, columns)
        may[command] = list(found or [])
    return may


async def mismatches(connection: asyncpg.Connection, probe: Probe) -> list[str]:
    """Ask PostgreSQL and list what it says otherwise than the law."""
    answer: Any = await connection.fetchval("select pg_temp.probe($1)::text", probe.question())
    wrong: list[str] = []
    for case, told in zip(probe.cases, json.loads(answer), strict=True):
        where = f"{case.role} under `{case.scope.name}` at {probe.table.name}"
        seen = frozenset(told["seen"])
        wrong += [f"{where} sees {key}" for key in seen - case.sees]
        wrong += [f"{where} does not see {key}" for key in case.sees - seen]
        wrong += [
            f"{where}: {each.what} works on {count} rows, not {each.works_on}"
            for each, count in zip(case.tries, told["did"], strict=True)
            if count != each.works_on
        ]
    return wrong
