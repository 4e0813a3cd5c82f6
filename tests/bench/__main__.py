"""`make bench`: P1 to P4 and P8 beside their floors, as a table, in bench/results.json and docs.

`--quick` takes some twenty seconds and shows that the bench works; its figures mean nothing and are
not kept. Everything runs in processes and servers of its own, in a temporary folder.
"""

import argparse
import os
import pickle
import platform
import tempfile
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import asyncpg
import uvloop

from service.clock import real_now
from tests.bench import (
    client,
    cpu,
    figures,
    floor,
    ground,
    journeys,
    mails,
    openings,
    talks,
    throughput,
)
from tests.bench.figures import Figure
from tests.bench.ground import Ground, Network, Size
from tests.bench.progress import Progress
from tests.bench.talks import Talk
from tests.bench.written import Journey

PARTS = ("p1", "p2", "p3", "p4", "p8")
IN_ROUNDS = frozenset({"p1", "p2", "p3"})


def main() -> None:
    """Measure, print, keep; a missed goal is told in the table and fails nothing."""
    asked = _asked()
    size = ground.QUICK if asked.quick else Size()
    smtp_port = ground.free_port()
    load = os.getloadavg()[0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lk-bench-")))
        where = stack.enter_context(ground.ground(folder, smtp_port=smtp_port))
        found = uvloop.run(_measured(where, size, asked.only, smtp_port))
    said = _surroundings(size, load)
    print(f"{said}\n\n{figures.table(found)}")
    if not asked.quick and set(asked.only) == set(PARTS):
        figures.keep(found)
        figures.publish(found, surroundings=said)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke; keeps nothing")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    return parser.parse_args()


async def _measured(where: Ground, size: Size, only: list[str], smtp_port: int) -> list[Figure]:
    progress = Progress(1 + sum(size.rounds if part in IN_ROUNDS else 1 for part in only))
    progress.begin("founding a network")
    async with AsyncExitStack() as stack:
        network = await stack.enter_async_context(ground.network(where, size))
        owner = await asyncpg.connect(where.database_url)
        stack.push_async_callback(owner.close)
        ports = ground.free_port(), ground.free_port()
        web = stack.enter_context(ground.web(where, ports[0]))
        recorded = await _recorded(owner, network, ports[0])
        begun, spoken = await _begun(owner, network, ports[0], size)
        acts = (*(each.journey for each in recorded), *spoken)
        bare = stack.enter_context(_floor(where, acts, ports[1]))
        field = throughput.Field(
            size=size,
            network=network,
            recorded=recorded,
            talks=begun,
            product=throughput.Side(ports[0], web.pid, size.clients),
            floor=throughput.Side(ports[1], bare.pid, size.clients),
            postmaster=cpu.parent(await owner.fetchval("select pg_backend_pid()")),
            progress=progress,
        )
        progress.begin("warming up")
        await throughput.warm(field, owner)
        progress.done()
        found = await _figures(where, field, owner, only=only, smtp_port=smtp_port)
        progress.end()
    return found


async def _figures(
    where: Ground,
    field: throughput.Field,
    owner: asyncpg.Connection,
    *,
    only: list[str],
    smtp_port: int,
) -> list[Figure]:
    found: list[Figure] = []
    if "p1" in only:
        found += await throughput.sends(field)
    if "p2" in only:
        found += await throughput.steps(field)
    if "p3" in only:
        found += await throughput.says(field)
    if "p8" in only:
        found += await _opened(owner, field)
    if "p4" in only:
        log = where.folder / "mails.txt"
        log.touch()
        with _sink(where, smtp_port, log):
            found += await mails.measure(where, field, owner, log)
    return found


async def _recorded(
    owner: asyncpg.Connection, network: Network, port: int
) -> list[journeys.Recorded]:
    async with client.lines(port, count=1) as (line,):
        return await journeys.record(line, owner, network)


async def _begun(
    owner: asyncpg.Connection, network: Network, port: int, size: Size
) -> tuple[list[Talk], list[Journey]]:
    async with client.lines(port, count=size.clients) as lines:
        begun = await talks.begin(owner, network, lines, count=size.talks)
        return begun, await talks.floor_of(owner, lines[0], begun)


async def _opened(owner: asyncpg.Connection, field: throughput.Field) -> list[Figure]:
    """Fill one conversation with the words of several colleagues, and open it."""
    field.progress.begin("P8 opening 50 messages")
    talk, *others = field.talks[-1:] + field.talks[:-1]
    colleagues = [each for each in reversed(others) if each.org_id == talk.org_id][:4]
    async with field.product.lines() as lines:
        await openings.fill(lines[0], talk, colleagues)
        found = await openings.measure(owner, lines[0], talk, rounds=field.size.rounds)
    field.progress.done()
    return found


def _floor(where: Ground, acts: tuple[Journey, ...], port: int) -> ground.Started:
    plan = floor.Plan(where.database_url, port, ground.WEB_POOL, acts)
    file = where.folder / "floor.plan"
    file.write_bytes(pickle.dumps(plan))
    return ground.process(where, "floor", ["-m", "tests.bench.floor", str(file)], port=port)


def _sink(where: Ground, port: int, log: Path) -> ground.Started:
    return ground.process(where, "sink", ["-m", "tests.bench.sink", str(port), str(log)], port=port)


def _surroundings(size: Size, load: float) -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{real_now():%Y-%m-%d}, {cores} cores ({platform.machine()}), CPython"
        f" {platform.python_version()}, PostgreSQL with fsync and synchronous_commit on,"
        f" one web process, {size.clients} connections, medians of {size.rounds} rounds of"
        f" {size.seconds:g} s. Load of the machine before it began: {load:.1f}."
    )


if __name__ == "__main__":
    main()
