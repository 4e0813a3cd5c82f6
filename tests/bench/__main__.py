"""`make bench`: pages, P1 to P4, P6 and P8 beside floors: a table, bench/results.json and docs.

`--quick` takes a minute and shows that the bench works; its figures mean nothing and are
not kept. Everything runs in processes and servers of its own, in a temporary folder.
"""

import argparse
import os
import pickle
import platform
import tempfile
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import uvloop

from service.clock import real_now
from tests.bench import (
    client,
    conversations,
    cpu,
    figures,
    floor,
    ground,
    journeys,
    mails,
    openings,
    pages,
    throughput,
    timers,
    written,
)
from tests.bench.figures import Figure
from tests.bench.ground import Ground, Network, Size
from tests.bench.progress import Progress
from tests.bench.written import Journey
from tests.channels import sms_server


def main() -> None:
    """Measure, print, keep; a missed goal is told in the table and fails nothing."""
    asked = _asked()
    size = ground.QUICK if asked.quick else Size()
    smtp_port = ground.free_port()
    load = os.getloadavg()[0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lk-bench-")))
        where = stack.enter_context(ground.ground(folder, smtp_port=smtp_port))
        found = uvloop.run(_measured(where, size, asked.only))
    said = _surroundings(size, load)
    print(f"{said}\n\n{figures.table(found)}")
    if not asked.quick and set(asked.only) == set(_PARTS):
        figures.keep(found)
        figures.publish(found, surroundings=said)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke; keeps nothing")
    parser.add_argument("--only", nargs="+", choices=_PARTS, default=list(_PARTS))
    return parser.parse_args()


async def _measured(where: Ground, size: Size, only: list[str]) -> list[Figure]:
    progress = Progress(1 + sum(1 if part == "p4" else size.rounds for part in only))
    progress.begin("founding a network")
    async with AsyncExitStack() as stack:
        network = await stack.enter_async_context(ground.network(where, size))
        owner = await asyncpg.connect(where.database_url)
        stack.push_async_callback(owner.close)
        ports = ground.free_port(), ground.free_port()
        web = stack.enter_context(ground.web(where, ports[0]))
        recorded, talked = await _recorded(owner, network, ports[0])
        held = (*(each.journey for each in recorded), *talked)
        bare = stack.enter_context(_floor(where, held, ports[1]))
        field = throughput.Field(
            size=size,
            network=network,
            recorded=recorded,
            talked=talked,
            pairs=conversations.pairs(network),
            product=throughput.Side(ports[0], web.pid, size.clients),
            floor=throughput.Side(ports[1], bare.pid, size.clients),
            postmaster=cpu.parent(await owner.fetchval("select pg_backend_pid()")),
            progress=progress,
        )
        progress.begin("warming up")
        await throughput.warm(field, owner)
        progress.done()
        found: list[Figure] = []
        for part, measure in _PARTS.items():
            if part in only:
                found += await measure(where, field, owner)
        progress.end()
    return found


async def _mails(where: Ground, field: throughput.Field, owner: asyncpg.Connection) -> list[Figure]:
    log = where.folder / "mails.txt"
    log.touch()
    # As in a network that texts: its courier has both ways.
    with _sink(where, log), sms_server.running(sms_server.Desk()) as url:
        who = f"{sms_server.ACCOUNT}:{sms_server.TOKEN}"
        where.environment["LOOPKEEPER_SMS_URL"] = (
            f"twilio://{who}@{urlsplit(url).netloc}?from=+15035550199"
        )
        return await mails.measure(where, field, owner, log)


_PARTS = {
    "pages": pages.measure,
    "p1": lambda _where, field, _owner: throughput.sends(field),
    "p2": lambda _where, field, _owner: throughput.steps(field),
    "p3": lambda _where, field, _owner: throughput.messages(field),
    "p8": lambda where, field, owner: openings.measure(field, owner, where.database_url),
    "p6": timers.measure,
    "p4": _mails,
}
"""What can be measured, in this order: the last leaves nothing to tell for the others."""


async def _recorded(
    owner: asyncpg.Connection, network: Network, port: int
) -> tuple[list[journeys.Recorded], list[Journey]]:
    async with client.lines(port, count=1) as (line,):
        recorded = await journeys.record(line, owner, network)
        talked = await conversations.record(line, owner, network)
    known = [await written.tables(owner, root) for root in written.ROOTS]
    await written.prepare(owner, *known)
    return recorded, talked


def _floor(where: Ground, held: tuple[Journey, ...], port: int) -> ground.Started:
    plan = floor.Plan(where.database_url, port, ground.WEB_POOL, held)
    file = where.folder / "floor.plan"
    file.write_bytes(pickle.dumps(plan))
    return ground.process(where, "floor", ["-m", "tests.bench.floor", str(file)], port=port)


def _sink(where: Ground, log: Path) -> ground.Started:
    port = where.smtp_port
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
