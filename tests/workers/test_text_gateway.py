"""The development gateway: real texts, real reports, real answers, over real HTTP on loopback."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from channels.parcel import Later, Sent, TextParcel
from service.actions import take_callback
from service.settings import Secret, Sms
from service.store import caught, sms
from service.store.pool import Scope
from tests.channels import mail_server
from tests.web import site
from tests.workers import shop as shops
from tests.workers.serving import web_of
from workers import phones, text_gateway
from workers import receipts as taking

HOOK = "hook-secret-of-the-tests"


class Street:
    """A shop with its web server and its gateway, and the folder where texts are kept."""

    def __init__(self, shop, folder, desk) -> None:
        self.shop, self.folder, self.desk = shop, folder, desk

    async def carry(self, number: str, text: str = "Reply 1 for yes. STOP ends this."):
        delivery = await self._delivery()
        [provider] = phones.providers(self.desk.settings).values()
        parcel = TextParcel(to_number=number, text=text, reference=delivery.hex, gsm=text.isascii())
        try:
            return delivery, await provider.carry(parcel)
        finally:
            await provider.close()

    async def _delivery(self):
        """A delivery as the courier leaves it: a text that the gateway took."""
        row = await self.shop.owner.fetchrow(
            "update lk.delivery set channel = 'sms', message_id = replace(id::text, '-', ''),"
            " state = 'sent', finished_at = lk.now() where id = (select id from lk.delivery"
            " where channel <> 'sms' limit 1) returning id"
        )
        return row["id"]

    async def states(self, delivery):
        rows = await self.shop.rows("select state from lk.delivery where id = $1", delivery)
        return [row["state"] for row in rows]

    async def settled(self, delivery, state: str) -> None:
        async def there() -> bool:
            await taking.turn(self.desk)
            return await self.states(delivery) == [state]

        await self.shop.until(there)

    async def heard(self):
        async with self.desk.db.transaction(Scope()) as connection:
            found = await sms.texts_waiting(connection, limit=10)
        return [await take_callback.opened(self.desk.office, each) for each in found]


@pytest.fixture
async def street(fresh_database, redis_url, mail_office, tmp_path):
    port, gate = mail_server.free(), mail_server.free()
    async with shops.shop(fresh_database, redis_url, *mail_office) as shop:
        way = Sms(
            name="kannel",
            url=f"http://127.0.0.1:{gate}/cgi-bin/sendsms",
            user="demo",
            password=Secret("word-of-the-gateway"),
            sender="+15035550199",
            hook=Secret(HOOK),
        )
        settings = site.settings(
            fresh_database,
            redis_url,
            tmp_path,
            sms=(way,),
            port=port,
            public_url=f"http://127.0.0.1:{port}",
        )
        desk = msgspec.structs.replace(shop.desk, settings=settings)
        await shop.house.organization("Network", kind="coordination", cco=True)
        clinic = await shop.house.organization("Northside Clinic")
        banks = [
            await shop.house.organization(f"Bank {n}", kind="social_service", channel="link")
            for n in range(3)
        ]
        for bank in banks:
            await shop.house.sent(clinic, [bank])
        await shop.skip(seconds=11)
        async with shop.working():
            await shop.drained()
        folder = tmp_path / "outbox"
        stop = asyncio.Event()
        async with web_of(settings):
            serving = asyncio.create_task(text_gateway.run(desk, stop=stop, folder=folder))
            yield Street(shop, folder, desk)
            stop.set()
            await serving


async def test_a_text_is_kept_and_its_report_moves_the_delivery_on(street) -> None:
    delivery, answer = await street.carry("+15035550100")
    assert answer == Sent(delivery.hex)
    await street.settled(delivery, "delivered")
    [text] = caught.newest(street.folder)
    assert (text.way, text.to, text.sender) == ("sms", "+15035550100", "+15035550199")
    assert text.text.strip() == "Reply 1 for yes. STOP ends this."
    assert not await street.shop.rows("select 1 from lk.human_task where kind = 'undeliverable'")


async def test_letters_beyond_the_narrow_alphabet_arrive_as_they_were_written(street) -> None:
    await street.carry("+15035550100", "Responda 1 para sí ✓")
    [text] = caught.newest(street.folder)
    assert text.text.strip() == "Responda 1 para sí ✓"


async def test_a_number_that_ends_in_0101_fails_and_somebody_is_told(street) -> None:
    delivery, _ = await street.carry("+15035550101")
    await street.settled(delivery, "bounced")
    [task] = await street.shop.rows("select reason from lk.human_task where kind = 'undeliverable'")
    assert task["reason"] == "permanent_failure"


async def test_a_number_that_ends_in_0102_answers_stop(street) -> None:
    await street.carry("+15035550102")
    await street.shop.until(lambda: street.shop.rows("select 1 from lk.inbound_text"))
    [heard] = await street.heard()
    assert (heard.number, heard.our_number, heard.text) == (
        "+15035550102",
        "+15035550199",
        "STOP",
    )


async def test_what_somebody_types_on_the_page_comes_in_as_that_phones_answer(street) -> None:
    typed = caught.Typed(number="+15035550100", to="+15035550199", text="Sí, gracias")
    caught.answer(street.folder, typed)
    await street.shop.until(lambda: street.shop.rows("select 1 from lk.inbound_text"))
    [row] = await street.shop.rows("select sealed from lk.inbound_text")
    assert b"gracias" not in row["sealed"]
    [heard] = await street.heard()
    assert (heard.number, heard.text) == ("+15035550100", "Sí, gracias")
    assert "+1503" not in repr(heard)


async def test_a_wrong_password_is_about_us_and_not_about_the_text(street) -> None:
    [way] = street.desk.settings.sms
    wrong = msgspec.structs.replace(way, password=Secret("another"))
    settings = msgspec.structs.replace(street.desk.settings, sms=(wrong,))
    [provider] = phones.providers(settings).values()
    parcel = TextParcel(to_number="+15035550100", text="x", reference="a" * 32, gsm=True)
    answer = await provider.carry(parcel)
    assert isinstance(answer, Later)
    assert answer.unreachable
    assert caught.newest(street.folder) == []


async def test_outside_a_demonstration_there_is_no_gateway(street) -> None:
    settings = msgspec.structs.replace(street.desk.settings, demo=False)
    desk = msgspec.structs.replace(street.desk, settings=settings)
    with pytest.raises(text_gateway.NotADemo):
        await text_gateway.run(desk, stop=asyncio.Event())
