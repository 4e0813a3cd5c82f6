"""What every keyring promises, asked of one in this process and of one in a process of its own.

Nothing here looks behind the protocol: the same questions, the same answers, the same refusals.
"""

import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, get_type_hints
from uuid import UUID

import msgspec
import pytest

from crypto import checkpoint, faults, keys, ports, primitives, root, sealed, stream
from crypto.keys import KeyRow, SealRow
from service.actions.take_step import Words
from service.domain.rules import Step
from service.faults import Busy
from tests import making
from tests.crypto import remote, wire
from tests.crypto.rows import MESSAGE, NORTH, PATIENT, REFERRAL, SOUTH, WEST, World
from tests.fixtures import keys as test_keys
from tests.store.test_sealing import Network, opened

PLACE = sealed.Place(table="patient", column="name", row_id=PATIENT, org_id=NORTH)


class Here:
    """A keyring in this process."""

    def __init__(self) -> None:
        self._world = World()
        self.ring: ports.Keyring = self._world.ring

    async def store(self, rows: Sequence[KeyRow]) -> None:
        self._world.rows.rows += rows

    async def change(self, org_id: UUID | None, purpose: str, **changes: Any) -> None:
        self._world.rows.change(org_id, purpose, **changes)
        await self.ring.forget()


Site = Here | remote.Apart
"""A keyring, and the rows it reads."""


@pytest.fixture(params=["here", "apart"])
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Site]:
    if request.param == "here":
        yield await founded(Here())
        return
    root.create(tmp_path / "root.key")
    async with remote.apart(tmp_path, tmp_path / "root.key") as there:
        yield await founded(there)


async def founded(made: Site) -> Site:
    for org_id in (NORTH, SOUTH, WEST):
        await made.store(await made.ring.new_organization(org_id))
    await made.store(await made.ring.new_network())
    await made.ring.forget()
    return made


async def epoch(site: Site, *org_ids: UUID, number: int = 1) -> list[SealRow]:
    return await site.ring.new_epoch(REFERRAL, "part2", epoch=number, org_ids=org_ids)


async def said(site: Site, own: SealRow, text: bytes = b"a narrative") -> bytes:
    return await site.ring.seal_content(
        own,
        message_id=MESSAGE,
        revision=1,
        content_type="text/plain",
        plaintext=text,
        created_ms=1_700_000_000_000,
        recipients=[NORTH, SOUTH],
    )


def test_every_argument_and_answer_of_the_protocol_is_data() -> None:
    assert len(wire.CALLS) > 20
    for name, call in wire.CALLS.items():
        for hint in get_type_hints(call).values():
            described = repr(msgspec.inspect.type_info(hint))
            assert not re.search(r"CustomType|AnyType", described), (name, hint)


async def test_words_travel_and_whoever_joins_later_reads_them(site: Site) -> None:
    north, south = await epoch(site, NORTH, SOUTH)
    value = await said(site, north)
    (west,) = await site.ring.extend(south, [WEST])
    await site.ring.forget()
    for own in (north, south, west):
        found = await site.ring.open_content(own, value, message_id=MESSAGE, revision=1)
        assert (found.plaintext, found.header.sender_org) == (b"a narrative", NORTH)


async def test_what_is_not_for_this_place_is_refused_in_the_same_words(site: Site) -> None:
    north, south = await epoch(site, NORTH, SOUTH)
    (later,) = await epoch(site, NORTH, number=2)
    value = await said(site, north)
    moved = msgspec.structs.replace(south, org_id=WEST)
    for own, message_id, revision in (
        (moved, MESSAGE, 1),
        (later, MESSAGE, 1),
        (north, PATIENT, 1),
        (north, MESSAGE, 2),
    ):
        with pytest.raises(faults.CannotOpen) as error:
            await site.ring.open_content(own, value, message_id=message_id, revision=revision)
        assert type(error.value) is faults.CannotOpen
        assert str(error.value) == str(faults.CannotOpen())


async def test_an_organization_without_a_key_gets_no_seal_and_a_forged_one_neither(
    site: Site,
) -> None:
    with pytest.raises(faults.KeyMissing, match="no active public key"):
        await epoch(site, PATIENT)
    await site.change(SOUTH, "osk", public=bytes(1216 + 32))
    with pytest.raises(faults.KeyRefused):
        await epoch(site, SOUTH)


async def test_a_patients_key_that_is_gone_is_told_from_what_does_not_open(site: Site) -> None:
    await site.store([await site.ring.new_patient(NORTH, PATIENT)])
    for org_id, patient_id in ((NORTH, None), (None, None), (NORTH, PATIENT)):
        value = await site.ring.seal_field(org_id, b"Maria", place=PLACE, patient_id=patient_id)
        found = await site.ring.open_field(org_id, value, place=PLACE, patient_id=patient_id)
        assert found == b"Maria"
        with pytest.raises(faults.CannotOpen):
            await site.ring.open_field(SOUTH, value, place=PLACE)
    purpose = keys.patient_purpose(PATIENT)
    await site.change(NORTH, purpose, state=keys.DESTROYED, wrapped=b"")
    with pytest.raises(faults.KeyDestroyed):
        await site.ring.open_field(NORTH, value, place=PLACE, patient_id=PATIENT)


async def test_a_value_is_found_under_both_index_keys_while_one_is_replaced(site: Site) -> None:
    (before,) = await site.ring.indexes(None, "email", " Ana@Example.org ")
    made = await site.ring.new_version(None, "nbik", version=2)
    assert made.state == keys.PENDING
    await site.change(None, "nbik", state=keys.EXPIRED)
    await site.store([msgspec.structs.replace(made, state=keys.ACTIVE)])
    await site.ring.forget()
    new, old = await site.ring.indexes(None, "email", "ana@example.org")
    assert (new.version, old) == (2, before)
    assert new.digest != old.digest
    assert len(await site.ring.indexes(NORTH, "name_initial", ("Ruiz", "Ana"))) == 1
    with pytest.raises(faults.NotIndexable, match="name@domain"):
        await site.ring.indexes(None, "email", "nobody")


async def sealed_file(site: Site, own: SealRow, text: bytes) -> tuple[bytes, bytes]:
    begun = await site.ring.seal_stream(
        own, message_id=MESSAGE, length=len(text), created_ms=1, recipients=[NORTH, SOUTH]
    )
    sealing = stream.Sealing(begun)
    chunks = sealing.feed(text) + b"".join(sealing.rest())
    signature = await site.ring.sign_stream(own, begun.header, chunks=sealing.stored())
    return sealing.head(signature), chunks


def stored(chunks: bytes) -> stream.Stored:
    digest = stream.Digest()
    digest.add(chunks)
    return digest.stored()


async def test_a_file_is_sealed_and_opened_beside_the_keyring(site: Site) -> None:
    north, south = await epoch(site, NORTH, SOUTH)
    text = b"a file, longer than a chunk" * 4000
    head, chunks = await sealed_file(site, north, text)
    found = await site.ring.open_stream(south, head, message_id=MESSAGE, chunks=stored(chunks))
    first = found.chunk(0, chunks[: stream.SEALED_CHUNK])
    assert found.text_length(first) == len(text)
    assert first[8:] == text[: len(first) - 8]
    for other in (chunks[:-1], bytes(len(chunks))):
        with pytest.raises(faults.CannotOpen):
            await site.ring.open_stream(south, head, message_id=MESSAGE, chunks=stored(other))


async def test_a_file_is_shared_into_a_newer_epoch_and_never_back(site: Site) -> None:
    (north,) = await epoch(site, NORTH)
    newer, west = await epoch(site, NORTH, WEST, number=2)
    head, chunks = await sealed_file(site, north, b"abc")
    shared = await site.ring.share_stream(north, head, message_id=MESSAGE, to=newer)
    found = await site.ring.open_stream(
        west, shared, message_id=MESSAGE, chunks=stored(chunks), shared=True
    )
    assert found.chunk(0, chunks)[8:11] == b"abc"
    with pytest.raises(faults.CannotOpen):
        await site.ring.open_stream(west, shared, message_id=MESSAGE, chunks=stored(chunks))
    later, _ = await sealed_file(site, newer, b"abc")
    with pytest.raises(faults.CannotOpen):
        await site.ring.share_stream(newer, later, message_id=MESSAGE, to=north)


async def test_only_a_file_of_ones_own_is_signed(site: Site) -> None:
    north, south = await epoch(site, NORTH, SOUTH)
    begun = await site.ring.seal_stream(
        north, message_id=MESSAGE, length=1, created_ms=1, recipients=[NORTH]
    )
    told = stream.Stored(length=1, digest=bytes(32))
    value = await said(site, north)
    for own, header in (
        (south, begun.header),
        (north, begun.header + b"\0"),
        (north, value[: len(begun.header)]),
        (north, b""),
    ):
        with pytest.raises(faults.CannotOpen):
            await site.ring.sign_stream(own, header, chunks=told)


async def test_a_file_begun_before_its_signing_key_was_replaced_is_signed_by_it(
    site: Site,
) -> None:
    (north,) = await epoch(site, NORTH)
    begun = await site.ring.seal_stream(
        north, message_id=MESSAGE, length=3, created_ms=1, recipients=[NORTH]
    )
    made = await site.ring.new_version(NORTH, "sig", version=2)
    await site.change(NORTH, "sig", state=keys.EXPIRED)
    await site.store([msgspec.structs.replace(made, state=keys.ACTIVE)])
    await site.ring.forget()
    sealing = stream.Sealing(begun)
    chunks = sealing.feed(b"abc") + b"".join(sealing.rest())
    head = sealing.head(await site.ring.sign_stream(north, begun.header, chunks=sealing.stored()))
    assert await site.ring.open_stream(north, head, message_id=MESSAGE, chunks=stored(chunks))


async def test_keys_move_to_their_successors(site: Site) -> None:
    north, south = await epoch(site, NORTH, SOUTH)
    value = await said(site, north)
    made = await site.ring.new_version(NORTH, "osk", version=2)
    assert await site.ring.rewrapped(made) == made
    await site.change(NORTH, "osk", state=keys.EXPIRED)
    await site.store([msgspec.structs.replace(made, state=keys.ACTIVE)])
    await site.ring.forget()
    again = await site.ring.resealed(north)
    assert (again.org_id, again.key_id) == (NORTH, made.key_id)
    for own in (north, again, south):
        assert await site.ring.open_content(own, value, message_id=MESSAGE)


async def test_only_its_own_probe_and_only_some_keys_of_the_network(site: Site) -> None:
    probe = await site.ring.root_probe()
    assert await site.ring.check_probe(probe)
    assert not await site.ring.check_probe(probe[:-1] + b"\0\0")
    assert len({await site.ring.network_key(each) for each in keys.HANDED_OUT}) == 5
    with pytest.raises(ValueError, match="does not leave the keyring"):
        await site.ring.network_key("nbik")


async def test_checkpoints_are_signed_by_the_networks_key(site: Site) -> None:
    made = checkpoint.after(checkpoint.FIRST, [], number=1, at_us=1)
    signed = await site.ring.sign_checkpoint(made)
    publics = await site.ring.checkpoint_keys()
    signed.check({key: primitives.verifying_key(public) for key, public in publics.items()})
    assert signed.checkpoint == made


async def test_a_referral_goes_round_in_a_house_that_holds_no_key(
    fresh_database: str, tmp_path: Path
) -> None:
    root_file = tmp_path / "root.key"
    root_file.write_text(test_keys.root_key_text())
    root_file.chmod(0o600)
    url = making.role_url(fresh_database, "lk_web")
    async with (
        making.house(fresh_database) as made,
        remote.apart(tmp_path, root_file, url) as there,
    ):
        office = msgspec.structs.replace(made.office, keys=there.ring)
        house = making.House(
            fresh_database, office, worker=made.worker, check=made.check, keys=there.ring
        )
        network = Network(
            house=house,
            clinic=await house.organization("Clinic"),
            pantries=[await house.organization("A", kind="social_service")],
            cco=await house.organization("CCO", kind="coordination", cco=True),
            url=fresh_database,
        )
        (pantry,) = network.pantries
        sent = await house.sent(network.clinic, [pantry])
        (leg,) = sent.plan.referral.legs
        await house.step(pantry.actor, leg.id, Step.ASK, words=Words(items=("Which day?",)))
        for org in (network.clinic, pantry):
            heard = [words for _, words in await opened(network, org, sent.referral_id)]
            assert {"items": ["Which day?"]} in heard
        there.process.terminate()
        await there.process.wait()
        with pytest.raises((Busy, ConnectionError, EOFError)):
            await opened(network, pantry, sent.referral_id)
