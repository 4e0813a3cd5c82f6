"""Steps go on while Redis is flushed, while SMTP is down for a day, while a provider is replaced.

Nothing that was promised meanwhile is forgotten: it goes out once, late at worst.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter

import msgspec
import pytest
from redis.asyncio import Redis

from service.actions.keep_contacts import Reach
from service.domain.rules import Step
from service.store import invariants
from service.store.pool import Scope
from tests.channels import mail_server, sms_server
from tests.workers import shop as shops
from tests.workers import texting
from tests.workers.test_phones import _settings
from workers import clockwork, guard, phones

PHONE = "+15035550100"
_AT_WORK = {"I6", "I7"}
"""Of what only holds while workers are at work, what those of the courier see to."""


async def _unbroken(shop) -> None:
    """Every invariant of `loopkeeper check` holds that these workers can keep."""
    wanted = [each for each in invariants.INVARIANTS if each.id in _AT_WORK or not each.running]
    async with shop.house.check.transaction(Scope()) as connection:
        findings = await invariants.check(connection, wanted)
    assert [breach for each in findings for breach in each.breaches] == []


async def _network(shop):
    await shop.house.organization("Network", kind="coordination", cco=True)
    clinic = await shop.house.organization("Northside Clinic")
    pantry = await shop.house.organization("Harbor", kind="social_service", channel="link")
    # What is counted here is each mail by itself, not a morning's digest.
    await shop.owner.execute("update lk.organization set routine_mail = 'at_once'")
    return clinic, pantry, (await shop.house.patient(clinic)).id


async def _sent(shop, clinic, pantry, patient_id):
    taken = await shop.house.sent(clinic, [pantry], patient_id=patient_id)
    return taken.plan.referral.legs[0].id


async def _due(shop) -> int:
    return await shop.owner.fetchval(
        "select count(*) from lk.outbox where state in ('pending', 'parked')"
        " and due_at <= lk.now() and channel = 'mail'"
    )


def _once(shop) -> None:
    """Every mail that was recorded as sent came, and came once."""
    came = Counter(mail["Message-ID"] for mail in shop.mails)
    assert set(came.values()) == {1}


@pytest.fixture
async def shop(fresh_database, redis_url):
    office, port = mail_server.Office(), mail_server.free()
    async with shops.shop(fresh_database, redis_url, office, port) as opened:
        yield opened


async def test_steps_while_redis_is_flushed(shop, redis_url) -> None:
    clinic, pantry, patient_id = await _network(shop)
    home = asyncio.Event()

    async def flush() -> None:
        async with Redis.from_url(redis_url) as looking:
            while not home.is_set():
                await looking.flushdb()
                await asyncio.sleep(0.01)

    with mail_server.running(shop.office, port=shop.desk.settings.smtp.port):
        async with shop.working():
            flushing = asyncio.create_task(flush())
            for _ in range(6):
                leg_id = await _sent(shop, clinic, pantry, patient_id)
                await shop.skip(seconds=11)
                await shop.house.step(pantry.actor, leg_id, Step.ACCEPT)
                await shop.house.step(pantry.actor, leg_id, Step.COMPLETE)
            home.set()
            await flushing
            # What was rung and forgotten is rung again when its lease is over.
            await shop.skip(minutes=16)
            await shop.until(lambda: _gone(shop), seconds=40)
    wanted = await shop.rows(
        "select d.message_id from lk.outbox o join lk.delivery d on d.effect_id = o.id"
        " where o.channel = 'mail' and o.state = 'done'"
    )
    assert {row["message_id"] for row in wanted} == {mail["Message-ID"] for mail in shop.mails}
    # Nobody was told of an acceptance that lasted no time; of every outcome somebody was.
    told = Counter(
        row["step"]
        for row in await shop.rows(
            "select e.step from lk.outbox o join lk.event e"
            " on e.referral_id = o.referral_id and e.seq = o.seq"
            " where o.channel = 'mail' and o.state = 'done'"
        )
    )
    assert told["complete"] == 6, told
    _once(shop)
    await _unbroken(shop)


async def _gone(shop) -> bool:
    return await _due(shop) == 0


async def test_steps_while_smtp_is_down_for_a_day(shop) -> None:
    clinic, pantry, patient_id = await _network(shop)
    async with shop.working():
        legs, watch = [], guard.Guard()
        for _ in range(12):
            leg_id = await _sent(shop, clinic, pantry, patient_id)
            legs.append(leg_id)
            await shop.skip(hours=2)
            await clockwork.tick(shop.desk, watch)
            await shop.until(lambda: _all_parked(shop))
        for leg_id in legs[:4]:
            await shop.house.step(pantry.actor, leg_id, Step.ACCEPT)
        await shop.skip(minutes=16)
        await shop.until(lambda: _all_parked(shop))
        assert shop.mails == []
        assert not await shop.effects("state = 'dead'")
        assert {each["tries"] for each in await shop.effects()} == {0}
        [task] = await shop.rows("select state from lk.human_task where kind = 'channel_down'")
        assert task["state"] == "open"
        with mail_server.running(shop.office, port=shop.desk.settings.smtp.port):
            await shop.skip(seconds=3)
            await shop.until(lambda: _gone(shop), seconds=40)
    # Everybody was asked for help, and what was answered meanwhile is told to the clinic.
    invited = await shop.effects("kind = 'invite' and state = 'done'")
    assert {each["leg_id"] for each in invited} == set(legs)
    accepted = await shop.rows(
        "select o.leg_id from lk.outbox o join lk.event e on e.referral_id = o.referral_id"
        " and e.seq = o.seq where e.step = 'accept' and o.channel = 'mail' and o.state = 'done'"
    )
    assert {row["leg_id"] for row in accepted} == set(legs[:4])
    _once(shop)
    tasks = await shop.rows("select state from lk.human_task where kind = 'channel_down'")
    assert [each["state"] for each in tasks] == ["done"]
    await _unbroken(shop)


async def _all_parked(shop) -> bool:
    return not await shop.effects(
        "state = 'pending' and channel = 'mail' and due_at <= lk.now()"
    ) and bool(await shop.effects("state = 'parked'"))


async def test_steps_while_the_second_provider_takes_over(shop) -> None:
    first, second = sms_server.Desk(), sms_server.Desk()
    with (
        mail_server.running(shop.office, port=shop.desk.settings.smtp.port),
        contextlib.ExitStack() as stack,
    ):
        urls = [stack.enter_context(sms_server.running(desk)) for desk in (first, second)]
        settings = msgspec.structs.replace(shop.desk.settings, sms=_settings(*urls))
        shop.desk = msgspec.structs.replace(shop.desk, settings=settings)
        town = await texting.town(shop, reach=Reach(name="María García", phone=PHONE))

        async def next_text(step: Step | None, *, days: int = 1) -> list[int]:
            if step is not None:
                await shop.house.step(town.agency.actor, town.leg_id, step)
                await shop.skip(hours=24 * days)
            await shop.skip(seconds=11)
            await shop.until(lambda: _said(shop, town.referral_id))
            return [len(first.texts), len(second.texts)]

        async with shop.working(phones=phones.of(shop.desk.db, shop.desk.settings)):
            assert await next_text(None) == [1, 0]
            first.fault = "503"
            # It says no, and the other takes the same text in the same moment.
            assert await next_text(Step.ACCEPT) == [1, 1]
            first.fault = "401"
            assert await next_text(Step.SCHEDULE) == [1, 2]
            first.fault = ""
            # Three in any week are the most.
            assert sum(await next_text(Step.NO_SHOW, days=8)) == 4
    texts = [*first.texts, *second.texts]
    assert len({text["body"] for text in texts}) == 4
    assert {text["to"] for text in texts} == {PHONE}
    sent = await shop.rows(
        "select o.code, d.attempts, o.tries from lk.delivery d join lk.outbox o"
        " on o.id = d.effect_id where d.channel = 'sms' order by d.created_at"
    )
    assert [row["code"] for row in sent] == ["sent", "accepted", "booked", "no_show"]
    assert {(row["attempts"], row["tries"]) for row in sent} == {(1, 1)}
    assert not await shop.rows("select 1 from lk.human_task where kind = 'tell_patient'")
    await _unbroken(shop)


async def _said(shop, referral_id) -> bool:
    """Every text that was due has left."""
    return not await shop.rows(
        "select 1 from lk.outbox where channel = 'sms' and referral_id = $1"
        " and state in ('pending', 'parked') and due_at <= lk.now()",
        referral_id,
    )
