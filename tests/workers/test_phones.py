"""The way to phones over two providers: who is asked, who takes over, and that nothing doubles."""

from __future__ import annotations

import contextlib

import msgspec
import pytest

from channels.parcel import Later, Never, Sent, TextParcel, Unknown
from service.actions.keep_contacts import Reach
from service.domain import ids
from service.settings import Secret, Sms
from service.store import receipts, sms
from service.store.pool import Scope
from tests import making
from tests.channels import sms_server
from tests.workers import shop as shops
from tests.workers import texting
from workers import phones
from workers import receipts as taking

TO = "+15035550100"


class Ways:
    """Two providers, the desk of a worker, and the way to phones over both."""

    def __init__(self, desk, owner, first, second) -> None:
        self.desk, self.owner = desk, owner
        self.first, self.second = first, second
        self.way = phones.of(desk.db, desk.settings)

    async def carry(self):
        parcel = TextParcel(to_number=TO, text="Reply 1.", reference=ids.new_id().hex, gsm=True)
        return await self.way.carry(parcel)

    async def points(self):
        async with self.desk.db.transaction(Scope()) as connection:
            found = await sms.weights(connection, ["twilio", "kannel"])
        return {each.name: each.points for each in found}

    async def skip(self, minutes: int) -> None:
        await self.owner.execute(
            "update lk.clock_offset set offset_by = offset_by + make_interval(mins => $1)", minutes
        )


def _settings(first: str, second: str) -> tuple[Sms, ...]:
    return (
        Sms(
            name="twilio",
            url=first,
            user=sms_server.ACCOUNT,
            password=Secret(sms_server.TOKEN),
            sender="+15035550199",
        ),
        Sms(
            name="kannel",
            url=f"{second}/cgi-bin/sendsms",
            user=sms_server.USER,
            password=Secret(sms_server.PASSWORD),
            sender="13013",
            hook=Secret("hook-of-the-tests"),
        ),
    )


@pytest.fixture
async def ways(fresh_database, redis_url, mail_office):
    first, second = sms_server.Desk(), sms_server.Desk()
    with contextlib.ExitStack() as stack:
        urls = [stack.enter_context(sms_server.running(desk)) for desk in (first, second)]
        async with shops.shop(fresh_database, redis_url, *mail_office) as shop:
            settings = msgspec.structs.replace(shop.desk.settings, sms=_settings(*urls))
            desk = msgspec.structs.replace(shop.desk, settings=settings)
            yield Ways(desk, shop.owner, first, second)


async def test_the_second_provider_takes_over_and_no_text_is_sent_twice(ways) -> None:
    assert isinstance(await ways.carry(), Sent)
    ways.first.fault = "503"
    answers = [await ways.carry() for _ in range(20)]
    # Nobody waits for the first to come back, and nothing went by both.
    assert all(isinstance(each, Sent) and each.ref.startswith("kannel:") for each in answers)
    assert (len(ways.first.texts), len(ways.second.texts)) == (1, 20)
    assert await ways.points() == {"twilio": 90, "kannel": 10}
    for _ in range(12):
        await ways.skip(2)
        for _ in range(3):
            await ways.carry()
    assert (await ways.points())["kannel"] >= 60
    ways.first.fault = ""
    before = len(ways.first.texts) + len(ways.second.texts)
    for _ in range(10):
        await ways.carry()
    assert len(ways.first.texts) + len(ways.second.texts) == before + 10


async def test_quiet_brings_the_points_back(ways) -> None:
    ways.first.fault = "503"
    for _ in range(3):
        await ways.carry()
    assert await ways.points() == {"twilio": 90, "kannel": 10}
    await ways.skip(14)
    await phones.chores(ways.desk.db, ways.desk.settings)
    assert await ways.points() == {"twilio": 90, "kannel": 10}
    await ways.skip(2)
    await phones.chores(ways.desk.db, ways.desk.settings)
    await phones.chores(ways.desk.db, ways.desk.settings)
    assert await ways.points() == {"twilio": 100, "kannel": 0}


@pytest.mark.parametrize("fault", ["hang", "close", "502"])
async def test_after_an_answer_that_never_came_nobody_else_is_asked(ways, fault) -> None:
    quick = phones.providers(ways.desk.settings, timeout_s=0.5)
    ways.way = phones.Phones(ways.desk.db, quick)
    ways.first.fault = fault
    assert isinstance(await ways.carry(), Unknown)
    assert (ways.first.asked, ways.second.asked) == (1, 0)


async def test_a_number_that_takes_no_texts_is_not_tried_elsewhere(ways) -> None:
    parcel = TextParcel(
        to_number=sms_server.OPTED_OUT, text="x", reference=ids.new_id().hex, gsm=True
    )
    answer = await ways.way.carry(parcel)
    assert isinstance(answer, Never)
    assert answer.opted_out
    assert ways.second.asked == 0
    assert await ways.points() == {"twilio": 100, "kannel": 0}


async def test_only_when_nobody_can_be_reached_is_the_way_closed(ways) -> None:
    ways.first.fault = ways.second.fault = "401"
    answer = await ways.carry()
    assert isinstance(answer, Later)
    assert answer.unreachable
    ways.second.fault = "busy"
    answer = await ways.carry()
    assert isinstance(answer, Later)
    assert not answer.unreachable


async def test_without_the_store_texts_go_in_the_order_of_the_settings(ways) -> None:
    await ways.desk.db.close()
    assert isinstance(await ways.carry(), Sent)
    assert len(ways.first.texts) == 1


async def test_a_text_without_a_receipt_in_three_days_is_unknown(ways, fresh_database) -> None:
    async with making.house(fresh_database) as house:
        await house.organization("Network", kind="coordination", cco=True)
        clinic = await house.organization("Northside Clinic")
        bank = await house.organization("Harbor", kind="social_service", channel="link")
        await house.sent(clinic, [bank])
    await ways.owner.execute(
        "insert into lk.delivery (id, effect_id, org_id, channel, state, message_id, created_at,"
        " finished_at) select gen_random_uuid(), o.id, o.org_id, 'sms', 'sent', 'x', lk.now(),"
        " lk.now() from lk.outbox o limit 1"
    )
    state = "select state from lk.delivery where channel = 'sms'"
    await ways.skip(71 * 60)
    await phones.chores(ways.desk.db, ways.desk.settings)
    assert await ways.owner.fetchval(state) == "sent"
    await ways.skip(61)
    await phones.chores(ways.desk.db, ways.desk.settings)
    assert await ways.owner.fetchval(state) == "unknown"


async def _texted(shop, way: Sms, number: str):
    """Send a referral whose patient is texted at this number, over a real provider."""
    settings = msgspec.structs.replace(shop.desk.settings, sms=(way,))
    to_phones = phones.of(shop.desk.db, settings)
    town = await texting.town(shop, reach=Reach(name="María García", phone=number))
    await shop.skip(seconds=11)
    async with shop.working(phones=to_phones):
        await shop.drained()
    return town


async def test_a_text_of_a_referral_goes_out_by_the_provider_of_the_settings(shop) -> None:
    desk = sms_server.Desk()
    with sms_server.running(desk) as url:
        await _texted(shop, _settings(url, url)[1], TO)
    [text] = desk.texts
    [delivery] = await shop.rows("select * from lk.delivery where channel = 'sms'")
    assert (text["to"], delivery["state"]) == (TO, "sent")
    assert delivery["provider_ref"] == f"kannel:{delivery['id'].hex}"
    assert f"ref={delivery['message_id']}&" in text["x-kannel-dlr-url"]


@pytest.mark.parametrize("when", ["at once", "by a receipt"])
async def test_what_the_carrier_blocks_is_not_texted_again(shop, when) -> None:
    desk = sms_server.Desk()
    with sms_server.running(desk) as url:
        await _texted(
            shop, _settings(url, url)[0], sms_server.OPTED_OUT if when == "at once" else TO
        )
    if when == "by a receipt":
        [delivery] = await shop.rows("select * from lk.delivery where channel = 'sms'")
        late = receipts.NewReceipt(
            provider="twilio",
            event_id="SM1:failed",
            kind="failed",
            message_id=delivery["message_id"],
            code="21610",
        )
        async with shop.desk.db.transaction(Scope()) as connection:
            await receipts.insert(connection, late)
        await taking.turn(shop.desk)
    [number] = await shop.rows("select state from lk.text_number")
    assert number["state"] == "stopped"
    [said] = await shop.rows(
        "select given, org_id, purpose from lk.text_consent where how = 'carrier'"
    )
    assert said == {"given": False, "org_id": None, "purpose": None}
    [delivery] = await shop.rows("select state from lk.delivery where channel = 'sms'")
    assert delivery["state"] == "refused"


async def test_a_text_that_nobody_answered_for_is_unknown_and_not_sent_again(shop) -> None:
    desk = sms_server.Desk()
    desk.fault = "close"
    with sms_server.running(desk) as url:
        await _texted(shop, _settings(url, url)[0], TO)
    [delivery] = await shop.rows("select state from lk.delivery where channel = 'sms'")
    assert (delivery["state"], desk.asked) == ("unknown", 1)


async def test_receipts_in_any_order_move_a_text_forward_only(shop) -> None:
    desk = sms_server.Desk()
    with sms_server.running(desk) as url:
        await _texted(shop, _settings(url, url)[0], TO)
    [delivery] = await shop.rows("select * from lk.delivery where channel = 'sms'")

    async def told(word: str, code: str | None = None) -> str:
        said = receipts.NewReceipt(
            provider="twilio",
            event_id=f"SM1:{word}",
            kind=word,
            message_id=delivery["message_id"],
            code=code,
        )
        async with shop.desk.db.transaction(Scope()) as connection:
            await receipts.insert(connection, said)
        await taking.turn(shop.desk)
        [row] = await shop.rows("select state from lk.delivery where id = $1", delivery["id"])
        return row["state"]

    assert [await told(word) for word in ("queued", "delivered", "sent", "sending")] == [
        "sent",
        "delivered",
        "delivered",
        "delivered",
    ]
    assert await told("undelivered", "30003") == "delivered"
    assert await told("abducted") == "refused"
    [task] = await shop.rows("select reason from lk.human_task where kind = 'undeliverable'")
    assert task["reason"] == "technical_failure"
