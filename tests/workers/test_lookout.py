"""The figures and what is raised by them; a database that is away is told by the process itself."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from service import metrics
from service.domain.effects import EffectKind
from service.settings import Secret
from service.store import figures, invariants
from service.store import pool as pools
from service.store.pool import Scope
from service.web import routes
from tests.channels import mail_server
from tests.workers import shop as shops
from tests.workers.test_alarms import Board, listening
from workers import alarms, lookout
from workers.lookout import Lookout

ROOT = Path(__file__).resolve().parents[2]
_SAMPLE = re.compile(r"^(\w+?)(_bucket|_sum|_count)?(?:\{(.*)\})? (\S+)$")
_LABEL = re.compile(r'(\w+)="([^"]*)"')

ALLOWED = {
    "kind": {*map(str, EffectKind)},
    "state": {"due", "waiting", "parked", "dead"},
    "outcome": {"sent", "later", "never", "unreachable", "unknown"},
    "channel": {"mail", "sms"},
    "age": set(lookout.AGES),
    "worker": {"relay", "courier", "receipts", "clockwork", "sealer", "scanner"},
    "invariant": {each.id for each in invariants.INVARIANTS},
    "alarm": set(alarms.SAYS),
    "route": {path for each in routes.EVERY for path in each.paths} | {"unmatched"},
    "method": {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"},
    "status": {"2xx", "3xx", "4xx", "5xx"},
}


def samples(text: str) -> dict[str, float]:
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            match = _SAMPLE.match(line)
            assert match, line
            found[line.rpartition(" ")[0]] = float(match[4])
    return found


def strange_labels(text: str) -> list[str]:
    """Name every label whose value is none of the words there are."""
    return [
        f"{name}={value}"
        for line in text.splitlines()
        if not line.startswith("#")
        for name, value in _LABEL.findall(line)
        if name != "le" and value not in ALLOWED[name]
    ]


def seen_by(shop) -> lookout.Reading:
    @asynccontextmanager
    async def look() -> AsyncIterator[Any]:
        async with shop.house.check.transaction(Scope()) as connection:
            yield connection

    return look


async def busy(shop) -> None:
    """Let a mail arrive, one be refused for good, and one wait."""
    await shop.house.organization("Network", kind="coordination", cco=True)
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization("Harbor", kind="social_service", channel="link")
    patient = await shop.house.patient(clinic)
    await shop.house.sent(clinic, [bank], patient_id=patient.id)
    await shop.house.sent(clinic, [bank], patient_id=patient.id)
    await shop.skip(seconds=11)
    shop.office.at["RCPT"] = ["552 5.2.2 full"]
    async with shop.working():
        await shop.until(lambda: shop.effects("state = 'dead'"))
        await shop.until(lambda: shop.effects("state = 'done'"))
        await shop.until(lambda: "lk_delivery" in shop.desk.registry.text())
    await shop.house.sent(clinic, [bank], patient_id=patient.id)


async def test_the_figures_are_those_of_the_database_and_labels_are_codes(shop) -> None:
    await busy(shop)
    await Lookout(shop.desk, seen_by(shop)).turn()
    text = shop.desk.registry.text()
    found = samples(text)
    assert found['lk_effects{kind="invite",state="dead"}'] == 1
    assert found['lk_effects{kind="invite",state="waiting"}'] == 1
    assert found['lk_open_loops{age="day"}'] == 3
    assert found["lk_loops_without_timer"] == 0
    assert found["lk_timers_overdue"] == 0
    assert found['lk_effect_outcomes_total{kind="invite",outcome="sent"}'] == 1
    assert found['lk_effect_outcomes_total{kind="invite",outcome="never"}'] == 1
    assert found['lk_delivery_latency_seconds_count{channel="mail"}'] == 1
    assert 0 < found['lk_delivery_latency_seconds_sum{channel="mail"}'] < 60
    assert found['lk_invariant_broken{invariant="I5"}'] == 0
    assert found['lk_alarms_raised{alarm="dead_letters"}'] == 1
    assert found['lk_alarms_raised{alarm="loops_untimed"}'] == 0
    assert strange_labels(text) == []


async def test_a_loop_that_nothing_waits_for_is_counted_and_raised(shop) -> None:
    await busy(shop)
    await shop.owner.execute(
        "update lk.timer set state = 'disarmed', ended_at = lk.now() where referral_id ="
        " (select referral_id from lk.timer where referral_id not in"
        " (select referral_id from lk.human_task where referral_id is not null) limit 1)"
    )
    await Lookout(shop.desk, seen_by(shop)).turn()
    assert samples(shop.desk.registry.text())["lk_loops_without_timer"] == 1
    assert {"loops_untimed", "invariant:I5"} <= shop.desk.alarms.raised()


async def test_what_is_late_closed_frozen_or_silent_is_raised_and_cleared(shop) -> None:
    await busy(shop)
    look = Lookout(shop.desk, seen_by(shop))
    await shop.owner.execute("insert into lk.breaker values ('mail', lk.now(), lk.now())")
    await shop.owner.execute(
        "insert into lk.clock_watch (wall, monotonic, boot_id, frozen_at)"
        " values (now(), 1, 'x', now())"
    )
    await shop.desk.beat("relay")
    await look.turn()
    assert "breaker:mail" not in shop.desk.alarms.raised()
    await shop.skip(minutes=11)
    await look.turn()
    # Time passed for the network alone: nobody at work was silent.
    assert "worker_silent:relay" not in shop.desk.alarms.raised()
    await shop.owner.execute("update lk.worker_beat set beat_at = now() - interval '61 seconds'")
    await look.turn()
    raised = shop.desk.alarms.raised()
    assert {"breaker:mail", "outbox_old", "clock_jump", "worker_silent:relay"} <= raised
    assert "timers_overdue" not in raised
    await shop.owner.execute("update lk.breaker set opened_at = null")
    await shop.owner.execute("update lk.clock_watch set frozen_at = null")
    await shop.owner.execute("update lk.outbox set state = 'cancelled' where state <> 'done'")
    await shop.desk.beat("relay")
    await look.turn()
    left = {"breaker:mail", "outbox_old", "clock_jump", "worker_silent:relay", "dead_letters"}
    assert not left & shop.desk.alarms.raised()


async def test_a_night_that_failed_and_a_backup_that_is_old_are_raised(shop) -> None:
    settings = msgspec.structs.replace(shop.desk.settings, demo=False)
    desk = msgspec.structs.replace(shop.desk, settings=settings)
    await Lookout(desk, seen_by(shop)).turn()
    assert "backup_old" in desk.alarms.raised()
    assert "nightly_proof" not in desk.alarms.raised()
    await shop.owner.execute(
        "insert into lk.nightly_proof (id, night, made_at, sent, open, closed, void, unowned,"
        " unwatched, incident_id) values (gen_random_uuid(), current_date, now(), 1, 1, 0, 0, 1, 0,"
        " gen_random_uuid())"
    )
    await Lookout(desk, seen_by(shop)).turn()
    assert "nightly_proof" in desk.alarms.raised()


@asynccontextmanager
async def cut_off(database_url: str) -> AsyncIterator[tuple[str, Callable[[], None]]]:
    """Put a wire before PostgreSQL: its address, and what cuts it."""
    gone, ends = asyncio.Event(), []
    parts = urlsplit(database_url)
    folder = parse_qs(parts.query).get("host", [""])[0]

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if gone.is_set():
            writer.transport.abort()
            return
        port = parse_qs(parts.query).get("port", [str(parts.port or 5432)])[0]
        there, back = (
            await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
            if folder.startswith("/")
            else await asyncio.open_connection(parts.hostname, int(port))
        )
        ends.extend((writer, back))
        await asyncio.gather(pump(reader, back), pump(there, writer))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    def cut() -> None:
        gone.set()
        for end in ends:
            end.transport.abort()

    user = f"{parts.username}:{parts.password or ''}@"
    try:
        yield f"postgresql://{user}127.0.0.1:{port}{parts.path}?sslmode=disable", cut
    finally:
        server.close()
        cut()


async def test_a_database_that_is_away_is_told_by_the_process_itself(
    shop, fresh_database, monkeypatch
) -> None:
    monkeypatch.setattr(lookout, "TICK_S", 0.3)
    office, board = mail_server.Office(), Board()
    with mail_server.running(office) as port, listening(board) as url:
        settings = msgspec.structs.replace(
            shops.settings(fresh_database, "redis://nowhere", port=port),
            alarm_mail=("ops@example.org",),
            alarm_webhook=Secret(url),
        )
        registry = metrics.Registry()
        desk = msgspec.structs.replace(
            shop.desk, registry=registry, alarms=alarms.of(settings, registry), settings=settings
        )
        async with cut_off(fresh_database) as (address, cut):
            pool = await pools.connect(address, name="lookout", size=1)

            @asynccontextmanager
            async def reading() -> AsyncIterator[Any]:
                async with pool.transaction(Scope()) as connection:
                    yield connection

            look = Lookout(desk, reading)
            await look.turn()
            assert "database_away" not in desk.alarms.raised()
            cut()
            await asyncio.sleep(0.4)
            await look.turn()
            await pool.close()
        assert desk.alarms.raised() >= {"database_away"}
        assert "database_away" in [each["alarm"] for each in board.posted]
        assert b"database away raised" in b"".join(office.taken)


def test_the_rules_that_are_shipped_name_metrics_that_there_are() -> None:
    text = (ROOT / "docs/alerts.yaml").read_text()
    used = set(re.findall(r"\blk_[a-z_]+", text))
    spelled = {
        metric.name + suffix
        for metric in metrics.ALL
        for suffix in (("_bucket", "_count", "_sum") if metric.bounds else ("",))
    }
    assert used - spelled == set()
    assert len(used) > 10
    for name in ("lk_loops_without_timer", "lk_outbox_oldest_seconds", "lk_breaker_open"):
        assert name in used
    labels = {label for metric in metrics.ALL for label in metric.labels} | {"le"}
    assert set(re.findall(r"by \(([\w, ]+)\)", text)) <= {
        "invariant",
        "channel",
        "kind",
        "worker",
        "alarm",
        "le, channel",
    }
    assert {"invariant", "channel", "kind", "worker", "alarm"} <= labels
    assert text.count("- alert:") == text.count("expr:") == text.count("summary:")


async def test_figures_are_read_with_no_more_than_the_checking_role_may(shop) -> None:
    await busy(shop)
    async with shop.house.check.transaction(Scope()) as connection:
        found = await figures.read(connection)
        assert await connection.fetchval("select current_user") == "lk_check"
    assert found.dead == 1
