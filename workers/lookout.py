"""The lookout: takes the figures of the database every few seconds, and raises what is wrong.

It runs in clockwork's process, as the one that reckons for all; a scrape only reads what it left.
It sees every row and no sealed column, with a connection of its own. While PostgreSQL is away it
says so by itself.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial

from crypto import root, token
from service import clock, faults
from service.settings import Settings, for_role
from service.store import backups, figures, invariants, nightly
from service.store import pool as pools
from service.store.figures import Figures
from service.store.pool import Connection, Pool, Scope
from workers import pace
from workers.alarms import Alarms
from workers.desk import Desk

TICK_S = 15.0
CHECK_S = 60.0
SILENT_S = 60.0
LAG_S = 60.0
BACKUP_AGE = timedelta(hours=26)
"""A backup each day, and two hours for it to be taken."""

ROLE = "lk_check"

AGES = ("day", "week", "month", "quarter", "older")


class Lookout:
    """What one process remembers between two looks."""

    def __init__(self, desk: Desk, reading: "Reading") -> None:
        self._desk = desk
        self._reading = reading
        self._answered = clock.monotonic()
        self._check_at = 0.0

    async def turn(self) -> None:
        """Look once; a database that is away is told by how long it has been."""
        alarms, registry = self._desk.alarms, self._desk.registry
        away = 0.0
        try:
            async with self._reading() as connection:
                found = await figures.read(connection)
            self._answered = clock.monotonic()
            self._put(found)
            await raise_for(alarms, found, late_s=self._desk.settings.alarm_minutes * 60.0)
            await self._check()
        except faults.Busy:
            away = clock.monotonic() - self._answered
        registry.put("lk_figures_age_seconds", away)
        await alarms.stands("database_away", up=away >= TICK_S)

    async def _check(self) -> None:
        """Prove the invariants once a minute, and never for more than a tenth of the time."""
        began = clock.monotonic()
        if began < self._check_at:
            return
        try:
            async with self._reading() as connection:
                found = await invariants.check(connection, invariants.INVARIANTS)
        finally:
            took = clock.monotonic() - began
            self._check_at = began + max(CHECK_S, took * 10)
        for each in found:
            name = each.invariant.id
            self._desk.registry.put("lk_invariant_broken", not each.holds, invariant=name)
            await self._desk.alarms.stands(f"invariant:{name}", up=not each.holds)

        await self._last_ones()

    async def _last_ones(self) -> None:
        """Say how the last night's proof and the last backup stand; a demo needs no backup."""
        async with self._reading() as connection:
            proof = await nightly.last(connection)
            taken_at = await backups.last_backup(connection)
        alarms, demo = self._desk.alarms, self._desk.settings.demo
        old = taken_at is None or clock.real_now() - taken_at > BACKUP_AGE
        await alarms.stands("nightly_proof", up=proof is not None and proof.incident_id is not None)
        await alarms.stands("backup_old", up=old and not demo)

    def _put(self, found: Figures) -> None:
        registry, stands = self._desk.registry, found.standing
        registry.put("lk_outbox_oldest_seconds", stands.oldest_effect)
        registry.put("lk_loops_without_timer", stands.untimed)
        registry.put("lk_timers_overdue", stands.overdue)
        registry.put("lk_sealer_lag_seconds", stands.sealer_lag)
        registry.put("lk_clock_frozen", stands.frozen)
        counts = {(each.kind, each.state): float(each.number) for each in found.effects}
        registry.replace("lk_effects", counts)
        ages = {each.age: each.number for each in found.loops}
        registry.replace("lk_open_loops", {(age,): float(ages.get(age, 0)) for age in AGES})
        closed = {(each.channel,): float(each.closed_seconds > 0) for each in found.breakers}
        registry.replace("lk_breaker_open", closed)
        silent = {(each.name,): each.silent_seconds for each in found.beats}
        registry.replace("lk_worker_silent_seconds", silent)


Reading = Callable[[], AbstractAsyncContextManager[Connection]]
"""Opens a transaction of the role that sees every row; raises Busy where nobody answers."""


async def raise_for(alarms: Alarms, found: Figures, *, late_s: float) -> None:
    """Say how each alarm stands that follows from the figures."""
    stands = found.standing
    await alarms.stands("outbox_old", up=stands.oldest_effect > late_s)
    await alarms.stands("loops_untimed", up=stands.untimed > 0)
    await alarms.stands("timers_overdue", up=stands.overdue > 0 and not stands.frozen)
    await alarms.stands("clock_jump", up=stands.frozen)
    await alarms.stands("sealer_lag", up=stands.sealer_lag > LAG_S)
    await alarms.stands("dead_letters", up=found.dead > 0)
    for each in found.breakers:
        await alarms.stands(f"breaker:{each.channel}", up=each.closed_seconds > late_s)
    for beat in found.beats:
        await alarms.stands(f"worker_silent:{beat.name}", up=beat.silent_seconds > SILENT_S)


async def run(desk: Desk, *, stop: asyncio.Event) -> None:
    """Look until told to stop."""
    async with reading(desk.settings) as look:
        lookout = Lookout(desk, look)

        async def turn() -> None:
            await lookout.turn()
            await pace.rest(stop, TICK_S)

        await pace.steadily("lookout", turn, stop=stop, wait=TICK_S)


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[Reading]:
    """Open one connection of the role that sees every row, when it is first asked for."""
    opened: list[Pool] = []

    @asynccontextmanager
    async def look() -> AsyncIterator[Connection]:
        if not opened:
            opened.append(await _opened(settings))
        async with opened[0].transaction(Scope()) as connection:
            yield connection

    try:
        yield look
    finally:
        for each in opened:
            await each.close()


async def _opened(settings: Settings) -> Pool:
    root_key = root.load(settings.root_key_file)
    given = settings.check_database_url
    password = token.database_password(root_key, ROLE)
    url = given or for_role(settings.database_url, ROLE, password=password)
    passwords = None if given else partial(token.database_passwords, root_key, ROLE)
    try:
        return await pools.connect(
            url.reveal(), name="lookout", size=1, role=ROLE, passwords=passwords
        )
    except (OSError, TimeoutError) as reason:
        raise faults.Busy(retry_after=2) from reason
