"""What was stored is told to an idle relay at once, and a Redis that is away hurts nobody."""

import asyncio

from redis.asyncio import Redis

from service.web.wake import KEY, Waker
from tests.overheard import overheard


async def _settled(waker: Waker) -> None:
    knocks = [each for each in asyncio.all_tasks() if "_knocking" in repr(each.get_coro())]
    await asyncio.wait_for(asyncio.gather(*knocks), timeout=10)
    await waker.close()


async def test_a_stored_act_knocks_and_a_look_does_not(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        waker = Waker(redis)
        waker.after("GET", 200)
        waker.after("POST", 409)
        await _settled(waker)
        assert await redis.llen(KEY) == 0
        waker.after("POST", 201)
        waker.after("POST", 201)
        await _settled(waker)
        assert await redis.llen(KEY) == 1


async def test_many_acts_at_once_knock_seldom_and_the_last_is_heard(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        waker = Waker(redis)
        async with overheard(redis) as sent:
            for _ in range(50):
                waker.after("POST", 201)
                await asyncio.sleep(0)
            await _settled(waker)
        assert 1 <= sent.count("LPUSH") <= 3
        assert await redis.llen(KEY) == 1
        async with overheard(redis) as sent:
            waker.after("POST", 201)
            await _settled(waker)
        assert sent.count("LPUSH") == 1


async def test_without_redis_nobody_notices() -> None:
    async with Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2) as redis:
        waker = Waker(redis)
        waker.after("POST", 200)
        await _settled(waker)
