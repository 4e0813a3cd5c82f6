"""A courier killed in the middle of a call: the receiver is told again, under the same id."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import asyncpg

from service.actions import keep_webhooks
from service.domain.rules import Step
from tests import making
from tests.channels.receiver import receiving
from tests.cli.test_commands import settings
from tests.shape.sources import ROOT
from tests.workers.test_sealer_killed import until

__all__ = ["settings"]

_OWED = "select count(*) from lk.outbox where kind = 'webhook'"
_DONE = f"{_OWED} and state = 'done'"


@contextmanager
def working(environ: Mapping[str, str], name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker as an operator does, and kill it at the end if nobody did."""
    process = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "work", name],
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


async def test_a_courier_killed_before_the_answer_tells_the_same_message_again(settings, connect):
    hand: asyncpg.Connection = await connect(settings["DATABASE_URL"])
    await hand.execute("update lk.clock_offset set writable = true")
    async with making.house(settings["DATABASE_URL"]) as house, receiving() as receiver:
        clinic, pantry = await house.organization("Clinic"), await house.organization("Pantry")
        await keep_webhooks.add(house.office, clinic.actor, url=receiver.url, kinds=("leg.accept",))
        sent = await house.sent(clinic, [pantry])
        await house.step(pantry.actor, sent.plan.new_legs[0].id, Step.ACCEPT)
        receiver.wait_s = 5
        with working(settings, "sealer"), working(settings, "courier") as first:
            called = asyncio.Event()
            receiver.on_request = called.set
            await asyncio.wait_for(called.wait(), 60)
            first.send_signal(signal.SIGKILL)
            await asyncio.to_thread(first.wait)
            assert await hand.fetchval(_OWED) == 1
            assert await hand.fetchval(_DONE) == 0
            receiver.wait_s = 0
            await hand.execute(
                "update lk.clock_offset set offset_by = offset_by + interval '61 seconds'"
            )
            with working(settings, "courier"):
                await until(hand, _DONE, 1)
    before, after = receiver.got
    assert before.body == after.body
    assert before.headers["webhook-id"] == after.headers["webhook-id"]
    assert json.loads(after.body)["type"] == "leg.accept"
