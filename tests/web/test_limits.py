"""So many calls and no more, however they are counted; a busy caller costs Redis few questions."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from redis.asyncio import Redis

from service import faults
from service.web import limits as limiting
from service.web.limits import Limit, Limits
from tests.overheard import overheard

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
        async with overheard(redis) as sent:
            assert await _let_through(limits, 40) == 40
    assert 1 <= sent.count("EVALSHA") <= 6


async def test_what_was_counted_ahead_is_good_for_half_a_second(redis_url: str) -> None:
    now = [100.0]
    async with Redis.from_url(redis_url) as redis:
        limits = Limits(redis, clock=lambda: now[0])
        assert await _let_through(limits, 6) == 6
        now[0] += 1.0
        # Seven were counted for six calls; the one left over is gone, and 43 remain.
        assert await _let_through(limits, 80) == 43


_RACER = """
import asyncio, sys
from pathlib import Path
from service import app, faults
from service.web.limits import Limit, Limits
from tests.overheard import overheard
from tests.web import site

async def main():
    limit = Limit(name="race", burst=50, seconds=36000)
    given = site.settings("postgresql://unused", sys.argv[1], Path(sys.argv[2]))
    async with app.redis_of(given) as redis:
        limits, passed = Limits(redis), 0
        async def call():
            nonlocal passed
            try:
                await limits.spend(limit, "ana")
                passed += 1
            except faults.RateLimited:
                pass
        await asyncio.gather(*(call() for _ in range(150)))
        print(passed)

asyncio.run(main())
"""


def test_of_racing_calls_through_two_processes_exactly_the_burst_is_let_through(
    redis_url: str, tmp_path: Path
) -> None:
    # As the service itself asks, and more at once than it has connections.
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", _RACER, redis_url, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(2)
    ]
    passed = [int(racer.communicate(timeout=60)[0]) for racer in racers]
    assert sum(passed) == 50


async def test_a_wrong_clock_of_ours_changes_nothing_because_redis_tells_the_time(
    redis_url: str,
) -> None:
    async with Redis.from_url(redis_url) as redis:
        early = Limits(redis, clock=lambda: 0.0)
        late = Limits(redis, clock=lambda: 1e9)
        spent = await _let_through(early, 50) + await _let_through(late, 50)
        assert spent == 50


async def test_without_redis_a_quarter_is_let_through_and_with_it_again_the_rest(
    redis_url: str,
) -> None:
    now = [100.0]
    async with Redis.from_url(redis_url) as redis, Redis.from_url("redis://127.0.0.1:1") as gone:
        limits = Limits(gone, clock=lambda: now[0])
        assert await _let_through(limits, 80) == 50 // 4
        assert limits.degraded
        # Asked again after a moment, and not before: a dead Redis costs nobody their time.
        limits._redis = redis
        limits._script = redis.register_script(limiting._GCRA)
        assert await _let_through(limits, 10) == 0
        now[0] += limiting._AWAY_SECONDS + 0.1
        assert await _let_through(limits, 80) == 50 - 50 // 4
        assert not limits.degraded


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),
    ],
)
def test_calls_are_counted_by_the_place_they_come_from(address: str, place: str) -> None:
    assert limiting.place_of(address) == place
