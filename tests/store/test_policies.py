"""Every policy of row security, taken away and widened in turn: each time the law is broken.

`tests.store.fences.law` says who may do what to which rows; PostgreSQL is asked for every role,
scope and command. A policy whose absence nothing shows is superfluous, or nobody tested it.
"""

from collections.abc import AsyncIterator

import asyncpg
import msgspec
import pytest

from tests.fixtures import databases
from tests.fixtures.servers import Run
from tests.store.fences import law, probes, town
from tests.store.fences.function import FUNCTION
from tests.store.fences.probes import Probe

pytestmark = pytest.mark.anyio

Connection = asyncpg.Connection


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy as the catalog has it."""

    table: str
    name: str
    roles: frozenset[str]
    using: str | None
    check: str | None

    @property
    def is_open(self) -> bool:
        """Whether it is as wide as it can be."""
        return {self.using, self.check} <= {"true", None}


class Ground(msgspec.Struct, kw_only=True):
    """A database full of rows, the questions about each table, and its policies."""

    connection: Connection
    probes: dict[str, Probe]
    policies: tuple[Policy, ...]


@pytest.fixture(scope="module")
async def ground(run: Run, template: str, worker_id: str) -> AsyncIterator[Ground]:
    """The town of the fences; every test rolls back what it does to it."""
    name = f"{run.name}_{worker_id}_fences_{next(databases.numbers)}"
    connection = await asyncpg.connect(databases.clone(run, name, template=template))
    found = await town.fill(connection)
    await connection.execute(FUNCTION)
    lookups = {
        table: await connection.fetchval(f"select {column}::text from lk.{table} limit 1")
        for table, column in (
            ("session", "secret_hash"),
            ("patient_visit", "session_hash"),
            ("api_key", "secret_hash"),
            ("person_login", "token"),
        )
    }
    asked = {
        table.name: await probes.prepare(connection, table, lookups)
        for table in found
        if table.name in law.LAW
    }
    rows = await connection.fetch(
        "select tablename, policyname, roles::text[], qual, with_check from pg_policies"
        " where schemaname = 'lk' order by 1, 2"
    )
    yield Ground(
        connection=connection,
        probes=asked,
        policies=tuple(
            Policy(
                table=row["tablename"],
                name=row["policyname"],
                roles=frozenset(row["roles"]),
                using=row["qual"],
                check=row["with_check"],
            )
            for row in rows
        ),
    )
    await connection.close()
    databases.drop(run, name)


async def _breaks(
    ground: Ground, table: str, statement: str, *, roles: frozenset[str] = frozenset(probes.ROLES)
) -> bool:
    """Do something to a table's fences, ask until somebody notices, and undo it."""
    transaction = ground.connection.transaction()
    await transaction.start()
    try:
        await ground.connection.execute(statement)
        for part in ground.probes[table].parts(roles, size=6):
            if await probes.mismatches(ground.connection, part):
                return True
        return False
    finally:
        await transaction.rollback()


async def test_every_table_has_its_law(ground: Ground) -> None:
    # From the catalog, so that a table nobody fenced is missed, too.
    rows = await ground.connection.fetch("select tablename from pg_tables where schemaname = 'lk'")
    tables = {row["tablename"] for row in rows}
    missing = [
        f"Nobody said who may see {table}: add a row to LAW in tests/store/fences/law.py, from the"
        " design's words and not from the migration."
        for table in sorted(tables - law.LAW.keys())
    ]
    gone = [f"{table} is no table any more." for table in sorted(law.LAW.keys() - tables)]
    assert missing + gone == []


_WHOSE = ("org_id", "patient_id", "person_id", "member_id", "referral_id", "thread_id", "leg_id")


async def test_what_is_somebodys_or_sealed_is_open_to_nobody_at_large(ground: Ground) -> None:
    # The law is written by hand, and could say it wrong: here a row's own columns say it.
    rows = await ground.connection.fetch(
        "select distinct table_name from information_schema.columns where table_schema = 'lk'"
        " and (column_name = any($1) or column_name ~ '(^|_)sealed$')",
        _WHOSE,
    )
    kept = {row["table_name"] for row in rows}
    at_large = {
        policy.table
        for policy in ground.policies
        if policy.using == "true" and policy.roles & {"lk_web", "public"}
    }
    assert len(kept) > 40
    assert kept & at_large == set()
    assert [table for table in kept if not ground.probes[table].hides] == []


async def test_postgresql_says_of_every_row_what_the_law_says(ground: Ground) -> None:
    wrong: list[str] = []
    for probe in ground.probes.values():
        wrong += await probes.mismatches(ground.connection, probe)
    assert wrong == [], "\n".join(wrong[:40])
    asked = sum(
        len(case.tries) + (case.select is not None)
        for probe in ground.probes.values()
        for case in probe.cases
    )
    assert asked > 10_000


async def test_without_any_one_policy_the_law_is_broken(ground: Ground) -> None:
    unseen = [
        f"{policy.name} on {policy.table}"
        for policy in ground.policies
        if not await _breaks(
            ground,
            policy.table,
            f"drop policy {policy.name} on lk.{policy.table}",
            roles=policy.roles,
        )
    ]
    assert len(ground.policies) > 200
    assert unseen == [], "Superfluous, or nobody looks: " + ", ".join(unseen)


async def test_any_one_policy_made_wider_breaks_the_law(ground: Ground) -> None:
    unseen = []
    for policy in ground.policies:
        # The clock of the tests may be moved; that another may not has a test of its own below.
        if policy.is_open or policy.name == "clock_offset_move":
            continue
        using = "using (true)" if policy.using is not None else ""
        check = "with check (true)" if policy.check is not None else ""
        wide = f"alter policy {policy.name} on lk.{policy.table} {using} {check}"
        if not await _breaks(ground, policy.table, wide, roles=policy.roles):
            unseen.append(f"{policy.name} on {policy.table}")
    assert unseen == [], "Nothing shows that these hold: " + ", ".join(unseen)


async def test_a_table_without_row_security_is_noticed(ground: Ground) -> None:
    unseen = [
        table
        for table, probe in ground.probes.items()
        if probe.hides
        and not await _breaks(ground, table, f"alter table lk.{table} disable row level security")
    ]
    assert unseen == []


async def test_a_clock_that_is_not_for_moving_stands_still_by_its_policy(ground: Ground) -> None:
    table = ground.probes["clock_offset"].table
    transaction = ground.connection.transaction()
    await transaction.start()
    try:
        await ground.connection.execute("update lk.clock_offset set writable = false")
        probe = await probes.prepare(ground.connection, table, {})
        assert await probes.mismatches(ground.connection, probe) == []
        await ground.connection.execute(
            "alter policy clock_offset_move on lk.clock_offset using (true) with check (true)"
        )
        assert await probes.mismatches(ground.connection, probe) != []
    finally:
        await transaction.rollback()
