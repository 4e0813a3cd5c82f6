"""What somebody with all power over the database might do to the record, short of the root key.

Each edit takes a hand (a superuser's connection), dice, and does one thing that leaves the database
different; it answers with words for the test's message.
"""

import random
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from service.store import record_reading
from tests.store import forging

Edit = Callable[[asyncpg.Connection, random.Random], Awaitable[str]]

COLUMNS = """select column_name as name, data_type as kind from information_schema.columns
  where table_schema = 'lk' and table_name = $1 order by ordinal_position"""
OTHER = {
    "uuid": "gen_random_uuid()",
    "text": "coalesce({0}, '') || 'x'",
    "timestamp with time zone": "{0} + interval '1 microsecond'",
    "jsonb": "{0} || '{{\"more\": 1}}'",
    "xid8": "'18446744073709551615'::xid8",
    "bigint": "{0} + 1000000",
    "integer": "{0} + 1",
    "bytea": "coalesce({0}, '') || '\\x00'",
}
"""Another value of each type."""


async def _one(hand: asyncpg.Connection, dice: random.Random, table: str) -> str:
    found = await hand.fetch(f"select ctid::text from lk.{table} order by ctid")
    return str(dice.choice(found)["ctid"])


def column_of(table: str) -> Edit:
    """Change, or empty, any column of any row of a table."""

    async def edit(hand: asyncpg.Connection, dice: random.Random) -> str:
        column = dice.choice(await hand.fetch(COLUMNS, table))
        name, other = f'"{column["name"]}"', OTHER[column["kind"]]
        if name == '"outcome"':
            other = "case outcome when 'done' then 'denied' else 'done' end"
        row = await _one(hand, dice, table)
        nullable = dice.random() < 0.3 and await hand.fetchval(
            "select not attnotnull from pg_attribute"
            " where attrelid = $1::regclass and attname = $2",
            f"lk.{table}",
            column["name"],
        )
        there = await hand.fetchval(
            f"select {name} is not null from lk.{table} where ctid = '{row}'"
        )
        value = "null" if nullable and there else other.format(name)
        done = await hand.execute(f"update lk.{table} set {name} = {value} where ctid = '{row}'")
        assert done == "UPDATE 1"
        return f"{table}.{column['name']} of {row} became {value}"

    return edit


def row_of(*tables: str) -> Edit:
    """Delete a row, and with further tables what belongs to it there."""

    async def edit(hand: asyncpg.Connection, dice: random.Random) -> str:
        row = await _one(hand, dice, tables[0])
        if tables == ("audit", "audit_leaf"):
            await hand.execute(
                "delete from lk.audit_leaf where audit_id ="
                f" (select id from lk.audit where ctid = '{row}')"
            )
        assert await hand.execute(f"delete from lk.{tables[0]} where ctid = '{row}'") == "DELETE 1"
        return f"{row} of {tables} is gone"

    return edit


async def _log(hand: asyncpg.Connection, dice: random.Random, *, least: int = 2) -> Any:
    logs = await hand.fetch(
        "select log_id, max(seq) as size from lk.audit_leaf group by log_id"
        " having count(*) >= $1 order by log_id",
        least,
    )
    return dice.choice(logs)


async def close_up(hand: asyncpg.Connection, dice: random.Random) -> str:
    """Delete a line with its number, and close up the numbers behind it."""
    log = await _log(hand, dice)
    seq = dice.randint(1, log["size"])
    await hand.execute(
        "delete from lk.audit where id = (select audit_id from lk.audit_leaf"
        " where log_id = $1 and seq = $2)",
        log["log_id"],
        seq,
    )
    await hand.execute(
        "delete from lk.audit_leaf where log_id = $1 and seq = $2", log["log_id"], seq
    )
    await _shift(hand, log["log_id"], seq, by=-1)
    return f"line {seq} of {log} is gone, the others moved up"


async def _shift(hand: asyncpg.Connection, log_id: Any, seq: int, *, by: int) -> None:
    # Two moves: one would meet numbers that are still taken.
    await hand.execute(
        "update lk.audit_leaf set seq = seq + 1000000 where log_id = $1 and seq >= $2", log_id, seq
    )
    await hand.execute(
        "update lk.audit_leaf set seq = seq - 1000000 + $2 where log_id = $1 and seq >= 1000000",
        log_id,
        by,
    )


async def reorder(hand: asyncpg.Connection, dice: random.Random) -> str:
    """Let two lines of a log change places, each with its own leaf."""
    log = await _log(hand, dice)
    one, other = dice.sample(range(1, log["size"] + 1), 2)
    swapped = (
        "update lk.audit_leaf set seq = case seq when $2::bigint then $3::bigint"
        " when $3 then $2 else -seq end where log_id = $1 and seq in ($2, $3)"
    )
    await hand.execute("alter table lk.audit_leaf drop constraint audit_leaf_pkey")
    await hand.execute(swapped, log["log_id"], one, other)
    return f"{one} and {other} of {log} changed places"


async def cut(hand: asyncpg.Connection, dice: random.Random) -> str:
    """Cut off the end of a log: its lines, or its lines with their numbers."""
    log = await _log(hand, dice)
    seq, numbers = dice.randint(1, log["size"]), dice.random() < 0.5
    await hand.execute(
        "delete from lk.audit where id in (select audit_id from lk.audit_leaf"
        " where log_id = $1 and seq >= $2)",
        log["log_id"],
        seq,
    )
    if numbers:
        await hand.execute(
            "delete from lk.audit_leaf where log_id = $1 and seq >= $2", log["log_id"], seq
        )
    return f"{log} was cut at {seq}, numbers too: {numbers}"


async def cut_with_checkpoints(hand: asyncpg.Connection, dice: random.Random) -> str:
    """Cut off everything since a checkpoint, and every trace of it inside the database."""
    last = await hand.fetchval("select max(number) from lk.audit_checkpoint")
    number = dice.randint(1, last)
    await hand.execute("delete from lk.audit_checkpoint where number >= $1", number)
    await hand.execute("delete from lk.audit_head where number >= $1", number)
    await hand.execute(
        "with gone as (delete from lk.audit_leaf l where l.seq > coalesce((select max(size)"
        " from lk.audit_head h where h.log_id = l.log_id), 0) returning audit_id)"
        " delete from lk.audit where id in (select audit_id from gone)"
    )
    return f"everything from checkpoint {number} on was cut off"


async def exchange(hand: asyncpg.Connection, dice: random.Random) -> str:
    """Let two organizations exchange lines: the lines themselves, their numbers, or whole logs."""
    one, other = dice.sample(
        await hand.fetch("select distinct log_id as id from lk.audit_leaf order by log_id"), 2
    )
    how = dice.choice(["organizations", "numbers", "logs"])
    if how == "organizations":
        statement = (
            "update lk.audit set org_id = case id when {0} then {3} else {2} end"
            " where id in ({0}, {1})"
        )
    elif how == "numbers":
        await hand.execute("alter table lk.audit_leaf drop constraint audit_leaf_audit_id_key")
        statement = (
            "update lk.audit_leaf set audit_id = case audit_id when {0} then {1} else {0} end"
            " where audit_id in ({0}, {1})"
        )
    else:
        await hand.execute("alter table lk.audit_leaf drop constraint audit_leaf_pkey")
        statement = (
            "update lk.audit_leaf set log_id = case log_id when '{4}'::uuid then '{5}'::uuid"
            " else '{4}'::uuid end where log_id in ('{4}', '{5}')"
        )
    lines = [
        await hand.fetchval(
            "select audit_id from lk.audit_leaf where log_id = $1 order by seq limit 1", log["id"]
        )
        for log in (one, other)
    ]
    ids = [f"'{line}'::uuid" for line in lines]
    owners = [f"(select org_id from lk.audit where id = {line})" for line in ids]
    await hand.execute(statement.format(*ids, *owners, one["id"], other["id"]))
    return f"{how} of {one['id']} and {other['id']} were exchanged"


async def insert(hand: asyncpg.Connection, dice: random.Random) -> str:
    """Put a line of one's own between two others, or at the end, with a number and its own leaf."""
    log = await _log(hand, dice)
    log_id, seq = log["log_id"], dice.randint(1, log["size"] + 1)
    made = await hand.fetchval(
        "insert into lk.audit (id, org_id, at, actor_kind, action) values (gen_random_uuid(),"
        " nullif($1, '00000000-0000-0000-0000-000000000000'::uuid), lk.now(), 'member', 'x')"
        " returning id",
        log_id,
    )
    await _shift(hand, log_id, seq, by=1)
    await hand.execute(
        "insert into lk.audit_leaf values ($1, $2, $3, '\\x00', null)", log_id, seq, made
    )
    async for page in record_reading.lines(hand, log_id):
        for line in page:
            if line.seq == seq:
                await hand.execute(
                    "update lk.audit_leaf set leaf_hash = $2 where audit_id = $1", made, line.leaf
                )
    return f"a line was put in as {seq} of {log}"


async def forge(hand: asyncpg.Connection, dice: random.Random) -> str:
    """Change a line and make everything fit again: leaves, nodes, heads, their ways, the chain.

    All but the signatures; those are left, or made with a key of the forger's own.
    """
    row = await _one(hand, dice, "audit")
    await hand.execute(f"update lk.audit set action = action || '.x' where ctid = '{row}'")
    await forging.grow_again(hand)
    await forging.chain_again(hand, forger=dice.random() < 0.5)
    return f"the action of {row} was changed, and everything beside it made to fit"


EDITS: tuple[tuple[Edit, int], ...] = (
    (column_of("audit"), 10),
    (column_of("audit_leaf"), 3),
    (column_of("audit_head"), 2),
    (column_of("audit_checkpoint"), 3),
    (row_of("audit"), 2),
    (row_of("audit_leaf"), 1),
    (row_of("audit", "audit_leaf"), 2),
    (row_of("audit_head"), 1),
    (row_of("audit_checkpoint"), 1),
    (close_up, 3),
    (reorder, 3),
    (insert, 3),
    (cut, 3),
    (cut_with_checkpoints, 2),
    (exchange, 3),
    (forge, 1),
)
"""Every kind of edit, and how often it is drawn."""
