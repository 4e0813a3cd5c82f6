"""Open pages hear what concerns them, and hold up nothing and nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from service.domain import live
from service.domain.live import Ear, Ring, Topic
from service.store.pool import Scope
from service.web import live as door
from service.web.listening import CHANNEL, OF_A_MEMBER, Listening
from tests.web.pair import Pair

ORG = uuid4()


def ring(*, org: UUID = ORG, by: UUID | None = None) -> Ring:
    return Ring(id=uuid4(), org_id=org, topic=Topic.REFERRAL, about=uuid4(), by=by)


def ear(member: UUID | None = None) -> Ear:
    return Ear(org_id=ORG, member_id=member or uuid4(), topics=frozenset({Topic.REFERRAL}))


@asynccontextmanager
async def listening(redis_url: str) -> AsyncIterator[tuple[Listening, Redis]]:
    async with Redis.from_url(redis_url) as redis:
        hub = Listening(redis)
        try:
            yield hub, redis
        finally:
            await hub.close()


async def tell(redis: Redis, *rings: Ring) -> None:
    await publish(redis, live.spell(rings))


async def publish(redis: Redis, said: bytes) -> None:
    """Publish once somebody has subscribed."""
    for _ in range(500):
        if await redis.publish(CHANNEL, said):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody listens")


async def test_a_page_is_rung_for_its_own_and_for_nothing_else(redis_url: str) -> None:
    member = uuid4()
    async with listening(redis_url) as (hub, redis), hub.page(ear(member)) as page:
        await tell(redis, ring(org=uuid4()), ring(by=member))
        assert not await page.rung(wait_s=0.5)
        await tell(redis, ring())
        assert await page.rung(wait_s=5)
        assert not await page.rung(wait_s=0.2)


async def test_nonsense_on_the_bell_ends_nothing(redis_url: str) -> None:
    async with listening(redis_url) as (hub, redis), hub.page(ear()) as page:
        await publish(redis, b"\xff{")
        await tell(redis, ring())
        assert await page.rung(wait_s=5)


async def test_a_page_looks_again_after_redis_was_away(redis_url: str) -> None:
    async with listening(redis_url) as (hub, redis), hub.page(ear()) as page:
        await tell(redis, ring(org=uuid4()))
        await redis.client_kill_filter(_type="pubsub")
        assert await page.rung(wait_s=10)


async def test_a_member_has_so_many_pages_and_gives_them_back(redis_url: str) -> None:
    member = uuid4()
    async with listening(redis_url) as (hub, _):
        async with asyncio.TaskGroup() as group:
            done = asyncio.Event()
            for _ in range(OF_A_MEMBER):
                group.create_task(held(hub, member, done))
            await asyncio.sleep(0.05)
            assert not hub.has_room(member)
            assert hub.has_room(uuid4())
            done.set()
        assert hub.has_room(member)


async def held(hub: Listening, member: UUID, done: asyncio.Event) -> None:
    async with hub.page(ear(member)):
        await done.wait()


async def test_a_server_that_stops_lets_every_page_go(redis_url: str) -> None:
    stopping = asyncio.Event()
    async with listening(redis_url) as (hub, _):
        hub.until(stopping.is_set)
        async with hub.page(ear()) as page:
            stopping.set()
            assert await page.rung(wait_s=5)
            assert hub.over


async def test_only_a_person_who_is_signed_in_may_listen(pair: Pair) -> None:
    assert (await pair.site.caller().get("/live")).status_code == 401
    assert (await pair.one.get("/live")).status_code == 403
    browser, _ = await pair.site.browser(pair.sender.actor)
    assert (await browser.get("/live?of=everything")).status_code == 422


async def test_a_page_too_many_is_told_to_stop(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Listening, "has_room", lambda self, member_id: False)
    browser, _ = await pair.site.browser(pair.sender.actor)
    assert (await browser.get("/live")).status_code == 204


async def test_the_stream_ends_with_its_session_and_keeps_none_alive(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "_STILL_HERE_S", 0.1)
    browser, opened = await pair.site.browser(pair.sender.actor)
    async with pair.site.house.check.transaction(Scope()) as connection:
        before = await connection.fetchval(SEEN)
    reading = asyncio.create_task(browser.get("/live", timeout=20))
    await asyncio.sleep(0.5)
    async with pair.site.house.check.transaction(Scope()) as connection:
        assert await connection.fetchval(SEEN) == before
    assert not reading.done()
    leaving = pair.site.caller(
        cookie=f"lk_session={opened.secret}", **{"x-csrf-token": opened.csrf}
    )
    assert (await leaving.delete("/api/v1/sessions/current")).status_code == 204
    answer = await reading
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.startswith("retry: 5000\n\n: still here\n\n")


SEEN = "select max(seen_at) from lk.session"
