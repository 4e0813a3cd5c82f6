"""The development outbox: takes mail, keeps it, and bounces what goes nowhere."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from crypto.sealed import Place
from service.store import caught, receipts
from service.store.pool import Scope
from tests.channels import mail_server
from tests.workers import shop as shops
from workers import outbox_server
from workers import receipts as taking


@contextlib.asynccontextmanager
async def outbox(shop, folder):
    stop = asyncio.Event()
    serving = asyncio.create_task(outbox_server.run(shop.desk, stop=stop, folder=folder))
    try:
        yield
    finally:
        stop.set()
        await serving


@pytest.fixture
async def shop(fresh_database, redis_url):
    port = mail_server.free()
    async with shops.shop(fresh_database, redis_url, mail_server.Office(), port) as opened:
        yield opened


async def sent_to(shop, mailbox: str | None = None):
    await shop.house.organization("Network", kind="coordination", cco=True)
    clinic = await shop.house.organization("Northside Clinic")
    bank = await shop.house.organization("Harbor", kind="social_service", channel="link")
    if mailbox is not None:
        place = Place(table="address", column="sealed", row_id=bank.address_id, org_id=bank.id)
        sealed = await shop.house.keys.seal_field(bank.id, mailbox.encode(), place=place)
        await shop.owner.execute(
            "update lk.address set sealed = $2 where id = $1", bank.address_id, sealed
        )
    await shop.house.sent(clinic, [bank])
    await shop.skip(seconds=11)
    return clinic, bank


async def test_a_caught_mail_can_be_read_and_its_link_followed(shop, tmp_path) -> None:
    _, bank = await sent_to(shop)
    folder = tmp_path / "outbox"
    assert caught.newest(folder) == []
    async with outbox(shop, folder), shop.working():
        await shop.until(lambda: caught.newest(folder))
        await shop.drained()
    [mail] = caught.newest(folder)
    assert mail.to == bank.mailbox
    assert mail.links[0].startswith("http://127.0.0.1:8080/r/")
    assert caught.find(folder, mail.key) == mail
    for strange in ("../outbox", "nothing", "", "a/b", "x" * 300):
        assert caught.find(folder, strange) is None
    assert mail.text not in repr(mail)


async def test_an_address_that_ends_in_invalid_bounces_and_becomes_a_task(shop, tmp_path) -> None:
    clinic, bank = await sent_to(shop, "intake@nowhere.invalid")
    async with outbox(shop, tmp_path / "outbox"), shop.working():
        await shop.until(lambda: shop.rows("select 1 from lk.receipt"))
        await shop.drained()
    assert await taking.turn(shop.desk) == 1
    assert await taking.turn(shop.desk) == 0
    [delivery] = await shop.rows("select * from lk.delivery")
    assert (delivery["state"], delivery["detail"]) == ("bounced", "5.1.1")
    [address] = await shop.rows("select state from lk.address where id = $1", bank.address_id)
    assert address["state"] == "bad"
    assert [row["state"] for row in await shop.rows("select state from lk.link")] == ["revoked"]
    [task] = await shop.rows("select * from lk.human_task where kind = 'address_bounced'")
    assert (task["org_id"], task["about_org_id"]) == (clinic.id, bank.id)


async def test_a_receipt_told_twice_or_too_late_moves_nothing_back(shop, tmp_path) -> None:
    await sent_to(shop, "intake@nowhere.invalid")
    async with outbox(shop, tmp_path / "outbox"), shop.working():
        await shop.until(lambda: shop.rows("select 1 from lk.receipt"))
        await shop.drained()
    await taking.turn(shop.desk)
    [delivery] = await shop.rows("select * from lk.delivery")
    late = receipts.NewReceipt(
        provider="mail", event_id="<late@x>", kind="delivered", message_id=delivery["message_id"]
    )
    async with shop.desk.db.transaction(Scope()) as connection:
        assert await receipts.insert(connection, late) is not None
        assert await receipts.insert(connection, late) is None
    assert await taking.turn(shop.desk) == 1
    [delivery] = await shop.rows("select * from lk.delivery")
    assert delivery["state"] == "bounced"


async def test_the_receipts_worker_hears_its_bell(shop, tmp_path) -> None:
    await sent_to(shop, "intake@nowhere.invalid")
    stop = asyncio.Event()
    working = asyncio.create_task(taking.run(shop.desk, stop=stop))
    async with outbox(shop, tmp_path / "outbox"), shop.working():
        await shop.until(lambda: shop.rows("select 1 from lk.address where state = 'bad'"))
    stop.set()
    await working


async def test_outside_a_demonstration_there_is_no_development_outbox(shop, tmp_path) -> None:
    import msgspec

    settings = msgspec.structs.replace(shop.desk.settings, demo=False)
    desk = msgspec.structs.replace(shop.desk, settings=settings)
    with pytest.raises(outbox_server.NotADemo):
        await outbox_server.run(desk, stop=asyncio.Event(), folder=tmp_path)
