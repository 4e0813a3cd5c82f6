"""What a phone says to us: heard once, answered once, and never a step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service import faults
from service.actions import allow_texts, hear_text, read_words
from service.actions.allow_texts import Leave
from service.actions.hear_text import Inbound
from service.domain.details import Details
from service.domain.heard import Meaning
from service.domain.patient_texts import TextPurpose
from service.domain.rules import Step
from service.store import invariants
from service.store.pool import Scope
from tests.workers import texting

_count = iter(range(1, 10_000))


async def says(shop, text: str, *, number: str = texting.NUMBER, event: str = "") -> Meaning | None:
    inbound = Inbound(
        number=number,
        our_number="+15035550000",
        text=text,
        provider="memory",
        provider_event_id=event or f"in-{next(_count)}",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return await hear_text.hear(shop.desk.office, inbound)


async def quiet(shop) -> list[str]:
    """Look for what must hold of texts; nothing may be found."""
    wanted = [each for each in invariants.INVARIANTS if each.id in ("I2", "I19", "I20")]
    async with shop.house.check.transaction(Scope()) as connection:
        found = await invariants.check(connection, wanted)
    return [breach.detail for each in found for breach in each.breaches]


async def told(shop) -> texting.Town:
    """A contact who was texted that a referral was sent."""
    town = await texting.town(shop)
    await shop.skip(seconds=11)
    async with shop.working(phones=town.phones):
        await shop.until(lambda: town.phones.kept)
        await shop.drained()
    return town


async def asked(shop) -> texting.Town:
    """A contact who was booked, and is asked the day after whether they were seen."""
    town = await told(shop)
    now = await shop.owner.fetchval("select lk.now()")
    await shop.house.step(town.agency.actor, town.leg_id, Step.ACCEPT)
    starts = now + timedelta(hours=2)
    details = Details(starts_at=starts, modality="in_person")
    await shop.house.step(town.agency.actor, town.leg_id, Step.SCHEDULE, details=details)
    await shop.skip(hours=27)
    async with shop.working(phones=town.phones):
        await shop.until(lambda: any("atendieron" in each.text for each in town.phones.kept))
        await shop.drained()
    return town


async def test_stop_is_confirmed_once_and_then_there_is_silence_until_start(shop) -> None:
    town = await told(shop)
    async with shop.working(phones=town.phones):
        assert await says(shop, "please stop texting me") is Meaning.STOP
        assert await says(shop, "STOP") is Meaning.STOP
        await shop.until(lambda: len(town.phones.kept) == 2)
        await shop.house.step(town.agency.actor, town.leg_id, Step.ACCEPT)
        await shop.skip(hours=24)
        await shop.drained()
        assert len(town.phones.kept) == 2
        assert "No recibe ya mensajes" in town.phones.kept[1].text
        assert await says(shop, "START") is Meaning.START
        await shop.until(lambda: len(town.phones.kept) == 3)
    assert await quiet(shop) == []
    [task] = await shop.rows("select reason from lk.human_task where kind = 'tell_patient'")
    assert task["reason"] == "tell_accepted"


async def test_a_text_after_stop_is_found_by_loopkeeper_check(shop) -> None:
    await told(shop)
    await shop.owner.execute(
        "insert into lk.text_consent (id, number_id, given, how, at)"
        " select gen_random_uuid(), id, false, 'text', created_at from lk.text_number"
    )
    await shop.owner.execute(
        "update lk.delivery set said = jsonb_set(said, '{home}', '\"Asia/Tokyo\"')"
        " where channel = 'sms'"
    )
    found = await quiet(shop)
    assert found[0] == "a text went to a number that had said stop"
    assert found[1].startswith("a text left at 0")


async def test_the_same_text_twice_counts_once(shop) -> None:
    await told(shop)
    assert await says(shop, "CALL", event="one") is Meaning.CALL
    assert await says(shop, "CALL", event="one") is None
    assert len(await shop.rows("select 1 from lk.text_heard")) == 1
    assert len(await shop.effects("code = 'call_done'")) == 1
    [task] = await shop.rows("select * from lk.human_task where kind = 'patient_wants_a_call'")
    assert task["org_id"] is not None


async def test_what_is_not_understood_gets_one_word_of_help_a_day_and_a_person(shop) -> None:
    await told(shop)
    for _ in range(4):
        assert await says(shop, "what is this about the thing") is Meaning.UNCLEAR
    assert len(await shop.effects("code = 'not_understood'")) == 1
    assert len(await shop.rows("select 1 from lk.human_task where kind = 'patient_wrote'")) == 1


async def test_what_nobody_understood_is_read_by_the_patients_own_people_and_each_look_is_known(
    shop,
) -> None:
    town = await told(shop)
    assert await says(shop, "my ride fell through <b>help</b>, ¿qué hago?") is Meaning.UNCLEAR
    assert await says(shop, "llámame por favor") is Meaning.CALL
    assert await says(shop, "STOP the messages") is Meaning.STOP
    kept = await shop.rows("select sealed from lk.text_heard order by heard_at")
    assert [bool(each["sealed"]) for each in kept] == [True, True, False]
    assert b"ride" not in kept[0]["sealed"]
    found = await read_words.read(shop.house.office, town.clinic.actor, patient_id=town.patient_id)
    assert [each.text for each in found.words] == [
        "llámame por favor",
        "my ride fell through <b>help</b>, ¿qué hago?",
    ]
    assert {each.contact_id for each in found.words} == {town.contact_id}
    assert {each.kind for each in found.tasks} == {"patient_wrote", "patient_wants_a_call"}
    looks = await shop.rows("select 1 from lk.audit where action = 'patient.words_read'")
    assert len(looks) == 1
    with pytest.raises(faults.Missing):
        await read_words.read(shop.house.office, town.agency.actor, patient_id=town.patient_id)


async def test_a_phone_that_answers_itself_is_not_answered_for_ever(shop) -> None:
    await told(shop)
    for _ in range(9):
        await says(shop, "HELP")
    assert len(await shop.effects("code = 'help'")) == 5


async def test_a_wrong_number_is_silenced_and_somebody_looks(shop) -> None:
    await told(shop)
    assert await says(shop, "Número equivocado") is Meaning.WRONG_NUMBER
    [number] = await shop.rows("select state from lk.text_number")
    assert number["state"] == "wrong"
    assert await shop.rows("select 1 from lk.human_task where kind = 'patient_number_is_wrong'")


async def test_a_wrong_number_that_is_theirs_after_all_is_texted_again_for_what_it_allows_now(
    shop,
) -> None:
    town = await told(shop)
    assert await says(shop, "Wrong number") is Meaning.WRONG_NUMBER
    leave = Leave(purposes=frozenset({TextPurpose.NEWS}), how="form")
    await shop.skip(hours=20)
    state = await allow_texts.reopen(
        shop.house.office,
        town.clinic.actor,
        patient_id=town.patient_id,
        contact_id=town.contact_id,
        leave=leave,
    )
    assert state == "open"
    now = await shop.owner.fetchval("select lk.now()")
    await shop.house.step(town.agency.actor, town.leg_id, Step.ACCEPT)
    details = Details(starts_at=now + timedelta(days=3), modality="in_person")
    await shop.house.step(town.agency.actor, town.leg_id, Step.SCHEDULE, details=details)
    async with shop.working(phones=town.phones):
        await shop.skip(hours=24)
        await shop.until(lambda: len(town.phones.kept) == 2)
        # A reminder is due as well, and was allowed before it was somebody else's: not any more.
        await shop.skip(hours=30)
        await shop.drained()
    whys = await shop.effects("code = 'day_before' and last_error = 'no_consent'")
    assert [each["state"] for each in whys] == ["cancelled"]
    assert await quiet(shop) == []


async def test_who_died_is_never_written_to_again(shop) -> None:
    town = await told(shop)
    assert await says(shop, "Mi mamá falleció") is Meaning.DECEASED
    [patient] = await shop.rows("select do_not_contact from lk.patient")
    assert patient["do_not_contact"]
    assert not await shop.effects("number_id is not null and contact_id is null")
    assert await shop.rows("select 1 from lk.human_task where kind = 'patient_may_have_died'")
    assert len(town.phones.kept) == 1


async def test_help_is_answered_to_a_number_that_nobody_knows(shop) -> None:
    town = await told(shop)
    async with shop.working(phones=town.phones):
        assert await says(shop, "HELP", number="+15035550177") is Meaning.HELP
        await shop.until(lambda: len(town.phones.kept) == 2)
    assert town.phones.kept[1].to_number == "+15035550177"
    assert "These texts are from Network" in town.phones.kept[1].text


async def test_an_answer_is_a_claim_opens_work_and_moves_no_leg(shop) -> None:
    town = await asked(shop)
    await shop.house.step(town.agency.actor, town.leg_id, Step.COMPLETE)
    before = await shop.rows("select state, version from lk.leg")
    async with shop.working(phones=town.phones):
        assert await says(shop, "2") is Meaning.ANSWER
        await shop.until(lambda: "transporte" in town.phones.kept[-1].text)
        assert await says(shop, "1 el carro") is Meaning.ANSWER
        await shop.drained()
    claims = await shop.rows("select kind, value, contradicts from lk.claim order by claimed_at")
    assert [tuple(each.values()) for each in claims] == [
        ("seen", "no", True),
        ("barrier", "ride", False),
    ]
    assert await shop.rows("select state, version from lk.leg") == before
    kinds = {each["kind"] for each in await shop.rows("select kind from lk.human_task")}
    assert {"patient_contradicts", "patient_needs_ride"} <= kinds
    assert await quiet(shop) == []


@pytest.mark.parametrize("number", ["", "12345", "not a number", "+0"])
async def test_a_text_from_no_number_is_let_go(shop, number) -> None:
    assert await says(shop, "STOP", number=number) is None
