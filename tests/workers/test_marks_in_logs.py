"""Whatever breaks a worker, with whatever words, is logged by its class and place alone.

Marks go into PostgreSQL's own messages, into exceptions of channels and into answers of providers;
each worker is seen to log that something broke, and none of the lines holds a mark.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
from collections.abc import Iterator

import pytest

from channels.parcel import Parcel, Sent
from service import logs
from service.metrics import Registry
from tests.workers.test_alarms import Board, listening
from workers import alarms, clockwork, courier, pace, receipts, relay, scanner, sealer

MARK = "Quenby-Marrow-7741"
SAYS = f"Key (name)=({MARK}) of <{MARK}@example.org> is refused"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that is logged, as the service writes it."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Lines())
    was = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(was)


def broken(written: io.StringIO) -> list[dict[str, object]]:
    """Give the lines that say that something broke."""
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    return [line for line in lines if line.get("error_class")]


async def _spoil(shop, table: str) -> None:
    """Let PostgreSQL itself say the mark whenever a table is written."""
    await shop.owner.execute(
        "create function lk.say_mark() returns trigger language plpgsql as"
        f" $f$ begin raise exception '{SAYS}'; end $f$"
    )
    await shop.owner.execute(
        f"create trigger spoilt before insert or update on lk.{table}"
        " for each statement execute function lk.say_mark()"
    )


RUNS = {
    "relay": (relay.run, "outbox"),
    "clockwork": (clockwork.run, "clock_watch"),
    "receipts": (receipts.run, "worker_beat"),
    "sealer": (sealer.run, "worker_beat"),
    "scanner": (scanner.run, "worker_beat"),
}
"""Each worker, and a table that it writes with every turn."""


@pytest.mark.parametrize("name", RUNS)
async def test_what_postgresql_says_of_a_row_is_not_logged(shop, written, name: str) -> None:
    run, table = RUNS[name]
    await _spoil(shop, table)
    stop = asyncio.Event()
    running = asyncio.create_task(run(shop.desk, stop=stop))
    try:
        await shop.until(lambda: broken(written))
    finally:
        stop.set()
        await running
    line = broken(written)[0]
    assert (line["event"], line["worker"]) == ("turn failed", name)
    assert line["error_class"] == "asyncpg.exceptions.RaiseError"
    assert line["where"]
    assert MARK not in written.getvalue()


class Loud:
    """A channel that breaks with words of somebody else."""

    async def carry(self, parcel: Parcel) -> Sent:
        raise ValueError(f"{SAYS}: {parcel.to_address} {parcel.text}")

    async def close(self) -> None:
        return


async def _one_mail(shop) -> str:
    await shop.house.organization("Network", kind="coordination", cco=True)
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization("Harbor", kind="social_service", channel="link")
    await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    return str(bank.mailbox)


async def test_a_channel_that_breaks_leaves_its_class_in_log_and_outbox(shop, written) -> None:
    mailbox = await _one_mail(shop)
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(relay.run(shop.desk, stop=stop)),
        asyncio.create_task(courier.Courier(shop.desk, [Loud()]).run(stop=stop)),
    ]
    try:
        await shop.until(lambda: shop.effects("tries = 1"))
    finally:
        stop.set()
        await asyncio.gather(*tasks)
    [line] = [line for line in broken(written) if line["worker"] == "courier"]
    assert line["error_class"] == "builtins.ValueError"
    assert line["effect_id"]
    [effect] = await shop.effects("tries = 1")
    assert effect["last_error"] == "our mistake: ValueError"
    for word in (MARK, mailbox, "/r/"):
        assert word not in written.getvalue()


async def test_what_a_mail_server_answers_is_told_by_its_numbers_alone(shop, written) -> None:
    mailbox = await _one_mail(shop)
    shop.office.at["RCPT"] = [f"550 5.7.1 {SAYS}"]
    async with shop.working():
        await shop.until(lambda: shop.effects("state = 'dead'"))
    [effect] = await shop.effects("state = 'dead'")
    assert effect["last_error"] == "refused at recipient: 550 5.7.1"
    rows = await shop.rows("select d::text as said from lk.delivery d")
    tasks = await shop.rows("select h::text as said from lk.human_task h")
    told = written.getvalue() + str(rows) + str(tasks) + shop.desk.registry.text()
    assert MARK not in told
    assert mailbox not in told


async def test_what_an_alarms_receiver_answers_is_not_logged(written) -> None:
    board = Board()
    board.status = 500
    with listening(board) as url:
        ways: list[alarms.Way] = [alarms.Post(f"{url}&token={MARK}")]
        await alarms.Alarms(ways, Registry()).stands("dead_letters", up=True)
    assert '"event":"alarm"' in written.getvalue()
    assert MARK not in written.getvalue()


async def test_every_turn_that_breaks_is_told_and_the_next_one_comes(written) -> None:
    stop, turns = asyncio.Event(), []

    async def turn() -> None:
        turns.append(1)
        if len(turns) == 2:
            stop.set()
        raise RuntimeError(SAYS) from ValueError(SAYS)

    with contextlib.suppress(asyncio.CancelledError):
        await pace.steadily("relay", turn, stop=stop, wait=0.01)
    assert [line["error_class"] for line in broken(written)] == ["builtins.RuntimeError"] * 2
    assert MARK not in written.getvalue()


def test_only_keys_of_the_list_reach_a_line(written) -> None:
    logs.say("x", kind="invite", address=MARK, text=MARK, patient=MARK)
    line = json.loads(written.getvalue().splitlines()[-1])
    assert set(line) == {"time", "level", "event", "kind"}
    logging.getLogger("somebody.else").warning("said %s", SAYS)
    assert MARK not in written.getvalue()
    forbidden = {"address", "text", "body", "subject", "phone", "name_sealed", "detail", "error"}
    assert not forbidden & logs.KEYS
