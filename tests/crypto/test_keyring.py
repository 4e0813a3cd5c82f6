from uuid import UUID

import msgspec
import pytest

from crypto import envelope, faults, keyring, keys, primitives, root, sealed, seals
from tests.crypto.rows import MESSAGE, NORTH, PATIENT, REFERRAL, SOUTH, WEST, World

PLACE = sealed.Place(table="patient", column="name", row_id=PATIENT, org_id=NORTH)


async def test_content_travels_from_one_organization_to_another(world: World):
    north, south = await world.epoch(NORTH, SOUTH)
    value = await world.send(north, b"a narrative")
    for ring in (world.ring, world.another_process()):
        opened = await ring.open_content(south, value, message_id=MESSAGE, revision=1)
        assert opened.plaintext == b"a narrative"
        assert opened.header.sender_org == NORTH
        assert opened.header.recipients_digest == envelope.recipients_digest([SOUTH, NORTH])


async def test_an_epoch_that_was_just_made_needs_no_private_key(world: World):
    (north,) = await world.epoch(NORTH)
    world.rows.change(NORTH, "osk", wrapped=b"")
    assert await world.send(north)


async def test_a_new_epoch_needs_public_keys_only(world: World):
    for org_id in (NORTH, SOUTH):
        world.rows.change(org_id, "osk", wrapped=b"")
        world.rows.change(org_id, "ork", wrapped=b"")
    made = await world.epoch(NORTH, SOUTH, NORTH)
    assert [seal.org_id for seal in made] == [NORTH, SOUTH]


async def test_a_participant_who_joins_later_reads_what_was_sent_before(world: World):
    (north,) = await world.epoch(NORTH)
    value = await world.send(north)
    (west,) = await world.another_process().extend(north, [WEST])
    opened = await world.another_process().open_content(west, value, message_id=MESSAGE)
    assert opened.plaintext == b"a narrative"


@pytest.mark.parametrize(
    "changes",
    [
        {"context_id": UUID(int=9)},
        {"sensitivity": "part2"},
        {"epoch": 2},
        {"org_id": WEST},
        {"org_id": NORTH},
        {"key_id": b"other-id"},
        {"sealed": b""},
        {"sealed": bytes(1221)},
    ],
)
async def test_a_seal_that_says_anything_else_opens_nothing(
    world: World, changes: dict[str, object]
):
    north, south = await world.epoch(NORTH, SOUTH)
    value = await world.send(north)
    moved = msgspec.structs.replace(south, **changes)
    for ring in (world.ring, world.another_process()):
        with pytest.raises(faults.CannotOpen):
            await ring.open_content(moved, value, message_id=MESSAGE)
        with pytest.raises(faults.CannotOpen):
            await ring.extend(moved, [WEST])


async def test_the_embedded_epoch_is_compared_even_where_the_info_was_confused(world: World):
    private, public = primitives.hpke_generate()
    epoch = seals.Epoch(context_id=REFERRAL, sensitivity="general", epoch=1)
    seal = seals.seal_rek(
        bytes(32), primitives.hpke_public(public), epoch=epoch, org_id=NORTH, key_id=b"key-id-8"
    )
    info = b"lk1/rek\1" + epoch.encoded() + NORTH.bytes + b"key-id-8"
    inner = bytes(64) + epoch.encoded()  # the digest is not that of the key
    wrong = primitives.hpke_seal(primitives.hpke_public(public), inner, info=info)
    key = primitives.hpke_private(private)
    assert seals.open_rek(seal, key) == bytes(32)
    with pytest.raises(faults.CannotOpen):
        seals.open_rek(msgspec.structs.replace(seal, sealed=wrong), key)


async def test_an_envelope_of_another_message_revision_or_epoch_is_refused(world: World):
    (north,) = await world.epoch(NORTH)
    (part2,) = await world.epoch(NORTH, sensitivity="part2")
    (later,) = await world.epoch(NORTH, number=2)
    value = await world.send(north)
    for own, message_id, revision in (
        (north, UUID(int=9), 1),
        (north, MESSAGE, 2),
        (part2, MESSAGE, 1),
        (later, MESSAGE, 1),
    ):
        with pytest.raises(faults.CannotOpen):
            await world.ring.open_content(own, value, message_id=message_id, revision=revision)


async def test_an_epoch_that_lost_its_race_is_not_mistaken_for_the_one_that_won(world: World):
    (lost,) = await world.epoch(NORTH)
    (won,) = await world.another_process().new_epoch(REFERRAL, "general", epoch=1, org_ids=[NORTH])
    value = await world.send(won)
    assert await world.another_process().open_content(won, value, message_id=MESSAGE)
    with pytest.raises(faults.CannotOpen):
        await world.another_process().open_content(lost, value, message_id=MESSAGE)


async def test_a_public_key_put_in_an_organizations_place_gets_no_seal(world: World):
    _, public = primitives.hpke_generate()
    world.rows.change(SOUTH, "osk", public=public + bytes(32))
    with pytest.raises(faults.KeyRefused):
        await world.epoch(NORTH, SOUTH)


async def test_another_organizations_attested_key_gets_no_seal_either(world: World):
    (west,) = await world.rows.keys(WEST, "osk")
    world.rows.change(SOUTH, "osk", public=west.public, key_id=west.key_id, version=west.version)
    with pytest.raises(faults.KeyRefused):
        await world.epoch(SOUTH)


async def test_a_row_answered_under_another_organizations_name_gets_no_seal(world: World):
    (west,) = await world.rows.keys(WEST, "osk")

    class Confused(type(world.rows)):
        async def public_keys(self, org_ids):
            return dict.fromkeys(org_ids, west)

    ring = keyring.LocalKeyring(world.root, Confused())
    with pytest.raises(faults.KeyRefused):
        await ring.new_epoch(REFERRAL, "general", epoch=1, org_ids=[SOUTH])


async def test_an_organization_without_an_active_key_gets_no_seal(world: World):
    with pytest.raises(faults.KeyMissing):
        await world.epoch(NORTH, UUID(int=99))
    world.rows.change(SOUTH, "osk", state=keys.EXPIRED)
    with pytest.raises(faults.KeyMissing):
        await world.epoch(SOUTH)


async def test_a_signature_whose_public_key_is_gone_or_forged_is_refused(world: World):
    (north,) = await world.epoch(NORTH)
    value = await world.send(north)
    rows = list(world.rows.rows)
    world.rows.change(NORTH, "sig", public=bytes(64))
    with pytest.raises(faults.CannotOpen):
        await world.another_process().open_content(north, value, message_id=MESSAGE)
    world.rows.rows = [row for row in rows if row.purpose != "sig"]
    with pytest.raises(faults.CannotOpen):
        await world.another_process().open_content(north, value, message_id=MESSAGE)


async def test_an_old_signature_is_verified_by_its_old_key_without_its_private_half(world: World):
    (north,) = await world.epoch(NORTH)
    value = await world.send(north)
    world.rows.change(NORTH, "sig", state=keys.DESTROYED, wrapped=b"")
    ring = world.another_process()
    assert await ring.open_content(north, value, message_id=MESSAGE)
    with pytest.raises(faults.KeyMissing):
        await ring.seal_content(
            north,
            message_id=MESSAGE,
            revision=1,
            content_type="text/plain",
            plaintext=b"",
            created_ms=0,
            recipients=[],
        )


async def test_a_field_opens_for_its_organization_patient_and_network_only(world: World):
    world.rows.rows.append(await world.ring.new_patient(NORTH, PATIENT))
    ring = world.ring
    for org_id, patient_id in ((NORTH, None), (NORTH, PATIENT), (None, None)):
        value = await ring.seal_field(org_id, b"Maria", place=PLACE, patient_id=patient_id)
        opened = await ring.open_field(org_id, value, place=PLACE, patient_id=patient_id)
        assert opened == b"Maria"
        for other, patient in ((SOUTH, None), (NORTH, None), (None, None), (NORTH, PATIENT)):
            if (other, patient) != (org_id, patient_id):
                with pytest.raises(faults.CannotOpen):
                    await ring.open_field(other, value, place=PLACE, patient_id=patient)


async def test_an_expired_key_opens_what_it_sealed_and_seals_no_more(world: World):
    value = await world.ring.seal_field(NORTH, b"Maria", place=PLACE)
    world.rows.change(NORTH, "field", state=keys.EXPIRED)
    ring = world.another_process()
    assert await ring.open_field(NORTH, value, place=PLACE) == b"Maria"
    with pytest.raises(faults.KeyMissing, match="field"):
        await ring.seal_field(NORTH, b"Maria", place=PLACE)


async def test_a_wrapped_key_moved_to_another_row_does_not_open(world: World):
    (field,) = await world.rows.keys(NORTH, "field")
    for changes in ({"purpose": "bik:mrn"}, {"version": 2}, {"key_id": b"other-id"}):
        moved = msgspec.structs.replace(field, **changes)
        (ork,) = await world.rows.keys(NORTH, "ork")
        parent = keys.WrappingKey(ork.key_id, keys.unwrap(world.root, ork))
        assert keys.unwrap(parent, field)
        with pytest.raises(faults.CannotOpen):
            keys.unwrap(parent, moved)


async def test_keys_are_asked_for_once_a_minute(world: World):
    (north,) = await world.epoch(NORTH)

    async def work() -> None:
        await world.ring.seal_field(NORTH, b"Maria", place=PLACE)
        value = await world.send(north)
        await world.ring.open_content(north, value, message_id=MESSAGE)
        await world.ring.extend(north, [SOUTH])

    await work()
    before = world.rows.asked
    for _ in range(10):
        await work()
    assert world.rows.asked == before
    world.now += 61
    await world.ring.seal_field(NORTH, b"Maria", place=PLACE)
    assert world.rows.asked > before


async def test_only_the_root_key_of_a_database_opens_its_probe(world: World):
    probe = await world.ring.root_probe()
    assert await world.another_process().check_probe(probe)
    stranger = keyring.LocalKeyring(root.RootKey(bytes(32)), world.rows)
    assert not await stranger.check_probe(probe)
    assert not await world.ring.check_probe(b"")


async def test_network_keys_are_handed_out_only_where_callers_use_bytes(world: World):
    handed = {await world.ring.network_key(purpose) for purpose in keys.HANDED_OUT}
    assert len(handed) == len(keys.HANDED_OUT)
    for purpose in ("nbik", "netfield", "ork"):
        with pytest.raises(ValueError, match="leave the keyring"):
            await world.ring.network_key(purpose)


async def test_an_organization_gets_every_key_once_and_all_active(world: World):
    rows = [row for row in world.rows.rows if row.org_id == NORTH]
    assert {row.purpose for row in rows} == {"ork", *keys.ORGANIZATION_PURPOSES}
    assert len({row.key_id for row in world.rows.rows}) == len(world.rows.rows)
    assert {row.state for row in rows} == {keys.ACTIVE}
    assert {row.purpose for row in rows if row.public} == {"osk", "sig"}


async def test_nothing_that_holds_a_secret_prints_it(world: World):
    (north,) = await world.epoch(NORTH)
    value = await world.send(north, b"a narrative")
    opened = await world.ring.open_content(north, value, message_id=MESSAGE)
    (ork,) = await world.rows.keys(NORTH, "ork")
    wrapping = keys.WrappingKey(ork.key_id, keys.unwrap(world.root, ork))
    printed = [repr(it) for it in (north, opened, ork, wrapping, world.root, world.ring)]
    assert all(text.startswith("<") and len(text) < 120 for text in printed)
    assert not any("narrative" in text or "\\x" in text for text in printed)
