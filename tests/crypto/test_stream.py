import itertools
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import envelope, faults, header, primitives, stream
from tests.crypto.make_vectors import REK, STAMP
from tests.crypto.rows import MESSAGE, NORTH, SOUTH, WEST, World

KEY = primitives.signing_key(bytes(range(32)))
SENDER = KEY.public_key()
EDGES = (0, 1, 248, 249, 65_527, 65_528, 65_529, 131_064, 300_000)


def sealed(text: bytes, *, piece: int = 10_000, **changes: object) -> tuple[bytes, bytes]:
    """Seal a text as it comes, a piece at a time; the head and the chunks."""
    stamp = msgspec.structs.replace(STAMP, **changes)
    sealing = stream.Sealing(stream.begin(REK, length=len(text), stamp=stamp))
    done = [sealing.feed(text[at : at + piece]) for at in range(0, len(text), piece)]
    done += sealing.rest()
    return sealing.head(signature(sealing)), b"".join(done)


def signature(sealing: stream.Sealing) -> bytes:
    raw = sealing.head(b"")[: -envelope.WRAPPED_DEK_SIZE]
    return primitives.sign(KEY, stream.signed(raw, sealing.stored()))


def digest(chunks: bytes) -> stream.Stored:
    made = stream.Digest()
    made.add(chunks)
    return made.stored()


def opening(head: bytes, chunks: bytes) -> stream.Opening:
    return stream.open_head(stream.split_head(head), REK, sender=SENDER, chunks=digest(chunks))


def part(head: bytes, chunks: bytes, *, start: int, stop: int) -> bytes:
    found = opening(head, chunks)
    return b"".join(
        found.chunk(each.index, chunks[each.offset : each.offset + each.size])[
            each.start : each.stop
        ]
        for each in stream.pieces(found.header, start=start, stop=stop)
    )


def opens(head: bytes, chunks: bytes, *, length: int) -> bool:
    try:
        part(head, chunks, start=0, stop=length)
    except faults.CannotOpen:
        return False
    return True


@pytest.mark.parametrize("size", EDGES)
def test_head_and_chunks_are_an_envelope_like_any_other(size: int):
    text = primitives.random_bytes(size)
    head, chunks = sealed(text)
    assert envelope.open_(REK, head + chunks, sender=SENDER).plaintext == text
    assert stream.split_head(head).sealed_length == len(chunks)


@pytest.mark.parametrize("size", EDGES)
def test_an_envelope_taken_apart_opens_as_a_stream(size: int):
    text = primitives.random_bytes(size)
    value = envelope.build(REK, text, stamp=STAMP, sender=KEY)
    head_size = len(sealed(b"")[0])
    head, chunks = value[:head_size], value[head_size:]
    assert part(head, chunks, start=0, stop=size) == text
    found = opening(head, chunks)
    assert found.text_length(found.chunk(0, chunks[: stream.SEALED_CHUNK])) == size


@given(st.integers(0, 200_000), st.integers(0, 200_000), st.integers(1, 90_000))
def test_a_part_is_that_part_and_opens_no_chunk_beside_it(one: int, other: int, piece: int):
    start, stop = sorted((one, other))
    text = bytes(itertools.islice(itertools.cycle(range(251)), 200_000))
    head, chunks = sealed(text, piece=piece)
    assert part(head, chunks, start=start, stop=stop) == text[start:stop]
    wanted = list(stream.pieces(stream.split_head(head).header, start=start, stop=stop))
    assert len(wanted) <= (stop - start) // stream.CHUNK + 2


def test_the_stored_size_tells_as_little_as_that_of_a_short_envelope():
    sizes = {len(sealed(bytes(size))[1]) for size in range(1_000_000, 1_010_000, 500)}
    assert len(sizes) <= 2


def test_nothing_that_was_changed_cut_moved_or_swapped_opens():
    text = primitives.random_bytes(200_000)
    head, chunks = sealed(text)
    other_head, other = sealed(text)
    size = stream.SEALED_CHUNK
    moved = chunks[size : 2 * size] + chunks[:size] + chunks[2 * size :]
    flipped = [bytes([*chunks[:at], chunks[at] ^ 1, *chunks[at + 1 :]]) for at in (0, 99_999, -1)]
    wrong = [chunks[:-1], chunks[:size], chunks[size:], b"", chunks + b"\0", moved, other]
    assert opens(head, chunks, length=len(text))
    assert not [each for each in (*wrong, *flipped) if opens(head, each, length=len(text))]
    assert not opens(other_head, chunks, length=len(text))


def test_no_head_with_one_bit_changed_opens():
    head, chunks = sealed(b"x" * 1700)
    for index, bit in itertools.product(range(len(head)), range(8)):
        changed = bytearray(head)
        changed[index] ^= 1 << bit
        assert not opens(bytes(changed), chunks, length=1700), (index, bit)


def test_a_chunk_of_a_key_holder_without_the_signature_is_refused():
    # Whoever holds the epoch's key can make a chunk that opens; the signature is over all of them.
    head, chunks = sealed(bytes(70_000))
    dek = primitives.aead_open(
        REK,
        stream.split_head(head).wrapped_dek,
        aad=b"lk1/dek" + stream.split_head(head).header_hash,
    )
    key, _ = envelope.content_keys(dek)
    hh = stream.split_head(head).header_hash
    forged = primitives.Aead(key).seal(
        envelope.chunk_nonce(0, 2), b"\1" * header.CHUNK_SIZE, hh + bytes(4)
    )
    assert not opens(head, forged + chunks[len(forged) :], length=10)


def test_a_text_of_another_length_than_announced_is_refused():
    sealing = stream.Sealing(stream.begin(REK, length=10, stamp=STAMP))
    with pytest.raises(ValueError, match="less text"):
        list(sealing.rest())
    with pytest.raises(ValueError, match="left to seal"):
        sealing.stored()
    with pytest.raises(ValueError, match="more text"):
        sealing.feed(bytes(11))


async def test_a_file_travels_from_one_organization_to_another(world: World):
    north, south, head, chunks = await _sent(world)
    for own in (north, south):
        found = await world.another_process().open_stream(
            own, head, message_id=MESSAGE, chunks=digest(chunks)
        )
        assert found.header.sender_org == NORTH
        assert found.chunk(0, chunks[: stream.SEALED_CHUNK])[8:20] == b"a file, long"


async def test_a_file_opens_under_its_own_id_revision_and_seal_only(world: World):
    _, south, head, chunks = await _sent(world)
    (west,) = await world.epoch(WEST)
    label = await world.send(south, b"a label")
    for own, given_id, given_head in (
        (south, UUID(int=7), head),
        (west, MESSAGE, head),
        (south, MESSAGE, label),
        (south, MESSAGE, head[:-1]),
    ):
        with pytest.raises(faults.CannotOpen):
            await world.ring.open_stream(
                own, given_head, message_id=given_id, chunks=digest(chunks)
            )


async def test_a_file_and_its_label_are_not_taken_for_each_other(world: World):
    north, _, head, chunks = await _sent(world)
    with pytest.raises(faults.CannotOpen):
        await world.ring.open_content(north, head + chunks, message_id=MESSAGE, revision=0)


async def test_a_file_is_shared_into_a_newer_epoch_signed_as_it_was(world: World):
    north, south, head, chunks = await _sent(world)
    newer, west = await world.epoch(NORTH, WEST, number=2)
    given = await world.ring.share_stream(north, head, message_id=MESSAGE, to=newer)
    assert (len(given), given[-64:], given == head) == (len(head), head[-64:], False)
    asked = {"message_id": MESSAGE, "chunks": digest(chunks)}
    found = await world.another_process().open_stream(west, given, shared=True, **asked)
    assert (found.header.sender_org, found.header.epoch) == (NORTH, 1)
    assert found.chunk(0, chunks[: stream.SEALED_CHUNK])[8:20] == b"a file, long"
    for own, value, shared in (
        (west, given, False),
        (west, head, True),
        (south, given, True),
        (newer, head, True),
    ):
        with pytest.raises(faults.CannotOpen):
            await world.ring.open_stream(own, value, shared=shared, **asked)


async def test_a_file_is_not_shared_backwards_nor_into_another_place(world: World):
    north, _, head, _ = await _sent(world)
    newer, _ = await world.epoch(NORTH, WEST, number=2)
    elsewhere = msgspec.structs.replace(newer, context_id=UUID(int=9))
    given = await world.ring.share_stream(north, head, message_id=MESSAGE, to=newer)
    for own, value, to, message_id in (
        (north, head, elsewhere, MESSAGE),
        (newer, head, north, MESSAGE),
        (north, given, newer, MESSAGE),
        (north, head, newer, UUID(int=7)),
    ):
        with pytest.raises(faults.CannotOpen):
            await world.ring.share_stream(own, value, message_id=message_id, to=to)


async def _sent(world: World):
    north, south = await world.epoch(NORTH, SOUTH)
    text = b"a file, longer than a chunk" * 4000
    begun = await world.ring.seal_stream(
        north, message_id=MESSAGE, length=len(text), created_ms=1, recipients=[NORTH, SOUTH]
    )
    sealing = stream.Sealing(begun)
    chunks = sealing.feed(text) + b"".join(sealing.rest())
    signed = await world.ring.sign_stream(north, begun.header, chunks=sealing.stored())
    return north, south, sealing.head(signed), chunks
