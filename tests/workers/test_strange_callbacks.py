"""What a provider says that nobody understands, or never says at all, comes before a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.actions import allow_texts, take_callback
from service.actions.allow_texts import Leave
from service.domain import ids
from service.domain.details import Details
from service.domain.patient_texts import TextPurpose
from service.domain.rules import Step
from service.store import receipts, sms
from service.store.pool import Scope
from service.store.receipts import NewReceipt
from tests.workers import texting
from workers import ears, phones
from workers import receipts as taking


async def says(shop, kind: str, *, of: str | None, code: str | None = None) -> None:
    """Let a provider say something of a text, and a worker take it in."""
    said = NewReceipt(
        provider="twilio",
        event_id=ids.new_id().hex,
        kind=kind,
        message_id=of,
        code=code,
    )
    async with shop.desk.db.transaction(Scope()) as connection:
        await receipts.insert(connection, said)
    await taking.turn(shop.desk)


async def tasks(shop, kind: str) -> list[str]:
    """List why there is open work of a kind."""
    asked = "select reason from lk.human_task where kind = $1 and state = 'open' order by opened_at"
    return [row["reason"] for row in await shop.rows(asked, kind)]


async def booked(shop) -> tuple[texting.Town, dict]:
    """A contact who is texted that an appointment was made ten days ahead; the text of it."""
    town = await texting.town(shop)
    now = await shop.owner.fetchval("select lk.now()")
    await shop.house.step(town.agency.actor, town.leg_id, Step.ACCEPT)
    details = Details(starts_at=now + timedelta(days=10), modality="in_person")
    await shop.house.step(town.agency.actor, town.leg_id, Step.SCHEDULE, details=details)
    await shop.skip(minutes=16)
    async with shop.working(phones=town.phones):
        await shop.until(lambda: town.phones.kept)
        await shop.drained()
    asked = (
        "select d.* from lk.delivery d join lk.outbox o on o.id = d.effect_id"
        " where d.channel = 'sms' and o.code = 'booked'"
    )
    [text] = await shop.rows(asked)
    return town, text


@pytest.mark.parametrize("kind", ["nonsense", "delivered"])
async def test_a_call_that_proves_itself_and_says_nothing_known_is_one_task_for_the_network(
    shop, kind
) -> None:
    await texting.town(shop)
    for _ in range(3):
        await says(shop, kind, of=None)
    assert await tasks(shop, "callback_strange") == ["strange_receipt"]
    [task] = await shop.rows(
        "select o.is_cco from lk.human_task h join lk.organization o"
        " on o.id = h.org_id where h.kind = 'callback_strange'"
    )
    assert task["is_cco"]


async def test_a_word_nobody_knows_of_a_text_of_ours_is_told_as_well(shop) -> None:
    _, text = await booked(shop)
    await says(shop, "delivered", of=text["message_id"])
    assert await tasks(shop, "callback_strange") == []
    await says(shop, "abducted", of=text["message_id"])
    assert await tasks(shop, "callback_strange") == ["strange_receipt"]


async def test_a_text_of_a_phone_that_never_opens_is_told(shop) -> None:
    await texting.town(shop)
    await shop.owner.execute(
        "insert into lk.inbound_text (id, provider, event_id, sealed, received_at, next_at)"
        " values ($1, 'twilio', 'SM9', '\\x00', lk.now(), lk.now())",
        ids.new_id(),
    )
    for _ in range(ears.MOST_TRIES):
        await ears.turn(shop.desk)
        await shop.skip(seconds=31)
    assert await tasks(shop, "callback_strange") == ["text_given_up"]


async def _three_days_without_a_word(shop) -> None:
    await shop.skip(hours=73)
    await phones.chores(shop.desk.db, shop.desk.settings)


async def test_whether_an_appointment_was_read_of_is_asked_by_a_person(shop) -> None:
    town, text = await booked(shop)
    await _three_days_without_a_word(shop)
    [state] = await shop.rows("select state, detail from lk.delivery where id = $1", text["id"])
    assert state == {"state": "unknown", "detail": "no_receipt"}
    [task] = await shop.rows("select * from lk.human_task where kind = 'tell_patient'")
    assert (task["reason"], task["org_id"]) == ("unknown_booked", town.clinic.id)
    assert task["patient_id"] == town.patient_id
    # What is not known is asked once, and a late receipt still counts.
    await phones.chores(shop.desk.db, shop.desk.settings)
    assert await tasks(shop, "tell_patient") == ["unknown_booked"]
    await says(shop, "delivered", of=text["message_id"])
    [state] = await shop.rows("select state from lk.delivery where id = $1", text["id"])
    assert state["state"] == "delivered"


async def test_of_another_appointment_since_nobody_is_asked(shop) -> None:
    town, _ = await booked(shop)
    now = await shop.owner.fetchval("select lk.now()")
    details = Details(starts_at=now + timedelta(days=12), modality="in_person")
    await shop.house.step(town.agency.actor, town.leg_id, Step.SCHEDULE, details=details)
    await _three_days_without_a_word(shop)
    assert await tasks(shop, "tell_patient") == []


async def test_a_text_that_was_taken_without_a_word_counts_as_no_receipt_after_three_days(
    shop,
) -> None:
    _, text = await booked(shop)
    await shop.owner.execute(
        "update lk.delivery set state = 'unknown', detail = 'timed_out' where id = $1", text["id"]
    )
    await _three_days_without_a_word(shop)
    assert await tasks(shop, "tell_patient") == ["unknown_booked"]


async def test_two_failures_for_good_are_the_end_of_a_number_until_a_person_says_otherwise(
    shop,
) -> None:
    town, text = await booked(shop)

    async def state() -> str:
        [row] = await shop.rows("select state from lk.text_number")
        return row["state"]

    await says(shop, "undelivered", of=text["message_id"], code="30005")
    assert await state() == "open"
    await shop.skip(days=4)
    async with shop.working(phones=town.phones):
        await shop.until(lambda: len(town.phones.kept) == 2)
        await shop.drained()
    [second] = await shop.rows(
        "select message_id from lk.delivery where channel = 'sms' and id <> $1", text["id"]
    )
    await says(shop, "undelivered", of=second["message_id"], code="30005")
    assert await state() == "dead"
    leave = Leave(purposes=frozenset(TextPurpose), how="form")
    again = await allow_texts.reopen(
        shop.house.office,
        town.clinic.actor,
        patient_id=town.patient_id,
        contact_id=town.contact_id,
        leave=leave,
    )
    assert (again, await state()) == ("open", "open")


async def test_what_could_not_be_read_is_kept_without_a_word_of_it(shop) -> None:
    await take_callback.receipt(
        shop.house.office, "twilio", {"To": texting.NUMBER, "Body": "my words"}
    )
    kept = repr(await shop.rows("select * from lk.receipt"))
    assert "nonsense" in kept
    assert texting.NUMBER not in kept
    assert "my words" not in kept
    async with shop.desk.db.transaction(Scope()) as connection:
        assert await sms.texts_waiting(connection, limit=5) == []
