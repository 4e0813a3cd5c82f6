"""A text leaves once phones were heard, and never again once it is known to be taken."""

from __future__ import annotations

from service.actions import take_callback
from service.store import outbox, receipts, sms
from service.store.pool import Scope
from tests.workers import texting
from workers import carrying
from workers import receipts as taking


async def _written(shop, words: str) -> None:
    """Take a text from a phone as the hook does, with nobody there to hear it."""
    fields = {"event": "in-1", "x-kannel-from": texting.NUMBER, "x-kannel-to": "13013"}
    await take_callback.text(shop.house.office, "kannel", {**fields, "text": words})


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


async def test_a_text_whose_receipt_came_before_its_answer_is_not_sent_again(shop) -> None:
    town = await texting.town(shop)
    await shop.skip(seconds=11)
    # A courier takes it, hands it over, and is killed before it hears the answer.
    ready = await carrying.prepare(shop.desk, await _head(shop), phones=True)
    assert ready is not None
    told = receipts.NewReceipt(
        provider="twilio",
        event_id="SM1:sent",
        kind="sent",
        message_id=ready.delivery.message_id,
        code=None,
    )
    async with shop.desk.db.transaction(Scope()) as connection:
        await receipts.insert(connection, told)
    await taking.turn(shop.desk)
    await shop.skip(seconds=11)
    async with shop.working(phones=town.phones):
        await shop.drained()
    assert town.phones.kept == []
    [delivery] = await shop.rows("select state from lk.delivery where channel = 'sms'")
    [effect] = await shop.effects("kind = 'text'")
    assert (delivery["state"], effect["state"]) == ("sent", "done")
