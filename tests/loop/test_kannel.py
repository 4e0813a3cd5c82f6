"""A patient is texted through a real Kannel: out, reported, answered; what came back is kept."""

from __future__ import annotations

import msgspec
import pytest

from service.actions import take_callback
from service.actions.keep_contacts import Reach
from service.domain.rules import Step
from service.settings import Secret, Sms
from service.store import sms
from service.store.pool import Scope
from tests.channels import kannel_box, mail_server
from tests.web import site
from tests.workers import shop as shops
from tests.workers import texting
from tests.workers.serving import web_of
from workers import ears, phones
from workers import receipts as taking

HOOK = "hook-secret-of-the-tests"
PHONE = "+15035550100"


@pytest.fixture
async def street(fresh_database, redis_url, tmp_path):
    """A network with its web server and workers, and a Kannel with phones behind it."""
    kannel_box.needed()
    port = mail_server.free()
    url = f"http://127.0.0.1:{port}"
    post_url = f"http://kannel:{HOOK}@127.0.0.1:{port}/hooks/sms/kannel/texts?event=%I"
    office = mail_server.Office()
    with (
        mail_server.running(office) as mail_port,
        kannel_box.running(tmp_path, post_url=post_url) as box,
    ):
        way = Sms(
            name="kannel",
            url=box.url,
            user=kannel_box.USER,
            password=Secret(kannel_box.PASSWORD),
            sender=kannel_box.SENDER,
            hook=Secret(HOOK),
        )
        settings = site.settings(
            fresh_database, redis_url, tmp_path, sms=(way,), port=port, public_url=url
        )
        async with shops.shop(fresh_database, redis_url, office, mail_port) as shop:
            given = msgspec.structs.replace(shop.desk.settings, sms=(way,), public_url=url)
            shop.desk = msgspec.structs.replace(shop.desk, settings=given)
            async with web_of(settings):
                yield shop, box


@pytest.mark.kannel
async def test_a_text_goes_out_is_reported_and_answered_through_a_real_kannel(street) -> None:
    shop, box = street
    await texting.town(shop, reach=Reach(name="María García", phone=PHONE))
    await shop.skip(seconds=11)
    async with shop.working(phones=phones.of(shop.desk.db, shop.desk.settings)):
        await shop.until(lambda: "".join(each for _, each in box.air.heard).endswith("mensajes."))
        await shop.drained()
    assert {number for number, _ in box.air.heard} == {PHONE}
    words = "".join(words for _, words in box.air.heard)
    assert words.startswith("Northside Clinic: Su solicitud va en camino.")
    assert words.endswith("STOP termina los mensajes.")

    async def delivered() -> bool:
        await taking.turn(shop.desk)
        [row] = await shop.rows("select state from lk.delivery where channel = 'sms'")
        return row["state"] == "delivered"

    await shop.until(delivered)
    told = await shop.rows("select kind from lk.receipt where provider = 'kannel'")
    assert {row["kind"] for row in told} == {"1", "8"}

    arrived = len(box.air.heard)
    box.air.write(PHONE, "Sí, mañana")
    await shop.until(lambda: shop.rows("select 1 from lk.inbound_text"))
    async with shop.desk.db.transaction(Scope()) as connection:
        [waiting] = await sms.texts_waiting(connection, limit=10)
    heard = await take_callback.opened(shop.desk.office, waiting)
    assert (heard.number, heard.our_number, heard.text) == (
        PHONE,
        kannel_box.SENDER,
        "Sí, mañana",
    )
    # The hook answered with nothing, and so nothing went on to the phone.
    assert len(box.air.heard) == arrived


@pytest.mark.kannel
async def test_stop_from_a_phone_is_silence_until_start(street) -> None:
    shop, box = street
    town = await texting.town(shop, reach=Reach(name="María García", phone=PHONE))
    await shop.skip(seconds=11)

    def said() -> str:
        return "".join(words for _, words in box.air.heard)

    async def heard(count: int) -> bool:
        await ears.turn(shop.desk)
        return len(await shop.rows("select 1 from lk.text_heard")) == count

    async with shop.working(phones=phones.of(shop.desk.db, shop.desk.settings)):
        await shop.until(lambda: said().endswith("mensajes."))
        box.air.write(PHONE, "Stop")
        await shop.until(lambda: heard(1))
        await shop.until(lambda: "No recibe ya mensajes" in said())
        silent = len(box.air.heard)
        await shop.house.step(town.agency.actor, town.leg_id, Step.ACCEPT)
        await shop.skip(hours=24)
        await shop.drained()
        assert len(box.air.heard) == silent
        box.air.write(PHONE, "START")
        await shop.until(lambda: heard(2))
        await shop.until(lambda: len(box.air.heard) > silent)
    kept = await shop.rows("select outcome from lk.inbound_text order by received_at")
    assert [row["outcome"] for row in kept] == ["heard", "heard"]
