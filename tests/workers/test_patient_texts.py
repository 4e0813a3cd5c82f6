"""A patient's contact is texted: whom, when, in which language, and what stops it."""

from __future__ import annotations

import asyncio

import pytest

from service.actions import keep_patient, mint_link
from service.domain.rules import Step
from service.store import outbox
from service.store.pool import Scope
from tests.workers import texting
from workers import carrying


async def test_a_contact_who_said_yes_gets_one_text_in_their_language(shop) -> None:
    town = await texting.town(shop)
    await shop.skip(seconds=11)
    async with shop.working(phones=town.phones):
        await shop.until(lambda: town.phones.kept)
        await shop.drained()
    [text] = town.phones.kept
    assert text.to_number == texting.NUMBER
    assert text.text.startswith("Northside Clinic: Su solicitud va en camino")
    [delivery] = await shop.rows("select * from lk.delivery where channel = 'sms'")
    assert (delivery["state"], text.reference) == ("sent", delivery["id"].hex)
    kept = repr(await shop.rows("select * from lk.delivery")) + repr(await shop.effects("true"))
    assert texting.NUMBER not in kept
    for word in ("García", "María", "food", "Groceries", "Harbor"):
        assert word not in text.text


@pytest.mark.parametrize("missing", ["consent", "profile", "class", "number"])
async def test_nobody_is_texted_who_did_not_say_so(shop, missing) -> None:
    town = await texting.town(shop, missing=missing)
    await shop.skip(seconds=11)
    async with shop.working(phones=town.phones):
        await shop.drained()
    assert town.phones.kept == []
    assert [each["state"] for each in await shop.effects("kind = 'text'")] == ["cancelled"]


async def test_a_text_waits_for_the_day_of_the_patient_s_own_zone(shop) -> None:
    town = await texting.town(shop, at_time="02:30")
    await shop.skip(seconds=11)
    async with shop.working(phones=town.phones):
        await shop.drained()
        assert town.phones.kept == []
        [effect] = await shop.effects("kind = 'text'")
        assert effect["state"] == "pending"
        local = effect["next_at"].astimezone(texting.ZONE)
        assert local.hour == 8
        await shop.skip(hours=6)
        await shop.until(lambda: town.phones.kept)


async def test_a_referral_that_was_taken_on_meanwhile_is_not_told_as_sent(shop) -> None:
    town = await texting.town(shop, at_time="02:30")
    await shop.house.step(town.agency.actor, town.leg_id, Step.ACCEPT)
    await shop.skip(hours=7)
    async with shop.working(phones=town.phones):
        await shop.until(lambda: town.phones.kept)
        await shop.drained()
    [text] = town.phones.kept
    assert "Buenas noticias" in text.text
    assert "Harbor desde el +15035550199" in text.text


@pytest.mark.parametrize("channel", ["link", "account"])
async def test_a_text_has_the_word_for_the_counter_of_an_agency_by_link(shop, channel) -> None:
    town = await texting.town(shop, at_time="02:30")
    await shop.owner.execute(
        "update lk.organization set channel = $1 where id = $2", channel, town.agency.id
    )
    await shop.house.step(town.agency.actor, town.leg_id, Step.ACCEPT)
    await shop.skip(hours=7)
    async with shop.working(phones=town.phones):
        await shop.until(lambda: town.phones.kept)
        await shop.drained()
    [text] = town.phones.kept
    words = await mint_link.pickup_words(shop.house.office.keys, town.leg_id)
    assert (f"Su clave: {words}. Vea" in text.text) is (channel == "link")
    assert ("clave" in text.text) is (channel == "link")
    assert words not in repr(await shop.rows("select * from lk.delivery"))


async def test_two_texts_in_a_day_become_one_today_and_one_tomorrow(shop) -> None:
    town = await texting.town(shop)
    await shop.skip(seconds=11)
    async with shop.working(phones=town.phones):
        await shop.until(lambda: town.phones.kept)
        await shop.house.step(town.agency.actor, town.leg_id, Step.ACCEPT)
        await shop.skip(minutes=16)
        await shop.drained()
        assert len(town.phones.kept) == 1
        await shop.skip(hours=24)
        await shop.until(lambda: len(town.phones.kept) == 2)


async def _waiting(shop) -> bool:
    """Say whether both couriers stand before the number that a third one holds."""
    return await shop.owner.fetchval(
        "select count(*) = 2 from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
    )


async def test_two_texts_that_are_due_at_once_are_told_on_two_days(shop, connect) -> None:
    town = await texting.town(shop)
    await shop.house.sent(town.clinic, [town.agency], patient_id=town.patient_id)
    await shop.skip(seconds=11)
    both = [each["id"] for each in await shop.effects("kind = 'text'")]
    async with shop.desk.db.transaction(Scope()) as connection:
        heads = await outbox.heads(connection, both)
    held = await connect(shop.house.url)
    async with held.transaction():
        await held.execute("select from lk.text_number for update")
        tries = [
            asyncio.create_task(carrying.prepare(shop.desk, head, phones=True)) for head in heads
        ]
        await shop.until(lambda: _waiting(shop))
    ready = await asyncio.gather(*tries)
    assert len([each for each in ready if each is not None]) == 1
    waits = "kind = 'text' and next_at > lk.now() + interval '1 hour'"
    assert len(await shop.effects(waits)) == 1


async def test_who_may_not_be_contacted_is_not_texted_and_nobody_is_asked_to_call(shop) -> None:
    town = await texting.town(shop)
    await keep_patient.edit_patient(
        shop.house.office,
        town.clinic.actor,
        patient_id=town.patient_id,
        change=keep_patient.PatientChange(do_not_contact=True),
        seen=2,
    )
    await shop.skip(seconds=11)
    async with shop.working(phones=town.phones):
        await shop.drained()
    assert town.phones.kept == []
    assert not await shop.rows("select 1 from lk.human_task where kind = 'tell_patient'")


async def test_what_no_phone_may_be_told_by_text_is_told_by_a_person(shop) -> None:
    town = await texting.town(shop, missing="consent")
    await shop.house.step(town.agency.actor, town.leg_id, Step.ACCEPT)
    await shop.skip(minutes=16)
    async with shop.working(phones=town.phones):
        await shop.drained()
    [task] = await shop.rows("select * from lk.human_task where kind = 'tell_patient'")
    assert (task["reason"], task["org_id"]) == ("tell_accepted", town.clinic.id)
