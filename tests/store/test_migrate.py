"""A database is brought forward, never back, by the root key it was made with, and only once."""

import asyncio

import asyncpg
import pytest

from crypto import root
from service.domain import leg, referral
from service.store import migrate
from tests.fixtures import keys

NAMES = [each.name for each in migrate.migrations()]


async def rules_of(url: str, where: str = "retired_at is null") -> dict[tuple[str, ...], tuple]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(f"select * from lk.rule where {where}")
    await connection.close()
    key = ("machine", "from_state", "step", "party", "becomes")
    return {
        tuple(row[name] for name in key): (row["rule_id"], row["conditions"], row["needs"])
        for row in rows
    }


async def execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def passwords(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "select rolpassword from pg_authid where rolname like 'lk_%' order by rolname"
    )
    await connection.close()
    return [row["rolpassword"] for row in rows]


async def test_a_second_run_does_nothing(empty_database: str) -> None:
    assert await migrate.pending(empty_database) == NAMES
    assert await migrate.migrate(empty_database, root_key=keys.root_key()) == NAMES
    assert await migrate.pending(empty_database) == []
    assert await migrate.migrate(empty_database, root_key=keys.root_key()) == []


async def test_two_at_once_apply_each_file_once(empty_database: str) -> None:
    runs = [migrate.migrate(empty_database, root_key=keys.root_key()) for _ in range(2)]
    assert sorted(await asyncio.gather(*runs)) == [[], NAMES]


async def test_a_file_that_ran_is_never_changed(fresh_database: str) -> None:
    await execute(fresh_database, "update lk.schema_migration set checksum = 'other'")
    with pytest.raises(migrate.ChangedMigration):
        await migrate.pending(fresh_database)
    with pytest.raises(migrate.ChangedMigration):
        await migrate.migrate(fresh_database, root_key=keys.root_key())


async def test_a_newer_schema_is_not_touched(fresh_database: str) -> None:
    await execute(
        fresh_database, "insert into lk.schema_migration values ('9999_later.sql', 'x', now())"
    )
    with pytest.raises(migrate.NewerSchema):
        await migrate.migrate(fresh_database, root_key=keys.root_key())


async def test_the_rules_of_the_table_are_the_rules_of_the_code(fresh_database: str) -> None:
    ours = {
        tuple(str(part) for part in rule.key): (rule.id, sorted(rule.when), list(rule.needs))
        for rule in (*leg.LEG_RULES, *referral.REFERRAL_RULES)
    }
    assert await rules_of(fresh_database) == ours


async def test_a_rule_the_code_dropped_is_retired_and_one_it_took_up_again_is_not(
    fresh_database: str,
) -> None:
    await execute(
        fresh_database,
        "insert into lk.rule values ('leg', 'sent', 'vanish', 'CLOCK', 'cancelled', 'L99')",
        "update lk.rule set retired_at = now() where rule_id = 'L05'",
    )
    await migrate.migrate(fresh_database, root_key=keys.root_key())
    retired = await rules_of(fresh_database, "retired_at is not null")
    assert list(retired) == [("leg", "sent", "vanish", "CLOCK", "cancelled")]


async def test_another_root_key_does_not_open_this_database(fresh_database: str) -> None:
    before = await passwords(fresh_database)
    with pytest.raises(migrate.WrongRootKey):
        await migrate.migrate(fresh_database, root_key=root.RootKey(bytes(32)))
    # They are derived from the root key: a wrong one must not lock the running service out.
    assert await passwords(fresh_database) == before


async def test_the_clock_moves_only_where_it_was_allowed_to(empty_database: str) -> None:
    for movable in (False, True):
        await migrate.migrate(empty_database, root_key=keys.root_key(), movable_clock=movable)
        connection = await asyncpg.connect(empty_database)
        assert await connection.fetchval("select writable from lk.clock_offset") is movable
        await connection.close()
