"""So many calls and no more, however they are counted; a busy caller costs Redis few questions."""

import asyncio

import pytest
from redis.asyncio import Redis

from service import faults
from service.web.limits import Limit, Limits

FIFTY = Limit(name="fifty", burst=50, seconds=3600, ahead=16)


async def _let_through(limits: Limits, count: int, *, at_once: int = 1) -> int:
    passed = 0

    async def call() -> None:
        nonlocal passed
        for _ in range(count // at_once):
            try:
                await limits.spend(FIFTY, "ana")
            except faults.RateLimited:
                continue
            passed += 1

    await asyncio.gather(*(call() for _ in range(at_once)))
    return passed


@pytest.mark.parametrize("at_once", [1, 8])
async def test_calls_counted_ahead_are_still_all_there_are(redis_url: str, at_once: int) -> None:
    async with Redis.from_url(redis_url) as redis:
        assert await _let_through(Limits(redis), 80, at_once=at_once) == 50


async def test_what_one_process_counted_ahead_no_other_gives_away(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        first = await _let_through(Limits(redis), 20)
        assert first == 20
        assert await _let_through(Limits(redis), 80) <= 30


async def test_a_busy_caller_asks_redis_seldom(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        limits = Limits(redis)
        await limits.spend(FIFTY, "ana")
        before = (await redis.info("commandstats")).get("cmdstat_evalsha", {"calls": 0})["calls"]
        assert await _let_through(limits, 40) == 40
        after = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
    assert after - before <= 6


async def test_what_was_counted_ahead_is_good_for_half_a_second(redis_url: str) -> None:
    now = [100.0]
    async with Redis.from_url(redis_url) as redis:
        limits = Limits(redis, clock=lambda: now[0])
        assert await _let_through(limits, 6) == 6
        now[0] += 1.0
        # Seven were counted for six calls; the one left over is gone, and 43 remain.
        assert await _let_through(limits, 80) == 43
