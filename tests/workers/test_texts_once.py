"""A text leaves once phones were heard, and never again once it is known to be taken."""

from __future__ import annotations

import msgspec
import pytest

from service.actions import take_callback
from service.actions.keep_contacts import Reach
from service.domain.patient import SafeContact
from service.domain.rules import Step
from service.store import outbox, receipts, sms
from service.store.pool import Scope
from tests.channels import sms_server
from tests.workers import texting
from tests.workers.test_phones import _settings
from workers import carrying, phones
from workers import courier as couriers
from workers import receipts as taking


async def _written(shop, words: str, *, number: str = texting.NUMBER) -> None:
    """Take a text from a phone as the hook does, with nobody there to hear it."""
    fields = {"event": "in-1", "x-kannel-from": number, "x-kannel-to": "13013"}
    await take_callback.text(shop.house.office, "kannel", {**fields, "text": words})


async def _receipt(shop, message_id: str) -> None:
    """Take a provider's word that it has a text."""
    told = receipts.NewReceipt(
        provider="twilio", event_id="SM1:sent", kind="sent", message_id=message_id, code=None
    )
    async with shop.desk.db.transaction(Scope()) as connection:
        await receipts.insert(connection, told)
    await taking.turn(shop.desk)


async def _with_phone(shop, town: texting.Town, number: str):
    patient = await shop.house.patient(town.clinic)
    await texting._profile(shop, town.clinic, patient.id, SafeContact(may_text=True))
    reach = {"reach": Reach(name="María García", phone=number)}
    await texting._kept(shop, town.clinic, patient.id, missing="", contact=reach)
    return patient.id


async def _head(shop):
    [effect] = await shop.effects("kind = 'text' and state = 'pending'")
    async with shop.desk.db.transaction(Scope()) as connection:
        [head] = await outbox.heads(connection, [effect["id"]])
    return head


async def test_a_stop_that_was_only_kept_is_heard_before_the_text_leaves(shop) -> None:
    town = await texting.town(shop)
    await shop.skip(seconds=11)
    await _written(shop, "STOP")
    async with shop.working(phones=town.phones):
        await shop.drained()
    assert not any("solicitud" in each.text for each in town.phones.kept)
    [effect] = await shop.effects("kind = 'text' and referral_id is not null")
    assert (effect["state"], effect["last_error"]) == ("cancelled", "stopped")


async def test_a_text_waits_while_another_worker_has_what_a_phone_said(shop) -> None:
    town = await texting.town(shop)
    await shop.skip(seconds=11)
    await _written(shop, "hello")
    async with shop.desk.db.transaction(Scope()) as connection:
        [held] = await sms.texts_waiting(connection, limit=10)
    head = await _head(shop)
    assert await carrying.prepare(shop.desk, head, phones=True) is None
    [effect] = await shop.effects("kind = 'text'")
    assert (effect["state"], effect["tries"]) == ("pending", 0)
    async with shop.desk.db.transaction(Scope()) as connection:
        await sms.text_handed(connection, held.id, outcome="heard")
    await shop.skip(seconds=2)
    async with shop.working(phones=town.phones):
        await shop.until(lambda: town.phones.kept)


async def test_what_another_phone_said_keeps_no_text_waiting(shop) -> None:
    town = await texting.town(shop)
    await shop.skip(seconds=11)
    await _written(shop, "hello", number="+15035550142")
    async with shop.desk.db.transaction(Scope()) as connection:
        [held] = await sms.texts_waiting(connection, limit=10)
    assert await carrying.prepare(shop.desk, await _head(shop), phones=True) is not None
    async with shop.desk.db.transaction(Scope()) as connection:
        await sms.text_handed(connection, held.id, outcome="heard")
    [kept] = await shop.rows("select tokens from lk.inbound_text")
    assert kept["tokens"] == []
    assert town.phones.kept == []


async def test_what_came_from_no_number_may_be_anybodys_and_keeps_every_text_waiting(shop) -> None:
    await texting.town(shop)
    await shop.skip(seconds=11)
    await _written(shop, "STOP", number="+15035550142")
    await shop.owner.execute("update lk.inbound_text set tokens = '{}'")
    async with shop.desk.db.transaction(Scope()) as connection:
        assert await sms.texts_waiting(connection, limit=10)
    assert await carrying.prepare(shop.desk, await _head(shop), phones=True) is None


async def test_who_falls_with_a_text_in_hand_holds_it_for_seconds_and_longer_each_time(
    shop,
) -> None:
    await texting.town(shop)
    await _written(shop, "STOP")
    for tries in (1, 2, 3):
        async with shop.desk.db.transaction(Scope()) as connection:
            [held] = await sms.texts_waiting(connection, limit=10)
            assert held.tries == tries
            assert await sms.texts_waiting(connection, limit=10) == []
        await shop.skip(seconds=5 * tries + 1)


async def test_a_text_whose_receipt_came_before_its_answer_is_not_sent_again(shop) -> None:
    town = await texting.town(shop)
    await shop.skip(seconds=11)
    # A courier takes it, hands it over, and is killed before it hears the answer.
    ready = await carrying.prepare(shop.desk, await _head(shop), phones=True)
    assert ready is not None
    await _receipt(shop, ready.delivery.message_id)
    await shop.skip(seconds=11)
    async with shop.working(phones=town.phones):
        await shop.drained()
    assert town.phones.kept == []
    [delivery] = await shop.rows("select state from lk.delivery where channel = 'sms'")
    [effect] = await shop.effects("kind = 'text'")
    assert (delivery["state"], effect["state"]) == ("sent", "done")


async def test_no_mail_waits_for_a_provider_that_does_not_answer(shop) -> None:
    town = await texting.town(shop)
    for number in range(couriers.IN_HAND + 4):
        patient_id = await _with_phone(shop, town, f"+1503200{number:04}")
        await shop.house.sent(town.clinic, [town.agency], patient_id=patient_id)
    await shop.owner.execute("update lk.outbox set state = 'cancelled' where channel = 'mail'")
    await shop.skip(seconds=11)
    desk = sms_server.Desk()
    desk.fault, desk.hang_s = "hang", 12.0
    with sms_server.running(desk) as url:
        settings = msgspec.structs.replace(shop.desk.settings, sms=_settings(url, url)[:1])
        quick = phones.Phones(shop.desk.db, phones.providers(settings, timeout_s=6.0))
        async with shop.working(phones=quick):
            await shop.until(lambda: len(desk.texts) >= couriers.TEXTS_IN_HAND)
            await shop.house.sent(town.clinic, [town.agency], patient_id=town.patient_id)
            await shop.skip(seconds=11)
            await shop.until(lambda: shop.mails, seconds=4)
            assert not await shop.rows("select 1 from lk.delivery where state = 'unknown'")


@pytest.mark.parametrize("reported", [False, True])
async def test_what_no_provider_answered_for_is_told_by_a_person_after_an_hour(
    shop, reported
) -> None:
    town = await texting.town(shop, at_time="02:30")
    await shop.house.step(town.agency.actor, town.leg_id, Step.ACCEPT)
    await shop.skip(hours=7)
    desk = sms_server.Desk()
    desk.fault = "close"
    with sms_server.running(desk) as url:
        settings = msgspec.structs.replace(shop.desk.settings, sms=_settings(url, url)[:1])
        async with shop.working(phones=phones.of(shop.desk.db, settings)):
            await shop.until(lambda: desk.texts)
            await shop.drained()
    [delivery] = await shop.rows("select * from lk.delivery where channel = 'sms'")
    assert delivery["state"] == "unknown"
    if reported:
        await _receipt(shop, delivery["message_id"])
    await phones.chores(shop.desk.db, settings)
    assert not await _told_by_call(shop)
    await shop.skip(minutes=61)
    for _ in range(2):
        await phones.chores(shop.desk.db, settings)
    assert await _told_by_call(shop) == ([] if reported else ["tell_accepted"])


async def _told_by_call(shop) -> list[str]:
    tasks = await shop.rows("select reason from lk.human_task where kind = 'tell_patient'")
    return [task["reason"] for task in tasks]
