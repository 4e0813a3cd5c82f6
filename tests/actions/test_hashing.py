"""A flood of passwords: two at a time, a queue with an end, and everybody else goes on."""

import asyncio
import resource
import time

import pytest

from service import faults
from service.actions import hashing

FLOOD = hashing.AT_ONCE + hashing.WAITING


async def test_more_than_the_queue_holds_are_told_to_come_again_and_cost_nothing() -> None:
    flood = [asyncio.create_task(hashing.verify(f"password {n}", None)) for n in range(FLOOD)]
    await asyncio.sleep(0)
    refused = []
    for _ in range(200):
        with pytest.raises(faults.Busy) as busy:
            await hashing.verify("one too many", None)
        refused.append(busy.value.extra["retry_after"])
    assert set(refused) == {2}
    assert await asyncio.gather(*flood) == [False] * FLOOD
    assert await hashing.verify("there is room again", None) is False


async def test_a_flood_takes_the_memory_of_two_and_leaves_the_loop_to_others() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    flood = [asyncio.create_task(hashing.verify(f"password {n}", None)) for n in range(FLOOD)]
    turns, began = 0, time.monotonic()
    while not all(each.done() for each in flood):
        await asyncio.sleep(0.001)
        turns += 1
    took = time.monotonic() - began
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    # 19 MiB each: all at once would be more than a gigabyte.
    assert grown < 200 * 1024
    # The loop had its turn between any two hashes, however slow the machine is.
    assert turns > FLOOD / hashing.AT_ONCE, (turns, took)


async def test_whoever_gives_up_waiting_leaves_their_place() -> None:
    flood = [asyncio.create_task(hashing.verify(f"password {n}", None)) for n in range(FLOOD)]
    await asyncio.sleep(0)
    for each in flood[hashing.AT_ONCE :]:
        each.cancel()
    await asyncio.gather(*flood, return_exceptions=True)
    assert await hashing.verify("there is room", None) is False
