"""A sealer that is killed in the middle of a batch: what it had begun is as if it never was."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest

from crypto import checkpoint
from service.actions import verify_record
from service.actions.verify_record import Outside, Report
from tests import making
from tests.cli.test_commands import settings
from tests.shape.sources import ROOT

__all__ = ["settings"]

LINES = 700
INSERTED = """insert into lk.audit (id, org_id, at, actor_kind, action, outcome, detail)
  select gen_random_uuid(), case when n % 3 = 0 then null else ($2::uuid[])[1 + n % 2] end,
         lk.now(), 'system', 'referral.list', 'done', '{}'
    from generate_series(1, $1) n"""
HELD = """select count(*) from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and backend_xid is not null"""
GONE = """select count(*) from pg_stat_activity
  where datname = current_database() and usename like '%worker%'"""
UNSEALED = """select count(*) from lk.audit a
  where not exists (select from lk.audit_leaf l where l.audit_id = a.id)"""


@contextmanager
def sealer(environ: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a sealer as an operator does, and kill it at the end if nobody did."""
    process = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "work", "sealer"],
        env={"PATH": "/usr/bin:/bin", **environ},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def until(hand: asyncpg.Connection, statement: str, wanted: int) -> None:
    end = time.monotonic() + 60
    while await hand.fetchval(statement) != wanted:
        assert time.monotonic() < end, statement
        await asyncio.sleep(0.01)


async def state(hand: asyncpg.Connection) -> list[Any]:
    """Tell all that a sealer writes."""
    return [
        await hand.fetch(f"select * from lk.{table} order by 1, 2")
        for table in ("audit_leaf", "audit_checkpoint", "audit_head", "audit_position")
    ]


async def verified(database_url: str) -> Report:
    async with making.house(database_url) as house:
        publics = await house.keys.checkpoint_keys()
        keys = dict(checkpoint.read_key(checkpoint.key_line(*pair)) for pair in publics.items())
        return await verify_record.verify_record(house.check, Outside(keys=keys))


@pytest.fixture
async def hands(fresh_database: str, settings: Mapping[str, str]):
    """Two connections of the owner: one that looks, and one that holds a table."""
    two = [await asyncpg.connect(fresh_database) for _ in range(2)]
    yield two
    for hand in two:
        await hand.close()


@pytest.mark.parametrize("at", ["audit_leaf", "audit_checkpoint", "audit_head", "audit_position"])
async def test_a_batch_whose_sealer_is_killed_is_sealed_once_by_the_next(
    hands: list[asyncpg.Connection], settings: Mapping[str, str], fresh_database: str, at: str
) -> None:
    hand, holder = hands
    async with making.house(fresh_database) as house:
        logs = [(await house.organization(name)).id for name in ("One", "Other")]
    await hand.execute(INSERTED, LINES, logs)
    with sealer(settings):
        await until(hand, UNSEALED, 0)
    await hand.execute(INSERTED, LINES, logs)
    before = await state(hand)
    holding = holder.transaction()
    await holding.start()
    # Nobody writes this table now: the sealer comes as far as it and waits.
    await holder.execute(f"lock table lk.{at} in exclusive mode")
    with sealer(settings) as process:
        await until(hand, HELD.replace("and backend_xid is not null", _begun(at)), 1)
        process.send_signal(signal.SIGKILL)
        process.wait()
    await holding.rollback()
    await until(hand, GONE, 0)
    assert await state(hand) == before
    assert await hand.fetchval(UNSEALED) == LINES
    with sealer(settings):
        await until(hand, UNSEALED, 0)
    assert await hand.fetchval("select count(*) from lk.audit") == await hand.fetchval(
        "select count(distinct audit_id) from lk.audit_leaf"
    )
    gaps = (
        "select log_id from lk.audit_leaf group by 1 having count(*) <> max(seq) or min(seq) <> 1"
    )
    assert await hand.fetch(gaps) == []
    report = await verified(fresh_database)
    assert report.found == ()
    assert report.lines >= 2 * LINES


def _begun(at: str) -> str:
    # Before its first table a batch has written nothing.
    return "" if at == "audit_leaf" else "and backend_xid is not null"


async def test_killed_at_any_moment_again_and_again_it_loses_and_doubles_nothing(
    hands: list[asyncpg.Connection], settings: Mapping[str, str], fresh_database: str
) -> None:
    hand, _ = hands
    async with making.house(fresh_database) as house:
        logs = [(await house.organization(name)).id for name in ("One", "Other")]
    cut = 0
    for _ in range(6):
        await hand.execute(INSERTED, 12_000, logs)
        with sealer(settings) as process:
            # Somewhere in one of its batches, which take a few hundred milliseconds each.
            await until(hand, HELD.replace("wait_event_type = 'Lock' and", ""), 1)
            await asyncio.sleep(0.03 * cut)
            process.send_signal(signal.SIGKILL)
            process.wait()
        await until(hand, GONE, 0)
        cut += await hand.fetchval(UNSEALED) > 0
    assert cut
    with sealer(settings):
        await until(hand, UNSEALED, 0)
    report = await verified(fresh_database)
    assert report.found == ()
    assert report.lines == await hand.fetchval("select count(*) from lk.audit")
    assert report.lines >= 72_000
