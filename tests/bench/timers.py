"""P6: a thousand timers are due among many: how long until clockwork has found and fired them.

Two databases of the real schema, filled by COPY with copies of one real referral, its leg and its
timer: few, and many. Round for round a thousand timers of each are made due, and the clockwork of
the product ticks, as its own role and in its own batches, until all have fired. Beside it, bare SQL
fires as many rows of tables without fences, foreign keys or guard, in one statement.
"""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import msgspec

from service.domain import ids
from service.settings import Settings
from service.store import migrate
from tests import making
from tests.bench import figures
from tests.bench.figures import Figure
from tests.bench.ground import Ground, Size
from tests.bench.throughput import Field
from tests.fixtures import keys as test_keys
from workers import clockwork, desk, guard
from workers.desk import Desk

RATIO_GOAL, RATE_GOAL = 1.5, 5000.0
_FEW, _MANY = "timers_few", "timers_many"
_CLIMBING = 100
_ROWS = {
    "referral": "select * from lk.referral where id = $1",
    "leg": "select * from lk.leg where referral_id = $1",
    "timer": "select * from lk.timer where referral_id = $1 and state = 'armed'",
}
_DUE = """update lk.timer set due_at = lk.now() - interval '1 second', rung = $2,
          late_at = lk.now() + interval '1 day', second_at = lk.now() + interval '2 days'
          where id = any($1)"""
_AHEAD = """update lk.timer set due_at = lk.now() + interval '9 days'
             where state = 'armed' and due_at <= lk.now()"""
_NUDGES = "select count(*) from lk.outbox where kind = 'nudge'"
_BARE = """
with due as (
  select id, referral_id, leg_id, clock, turn_org_id, late_at from floor.timer
   where state = 'armed' and rung < 2 and due_at <= clock_timestamp()
   order by due_at limit $1 for update skip locked
), moved as (
  update floor.timer t set rung = 1, due_at = due.late_at from due where t.id = due.id
  returning t.id
), told as (
  insert into floor.outbox (id, kind, referral_id, leg_id, org_id, code, due_at, next_at,
    created_at)
  select gen_random_uuid(), 'nudge', referral_id, leg_id, turn_org_id, clock, clock_timestamp(),
         clock_timestamp(), clock_timestamp() from due
)
select count(*) from moved"""


class Stand(msgspec.Struct, frozen=True):
    """One database with its timers, the owner's connection to it, and a desk of clockwork's."""

    owner: asyncpg.Connection
    desk: Desk
    guard: guard.Guard
    timers: list[UUID]


class Measured(msgspec.Struct):
    """The seconds of each round, and how many rungs were climbed in one."""

    few: list[float] = msgspec.field(default_factory=list)
    many: list[float] = msgspec.field(default_factory=list)
    bare: list[float] = msgspec.field(default_factory=list)
    climbed: float = 0.0


async def measure(where: Ground, field: Field, owner: asyncpg.Connection) -> list[Figure]:
    """Measure P6: the same number of due timers, among few and among many."""
    field.progress.begin("P6 timers: loading")
    size, found = field.size, Measured()
    referral_id = await _founded(where, owner)
    async with AsyncExitStack() as stack:
        few, many = [
            await stack.enter_async_context(_stand(where, name, referral_id, rows=rows))
            for name, rows in ((_FEW, size.timers_few), (_MANY, size.timers_many))
        ]
        for number in range(size.rounds):
            field.progress.begin("P6 timers fired")
            # In turns first, so that neither always comes when the other has warmed the machine.
            for stand, kept in ((few, found.few), (many, found.many))[:: 1 if number % 2 else -1]:
                kept.append(await _fired(stand, size.timers_due))
            found.bare.append(await _bare(many, size.timers_due))
            field.progress.done()
        found.climbed = await _climbed(many)
    return _figures(size, found)


def _figures(size: Size, found: Measured) -> list[Figure]:
    due = size.timers_due
    among = f"among {size.timers_many:,}, fired (beside: among {size.timers_few:,})"
    many, few = ([1000 * each for each in seconds] for seconds in (found.many, found.few))
    return [
        figures.times(f"P6 {due:,} due {among}", many, few, goal=RATIO_GOAL),
        figures.at_least(
            "P6 timers fired a second (beside: bare SQL)",
            due / statistics.median(found.many),
            beside=due / statistics.median(found.bare),
            goal=RATE_GOAL,
        ),
        figures.told("P6 rungs climbed a second, each looks first", found.climbed, "1/s"),
    ]


async def _founded(where: Ground, owner: asyncpg.Connection) -> UUID:
    """Make both databases, with one network and one sent referral that both begin with."""
    await owner.execute(f"create database {_FEW}")
    url = _url(where, _FEW)
    await migrate.migrate(url, root_key=test_keys.root_key())
    async with making.house(url) as house:
        await house.organization("Coordination", kind="coordination", cco=True)
        clinic = await house.organization("Clinic")
        pantry = await house.organization("Pantry", kind="social_service")
        taken = await house.sent(clinic, [pantry])
    await owner.execute(f"create database {_MANY} template {_FEW}")
    return taken.referral_id


def _url(where: Ground, name: str) -> str:
    parts = urlsplit(where.database_url)
    return urlunsplit(parts._replace(path=f"/{name}"))


@asynccontextmanager
async def _stand(where: Ground, name: str, referral_id: UUID, *, rows: int) -> AsyncIterator[Stand]:
    environment = where.environment | {"DATABASE_URL": _url(where, name)}
    owner = await asyncpg.connect(environment["DATABASE_URL"])
    try:
        timers = await _filled(owner, referral_id, rows=rows)
        async with desk.opened(Settings.read(environment), name="clockwork") as opened:
            yield Stand(owner, opened, guard.Guard(), timers)
    finally:
        await owner.close()


async def _filled(owner: asyncpg.Connection, referral_id: UUID, *, rows: int) -> list[UUID]:
    """Load copies of one referral, and let their timers be due some day; return the timers."""
    one = {name: await _row(owner, sql, referral_id) for name, sql in _ROWS.items()}
    fresh = [(ids.new_id(), ids.new_id(), ids.new_id()) for _ in range(rows)]
    dice = random.Random(rows)
    soon = one["timer"]["due_at"]
    far = [soon + (one["timer"]["final_at"] - soon) * (1 + dice.random()) for _ in range(rows)]
    await _copied(
        owner,
        "referral",
        one,
        [{"id": r, "reference": f"B-{n}"} for n, (r, _, _) in enumerate(fresh)],
    )
    await _copied(owner, "leg", one, [{"id": leg, "referral_id": r} for r, leg, _ in fresh])
    await _copied(
        owner,
        "timer",
        one,
        [
            {"id": t, "referral_id": r, "leg_id": leg, "due_at": at}
            for (r, leg, t), at in zip(fresh, far, strict=True)
        ],
    )
    await owner.execute(_AHEAD)
    await owner.execute("create schema floor")
    for name in ("timer", "outbox"):
        await owner.execute(f"create table floor.{name} (like lk.{name} including all)")
    await owner.execute("insert into floor.timer select * from lk.timer")
    await owner.execute("vacuum analyze")
    return [timer for _, _, timer in fresh]


async def _row(owner: asyncpg.Connection, sql: str, referral_id: UUID) -> dict[str, Any]:
    found = await owner.fetchrow(sql, referral_id)
    assert found is not None
    return dict(found)


async def _copied(
    owner: asyncpg.Connection, table: str, one: dict[str, Any], changed: list[dict[str, Any]]
) -> None:
    columns = list(one[table])
    await owner.copy_records_to_table(
        table,
        schema_name="lk",
        columns=columns,
        records=[tuple((one[table] | each)[name] for name in columns) for each in changed],
    )


async def _fired(stand: Stand, count: int) -> float:
    """Make so many timers due, let clockwork fire them, and return the seconds it took."""
    chosen = random.sample(stand.timers, count)
    await stand.owner.execute(_DUE, chosen, 0)
    before = int(await stand.owner.fetchval(_NUDGES) or 0)
    moved, begun = 0, time.perf_counter()
    while moved < count:
        found = await clockwork.tick(stand.desk, stand.guard)
        if not found:
            raise RuntimeError(f"Clockwork fired {moved} of {count} timers.")
        moved += found
    seconds = time.perf_counter() - begun
    if int(await stand.owner.fetchval(_NUDGES) or 0) - before != count:
        raise RuntimeError("Not every timer that fired told somebody.")
    return seconds


async def _bare(stand: Stand, count: int) -> float:
    chosen = random.sample(stand.timers, count)
    await stand.owner.execute(_DUE.replace("lk.timer", "floor.timer"), chosen, 0)
    begun = time.perf_counter()
    moved = await stand.owner.fetchval(_BARE, count)
    seconds = time.perf_counter() - begun
    if moved != count:
        raise RuntimeError(f"Bare SQL fired {moved} of {count} timers.")
    return seconds


async def _climbed(stand: Stand) -> float:
    """Return how many timers a second climb a rung, one transaction each."""
    chosen = random.sample(stand.timers, min(_CLIMBING, len(stand.timers)))
    await stand.owner.execute(_DUE, chosen, 2)
    begun, moved = time.perf_counter(), 0
    while moved < len(chosen):
        moved += await clockwork.tick(stand.desk, stand.guard)
        await asyncio.sleep(0)
    return len(chosen) / (time.perf_counter() - begun)
