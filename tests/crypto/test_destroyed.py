"""A key that ended elsewhere ends here, within a second and for good."""

import asyncio

import pytest

from crypto import faults, keys, sealed, watch
from tests.crypto.rows import NORTH, PATIENT, World

PLACE = sealed.Place(table="patient", column="name", row_id=PATIENT, org_id=NORTH)


async def test_a_shredded_patient_is_unreadable_everywhere_within_a_second(world: World):
    world.rows.rows.append(await world.ring.new_patient(NORTH, PATIENT))
    value = await world.ring.seal_field(NORTH, b"Maria", place=PLACE, patient_id=PATIENT)
    elsewhere = world.another_process()
    await elsewhere.open_field(NORTH, value, place=PLACE, patient_id=PATIENT)
    world.rows.change(NORTH, keys.patient_purpose(PATIENT), state=keys.DESTROYED, wrapped=b"")
    world.rows.moved += 1
    world.now += watch.EVERY_SECONDS
    for ring in (world.ring, elsewhere, world.another_process()):
        with pytest.raises(faults.KeyDestroyed):
            await ring.open_field(NORTH, value, place=PLACE, patient_id=PATIENT)
        with pytest.raises(faults.KeyDestroyed):
            await ring.seal_field(NORTH, b"Maria", place=PLACE, patient_id=PATIENT)


async def test_what_is_forgotten_elsewhere_spares_keys_that_are_being_stored(world: World):
    await world.ring.seal_field(NORTH, b"Maria", place=PLACE)
    made = await world.ring.new_patient(NORTH, PATIENT)
    world.rows.moved += 1
    world.now += watch.EVERY_SECONDS
    value = await world.ring.seal_field(NORTH, b"Maria", place=PLACE, patient_id=PATIENT)
    world.rows.rows.append(made)
    opened = await world.another_process().open_field(NORTH, value, place=PLACE, patient_id=PATIENT)
    assert opened == b"Maria"


async def test_whoever_comes_while_somebody_looks_waits_for_the_answer(world: World):
    value = await world.ring.seal_field(NORTH, b"Maria", place=PLACE)
    world.now += watch.EVERY_SECONDS
    asked, answer = asyncio.Event(), asyncio.Event()
    looks = 0

    async def slow() -> int:
        nonlocal looks
        looks += 1
        asked.set()
        await answer.wait()
        return world.rows.moved

    world.rows.generation = slow
    opening = [
        asyncio.create_task(world.ring.open_field(NORTH, value, place=PLACE)) for _ in range(3)
    ]
    await asked.wait()
    world.rows.change(NORTH, "field", state=keys.DESTROYED, wrapped=b"")
    world.rows.moved += 1
    answer.set()
    found = await asyncio.gather(*opening, return_exceptions=True)
    assert [type(each) for each in found] == [faults.KeyDestroyed] * 3
    assert looks == 1
