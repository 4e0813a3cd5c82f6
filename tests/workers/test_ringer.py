"""The ringer rings what is new, once, for those who may know of it, and Redis hears no more."""

import asyncio

import pytest
from redis.asyncio import Redis

from service.actions import number_events, start_thread
from service.actions.start_thread import NewThread
from service.actions.thread_guests import Invited
from service.domain import ids, live
from service.domain.live import Ring, Rung, Topic
from service.domain.rules import Step
from service.store.pool import Scope
from service.web.listening import CHANNEL
from tests.making import Org
from tests.workers.shop import Shop
from workers import bell, ringer


@pytest.fixture
def rung() -> Rung:
    return Rung(size=1000)


async def told(shop: Shop, rung: Rung) -> list[Ring]:
    await number_events.number_events(shop.house.worker_office)
    return await ringer.look(shop.desk, rung)


async def pair(shop: Shop) -> tuple[Org, Org]:
    house = shop.house
    return await house.organization("Clinic"), await house.organization("Pantry")


async def test_a_step_rings_both_sides_and_says_who_did_it(shop: Shop, rung: Rung) -> None:
    clinic, pantry = await pair(shop)
    sent = await shop.house.sent(clinic, [pantry])
    await told(shop, rung)
    await shop.house.step(pantry.actor, sent.plan.new_legs[0].id, Step.ACCEPT)
    rings = await told(shop, rung)
    assert {ring.org_id for ring in rings} == {clinic.id, pantry.id}
    assert {ring.by for ring in rings} == {pantry.actor.member_id}
    assert {(ring.topic, ring.about) for ring in rings} == {(Topic.REFERRAL, sent.plan.referral.id)}
    assert await told(shop, rung) == []


async def test_a_message_rings_everybody_in_the_conversation(shop: Shop, rung: Rung) -> None:
    clinic, pantry = await pair(shop)
    stranger = await shop.house.organization("Stranger")
    await told(shop, rung)
    wish = NewThread(subject="Hours", text="When?", participants=(Invited(org_id=pantry.id),))
    said = await start_thread.start_thread(shop.house.office, clinic.actor, wish)
    rings = [ring for ring in await told(shop, rung) if ring.topic is Topic.THREAD]
    assert {ring.org_id for ring in rings} == {clinic.id, pantry.id}
    assert {ring.about for ring in rings} == {said.thread_id}
    assert {ring.by for ring in rings} == {clinic.actor.member_id}
    assert stranger.id not in {ring.org_id for ring in rings}


async def test_work_for_people_rings_whose_it_is(shop: Shop, rung: Rung) -> None:
    clinic, _ = await pair(shop)
    async with shop.desk.db.transaction(Scope()) as connection:
        await connection.execute(
            "insert into human_task (id, kind, org_id, reason, opened_at)"
            " values ($1, 'call', $2, 'x', lk.now())",
            ids.new_id(),
            clinic.id,
        )
    (ring,) = await told(shop, rung)
    assert (ring.topic, ring.org_id, ring.by) == (Topic.TASK, clinic.id, None)


async def test_what_is_new_reaches_whoever_listens_in_redis(shop: Shop, redis_url: str) -> None:
    clinic, pantry = await pair(shop)
    stop = asyncio.Event()
    async with Redis.from_url(redis_url) as redis, redis.pubsub() as heard:
        await heard.subscribe(CHANNEL)
        working = asyncio.create_task(ringer.run(shop.desk, stop=stop))
        sent = await shop.house.sent(clinic, [pantry])
        await number_events.number_events(shop.house.worker_office)
        try:
            rings = await first(heard)
        finally:
            stop.set()
            await working
    assert {ring.about for ring in live.read(rings)} == {sent.plan.referral.id}
    # Ids and topics: not a word of the referral, not a name, not its reference.
    assert sent.plan.referral.reference.encode() not in rings
    assert b"Clinic" not in rings


async def first(heard: "object") -> bytes:
    async with asyncio.timeout(20):
        while True:
            said = await heard.get_message(ignore_subscribe_messages=True, timeout=1.0)  # type: ignore[attr-defined]
            if said is not None:
                return bytes(said["data"])


def test_web_and_workers_mean_the_same_channel() -> None:
    assert bell.LIVE == CHANNEL
