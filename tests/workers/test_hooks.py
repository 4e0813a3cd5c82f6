"""Webhooks are told what got a number: signed, again and again, and nobody waits for another."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from channels.webhook import WebhookChannel
from service.actions import hook_deliveries, keep_webhooks
from service.domain import webhooks as rules
from service.store.pool import Scope
from tests.channels.receiver import Got, receiving
from tests.workers.hook_town import Town
from tests.workers.shop import Shop
from workers import hooks


@pytest.fixture
async def town(shop: Shop) -> AsyncIterator[Town]:
    clinic = await shop.house.organization("Clinic")
    pantry = await shop.house.organization("Pantry")
    async with receiving() as receiver:
        yield Town(shop, clinic, pantry, receiver)


def verified(secret: str, got: Got) -> Any:
    """Check a request as a stranger's library does, and return what it says."""
    return Webhook(secret).verify(got.body, got.headers)


async def test_what_gets_a_number_is_told_once_signed_as_the_standard_says(town: Town) -> None:
    made = await town.hook()
    await town.accepted()
    await town.numbered()
    await town.told()
    assert await town.numbers_told() == list(range(1, len(town.receiver.got) + 1))
    said = [verified(made.secret, got) for got in town.receiver.got]
    assert said[-1]["type"] == "leg.accept"
    assert set(said[-1]) == {"type", "timestamp", "data"}
    assert set(said[-1]["data"]) == {"number", "event_id", "referral_id", "leg_id"}
    assert len({got.headers["webhook-id"] for got in town.receiver.got}) == len(said)
    assert set(await town.states()) == {"done"}
    with pytest.raises(WebhookVerificationError):
        verified("whsec_" + "A" * 44, town.receiver.got[0])


async def test_only_the_kinds_that_were_asked_for_and_only_from_then_on(town: Town) -> None:
    await town.accepted()
    await town.hook("leg.accept")
    await town.accepted()
    await town.told()
    assert [json.loads(got.body)["type"] for got in town.receiver.got] == ["leg.accept"]


async def test_nothing_of_a_patient_goes_out(town: Town) -> None:
    await town.hook()
    await town.accepted()
    await town.told()
    sent = b"".join(got.body for got in town.receiver.got)
    for word in ("María", "Garc", "family with food", "Sam Lee", "Pantry"):
        assert word.encode() not in sent


async def test_an_organization_is_told_of_its_own_feed_only(town: Town) -> None:
    stranger = await town.shop.house.organization("Stranger")
    await town.hook(org=stranger)
    await town.accepted()
    await town.told()
    assert town.receiver.got == []


async def test_after_a_failure_the_same_message_comes_again_when_its_wait_is_over(
    town: Town,
) -> None:
    made = await town.hook("leg.accept")
    await town.accepted()
    town.receiver.answers = [500]
    await town.told()
    await town.told()
    assert len(town.receiver.got) == 1
    await town.shop.skip(seconds=6)
    await town.told()
    first, second = town.receiver.got
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert verified(made.secret, second)
    assert await town.states() == ["done"]


async def test_who_is_away_is_asked_once_and_told_everything_when_it_is_back(town: Town) -> None:
    await town.hook("leg.accept")
    town.receiver.status = 503
    await town.accepted(times=4)
    await town.told()
    assert len(town.receiver.got) == 1
    await town.accepted()
    await town.told()
    assert len(town.receiver.got) == 1
    town.receiver.status = 204
    await town.shop.skip(seconds=6)
    await town.told()
    assert await town.states() == ["done"] * 5
    assert await town.numbers_told() == sorted(await town.numbers_told())


async def test_one_that_fails_for_three_days_is_stopped_with_a_task_and_a_mail(
    town: Town,
) -> None:
    await town.hook("leg.accept")
    town.receiver.status = 500
    await town.accepted(times=2)
    waited = timedelta()
    for wait in rules.WAITS:
        await town.told()
        assert await town.state() == "active"
        waited += wait
        await town.shop.skip(seconds=int(wait.total_seconds() * 1.1) + 1)
    await town.told()
    assert timedelta(days=3) <= waited <= timedelta(days=4)
    assert len(town.receiver.got) == len(rules.WAITS) + 1
    assert await town.state() == "disabled"
    assert sorted(await town.states()) == ["cancelled", "dead"]
    (task,) = await town.shop.rows("select * from lk.human_task where kind = 'webhook_disabled'")
    assert task["org_id"] == town.clinic.id
    async with town.shop.working():
        await town.shop.drained()
    (mail,) = [each for each in town.shop.mails if "webhook" in each.as_string()]
    assert "t0ken" not in mail.as_string()
    await town.accepted()
    await town.told()
    assert len(town.receiver.got) == len(rules.WAITS) + 1


async def test_gone_stops_it_at_once(town: Town) -> None:
    await town.hook("leg.accept")
    town.receiver.status = 410
    await town.accepted(times=2)
    await town.told()
    assert len(town.receiver.got) == 1
    assert await town.state() == "disabled"
    assert len(await town.shop.rows("select 1 from lk.human_task where effect_id is not null")) == 1


async def test_one_killed_before_it_wrote_it_down_tells_the_same_message_again(
    town: Town,
) -> None:
    await town.hook("leg.accept")
    await town.accepted()

    class Killed(WebhookChannel):
        async def carry(self, parcel: Any) -> Any:
            await super().carry(parcel)
            raise asyncio.CancelledError

    (effect,) = await town.effects()
    with pytest.raises(asyncio.CancelledError):
        await hooks.tell(town.shop.desk, Killed(loopback=True), effect["id"])
    await town.told()
    assert await town.states() == ["pending"]
    await town.shop.skip(seconds=61)
    await town.told()
    first, second = town.receiver.got
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert await town.states() == ["done"]


async def test_a_receiver_that_never_answers_holds_up_no_other_and_no_mail(town: Town) -> None:
    async with receiving() as slow:
        slow.wait_s = 60
        await town.hook("leg.accept", url=slow.url)
        await town.hook("leg.accept")
        stop = asyncio.Event()
        telling = asyncio.create_task(town.hooks.run(stop=stop))
        async with town.shop.working():
            await town.accepted(times=3)
            await town.shop.until(lambda: len(town.receiver.got) == 3)
            await town.shop.until(lambda: len(town.shop.mails) >= 3)
        stop.set()
        await telling
        assert len(slow.got) <= 2


async def test_two_couriers_at_once_tell_nothing_twice(town: Town) -> None:
    await town.hook("leg.accept")
    await town.accepted(times=5)
    stop = asyncio.Event()
    both = [
        hooks.Hooks(town.shop.desk, WebhookChannel(loopback=True, timeout_s=5.0)) for _ in range(2)
    ]
    tasks = [asyncio.create_task(telling.run(stop=stop)) for telling in both]
    await town.shop.until(lambda: len(town.receiver.got) >= 5)
    await asyncio.sleep(0.3)
    stop.set()
    await asyncio.gather(*tasks)
    assert len(await town.numbers_told()) == len(set(await town.numbers_told())) == 5


async def test_while_a_secret_is_replaced_both_are_valid(town: Town) -> None:
    made = await town.hook("leg.accept")
    actor, office = town.clinic.actor, town.shop.house.office
    newer = await keep_webhooks.rotate(office, actor, webhook_id=made.id)
    await town.accepted()
    await town.told()
    (got,) = town.receiver.got
    assert verified(made.secret, got) == verified(newer.secret, got)
    newest = await keep_webhooks.rotate(
        office, actor, webhook_id=made.id, keep=timedelta(seconds=-1)
    )
    await town.accepted()
    await town.told()
    assert verified(newest.secret, town.receiver.got[1])
    for secret in (made.secret, newer.secret):
        with pytest.raises(WebhookVerificationError):
            verified(secret, town.receiver.got[1])


async def test_what_failed_is_sent_again_under_its_old_id(town: Town) -> None:
    made = await town.hook("leg.accept")
    actor, office = town.clinic.actor, town.shop.house.office
    town.receiver.status = 410
    await town.accepted(times=3)
    await town.told()
    await keep_webhooks.turn(office, actor, webhook_id=made.id, state="active")
    (row, *_) = await town.effects()
    count = await hook_deliveries.resend(office, actor, webhook_id=made.id, since=row["created_at"])
    assert count == 3
    town.receiver.status = 204
    await town.told()
    assert await town.states() == ["done"] * 3
    assert town.receiver.got[0].headers["webhook-id"] == town.receiver.got[1].headers["webhook-id"]
    assert await hook_deliveries.resend(office, actor, webhook_id=made.id, number=row["number"])
    await town.told()
    assert (await town.numbers_told())[-1] == row["number"]


async def test_the_address_and_the_secret_lie_about_nowhere(town: Town) -> None:
    made = await town.hook("leg.accept")
    await town.accepted()
    await town.told()
    async with town.shop.house.office.db.transaction(Scope(org_id=town.clinic.id)) as connection:
        rows = await connection.fetch("select w::text, o::text from webhook w, outbox o")
    lying = " ".join(str(tuple(row)) for row in rows)
    for secret in (made.secret, made.secret[6:], "t0ken", str(town.receiver.port)):
        assert secret.encode().hex() not in lying
        assert f"/{secret}" not in lying
    assert "t0ken" not in repr(made)
    assert made.secret not in repr(made)
