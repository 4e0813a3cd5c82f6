"""What an agency says after a patient has said the opposite becomes work for people, once."""

from __future__ import annotations

from service.actions import number_events
from service.domain.heard import Meaning
from service.domain.rules import Step
from tests.workers.test_hearing import asked, quiet, says


async def _contradictions(shop) -> list[dict]:
    return await shop.rows("select * from lk.human_task where kind = 'patient_contradicts'")


async def test_a_later_word_that_says_the_opposite_opens_one_task(shop) -> None:
    town = await asked(shop)
    assert await says(shop, "2") is Meaning.ANSWER
    assert await _contradictions(shop) == []
    await shop.house.step(town.agency.actor, town.leg_id, Step.COMPLETE)
    for _ in range(2):
        await number_events.number_events(shop.desk.office)
    [task] = await _contradictions(shop)
    assert (task["org_id"], task["referral_id"]) == (town.clinic.id, town.referral_id)
    assert (task["leg_id"], task["state"]) == (town.leg_id, "open")
    [claim] = await shop.rows("select contradicts from lk.claim where kind = 'seen'")
    assert claim["contradicts"] is True
    assert await quiet(shop) == []


async def test_a_later_word_that_says_the_same_opens_none(shop) -> None:
    town = await asked(shop)
    assert await says(shop, "1") is Meaning.ANSWER
    await shop.house.step(town.agency.actor, town.leg_id, Step.COMPLETE)
    await number_events.number_events(shop.desk.office)
    assert await _contradictions(shop) == []


async def test_what_was_numbered_before_the_claim_is_left_to_the_claim(shop) -> None:
    town = await asked(shop)
    await shop.house.step(town.agency.actor, town.leg_id, Step.COMPLETE)
    assert await says(shop, "2") is Meaning.ANSWER
    assert len(await _contradictions(shop)) == 1
    await number_events.number_events(shop.desk.office)
    assert len(await _contradictions(shop)) == 1
