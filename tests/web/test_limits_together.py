"""Without Redis less is let through; before, without and after it never more than the limit."""

from typing import Any

import pytest
from redis.asyncio import Redis

from service import faults
from service.web import limits as limiting
from service.web.limits import Limit, Limits

FIFTY = Limit(name="fifty_together", burst=50, seconds=3600)
NAMED = [each for each in vars(limiting).values() if isinstance(each, Limit)]


class Process:
    """The limiter of one process, whose Redis can be out of its reach; its clock stands still."""

    def __init__(self, redis: "Redis", gone: "Redis") -> None:
        self.now = 100.0
        self._redis, self._gone = redis, gone
        self.limits = Limits(redis, clock=lambda: self.now)

    def _with(self, redis: "Redis") -> None:
        self.limits._script = redis.register_script(limiting._GCRA)

    def cut_off(self) -> None:
        self._with(self._gone)

    def back(self) -> None:
        self._with(self._redis)
        self.now += limiting._AWAY_SECONDS + 0.1

    async def lets_through(self, limit: Limit, most: int) -> int:
        passed = 0
        for _ in range(most):
            try:
                await self.limits.spend(limit, "ana")
            except faults.RateLimited:
                break
            passed += 1
        return passed


@pytest.fixture
async def redis(redis_url: str):
    async with Redis.from_url(redis_url) as client:
        await client.delete(f"limit:{FIFTY.name}:ana")
        yield client
        await client.delete(f"limit:{FIFTY.name}:ana")


@pytest.fixture
async def gone():
    async with Redis.from_url("redis://127.0.0.1:1") as client:
        yield client


@pytest.mark.parametrize("limit", NAMED, ids=lambda limit: limit.name)
async def test_each_limit_is_stricter_without_redis(gone: Any, limit: Limit) -> None:
    process = Process(gone, gone)
    passed = await process.lets_through(limit, limit.burst + 1)
    assert passed == max(1, limit.burst // limiting._STRICTER)
    assert passed < limit.burst
    # And as slowly again as it is fewer.
    process.now += limit.interval
    assert await process.lets_through(limit, 2) == 0
    process.now += limit.seconds / passed
    assert await process.lets_through(limit, 2) >= 1


@pytest.mark.parametrize("kept", [True, False], ids=["redis kept all", "redis came back empty"])
@pytest.mark.parametrize("before", [0, 20, 45, 50])
async def test_before_without_and_after_redis_are_exactly_the_limit(
    redis: Any, gone: Any, before: int, kept: bool
) -> None:
    process = Process(redis, gone)
    passed = [await process.lets_through(FIFTY, before)]
    process.cut_off()
    passed.append(await process.lets_through(FIFTY, 99))
    assert process.limits.degraded
    if not kept:
        await redis.delete(f"limit:{FIFTY.name}:ana")
    process.back()
    passed.append(await process.lets_through(FIFTY, 99))
    assert not process.limits.degraded
    without = min(FIFTY.burst // limiting._STRICTER, 50 - before)
    assert passed == [before, without, 50 - before - without]


async def test_what_two_processes_let_through_meanwhile_both_pay(redis: Any, gone: Any) -> None:
    one, other = Process(redis, gone), Process(redis, gone)
    both = (one, other)
    for process in both:
        process.cut_off()
    meanwhile = [await process.lets_through(FIFTY, 99) for process in both]
    assert meanwhile == [12, 12]
    for process in both:
        process.back()
    # Each pays with its first question, whoever asks first.
    assert await one.lets_through(FIFTY, 1) == 1
    afterwards = [1 + await other.lets_through(FIFTY, 99), await one.lets_through(FIFTY, 99)]
    assert sum(meanwhile) + sum(afterwards) == 50


async def test_outages_one_after_another_give_nothing_away(redis: Any, gone: Any) -> None:
    process, passed = Process(redis, gone), 0
    for _ in range(5):
        process.cut_off()
        passed += await process.lets_through(FIFTY, 99)
        process.back()
        passed += await process.lets_through(FIFTY, 7)
    passed += await process.lets_through(FIFTY, 99)
    assert passed == 50


async def test_a_caller_who_was_refused_meanwhile_has_still_to_pay(redis: Any, gone: Any) -> None:
    one, other = Process(redis, gone), Process(redis, gone)
    assert await one.lets_through(FIFTY, 99) == 50
    other.cut_off()
    owed = await other.lets_through(FIFTY, 99)
    assert owed == 12
    other.back()
    assert await other.lets_through(FIFTY, 99) == 0
    now = float((await redis.time())[0])
    due = float(await redis.get(f"limit:{FIFTY.name}:ana"))
    # The whole limit and what was let through beyond it: as long must nobody be let through.
    assert due - now == pytest.approx((50 + owed) * FIFTY.interval, abs=5)
