from uuid import UUID

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crypto import envelope, faults, header, primitives
from tests.crypto.make_vectors import REK, STAMP

KEY = primitives.signing_key(bytes(range(32)))
SENDER = KEY.public_key()
CHUNK = header.CHUNK_SIZE + primitives.TAG_SIZE


def build(text: bytes, **changes: object) -> bytes:
    stamp = msgspec.structs.replace(STAMP, **changes)
    return envelope.build(REK, text, stamp=stamp, sender=KEY)


def opens(value: bytes) -> bool:
    try:
        envelope.open_(REK, value, sender=SENDER)
    except faults.CannotOpen:
        return False
    return True


@given(st.binary(max_size=4096))
@example(b"")
@example(bytes(300))
def test_what_is_sealed_comes_back(text: bytes):
    opened = envelope.open_(REK, build(text), sender=SENDER)
    assert opened.plaintext == text
    assert opened.header.message_id == STAMP.message_id


@pytest.mark.parametrize("size", [0, 65_527, 65_528, 65_529, 131_064, 300_000])
def test_content_of_several_chunks_comes_back(size: int):
    text = primitives.random_bytes(size)
    assert envelope.open_(REK, build(text), sender=SENDER).plaintext == text


def test_the_header_is_read_without_any_key():
    value = build(b"text", flags=3, created_ms=2**41)
    found = envelope.parse_header(value)
    assert (found.flags, found.created_ms, found.n_chunks) == (3, 2**41, 1)
    assert found.context_id == STAMP.context_id
    assert found.sensitivity == "general"


def test_no_envelope_with_one_bit_changed_opens():
    value = bytearray(build(b"x" * 1750))
    assert 2048 <= len(value) < 2200
    assert opens(bytes(value))
    for index in range(len(value)):
        for bit in range(8):
            value[index] ^= 1 << bit
            assert not opens(bytes(value)), (index, bit)
            value[index] ^= 1 << bit


def test_no_truncated_or_extended_envelope_opens():
    value = build(b"x" * 100)
    assert not any(opens(value[:size]) for size in range(len(value)))
    assert not opens(value + b"\0")
    # Refused by its length alone, before any key is needed.
    for wrong in (value[:-1], value + b"\0"):
        with pytest.raises(faults.CannotOpen):
            envelope.split(wrong)


def test_chunks_cannot_be_reordered_dropped_or_repeated():
    value = build(bytes(200_000))
    start = len(value) - header.parse(value)[0].total_len - 4 * primitives.TAG_SIZE
    front, chunks = value[:start], value[start:]
    first, second, rest = chunks[:CHUNK], chunks[CHUNK : 2 * CHUNK], chunks[2 * CHUNK :]
    assert opens(front + first + second + rest)
    assert not opens(front + second + first + rest)
    assert not opens(front + first + rest)
    assert not opens(front + first + first + rest)


def test_chunks_reordered_by_the_sender_itself_fail_their_nonces():
    # The signature is good here, so the nonce and the index alone refuse.
    parts = envelope.split(build(bytes(200_000)))
    chunks = parts.chunks[CHUNK : 2 * CHUNK] + parts.chunks[:CHUNK] + parts.chunks[2 * CHUNK :]
    signature = primitives.sign(KEY, envelope.signed_bytes(parts.header_hash, chunks))
    forged = msgspec.structs.replace(parts, chunks=chunks, signature=signature)
    with pytest.raises(faults.CannotOpen):
        envelope.open_parts(forged, REK, sender=SENDER)


def test_an_envelope_does_not_open_under_another_key_or_sender():
    value = build(b"text")
    with pytest.raises(faults.CannotOpen):
        envelope.open_(bytes(32), value, sender=SENDER)
    stranger = primitives.signing_key(bytes(32)).public_key()
    with pytest.raises(faults.CannotOpen):
        envelope.open_(REK, value, sender=stranger)


@given(st.binary(max_size=600))
def test_the_parser_answers_any_bytes_with_one_error(value: bytes):
    assert not opens(value)
    assert not opens(header.MAGIC + b"\1\1\0" + value)


@given(
    total_len=st.integers(257, 2**64 - 1),
    chunk_log2=st.sampled_from([0, 15, 17, 255]),
    n_chunks=st.integers(0, 2**32 - 1),
)
@example(total_len=0, chunk_log2=16, n_chunks=0)
@example(total_len=256, chunk_log2=16, n_chunks=2)
@example(total_len=256, chunk_log2=17, n_chunks=1)
@example(total_len=256, chunk_log2=16, n_chunks=0)
@example(total_len=2**63, chunk_log2=16, n_chunks=2**31)
def test_a_header_that_lies_about_sizes_is_refused(total_len: int, chunk_log2: int, n_chunks: int):
    found = header.parse(build(b""))[0]
    lying = msgspec.structs.replace(
        found, total_len=total_len, chunk_log2=chunk_log2, n_chunks=n_chunks
    )
    if lying != found:
        with pytest.raises(faults.CannotOpen):
            header.parse(header.encode(lying))


@pytest.mark.parametrize(
    "changes",
    [
        {"content_type": ""},
        {"content_type": "x" * 128},
        {"content_type": "text/ñ"},
        {"content_type": "text\nplain"},
        {"sender_key_id": b"short"},
        {"recipients_digest": b"short"},
        {"epoch": 2**32},
        {"revision": -1},
        {"flags": 256},
        {"sensitivity": "secret"},
    ],
)
def test_a_field_that_does_not_fit_the_header_is_refused(changes: dict[str, object]):
    with pytest.raises(ValueError, match=r"\."):
        build(b"", **changes)


def test_a_content_type_that_is_not_printable_is_not_parsed():
    value = build(b"")
    at = value.index(b"text/plain")
    assert not opens(value[:at] + b"text\nplain" + value[at + 10 :])


def test_the_digest_of_recipients_ignores_order_and_repeats():
    one, two = UUID(int=1), UUID(int=2)
    assert envelope.recipients_digest([one, two]) == envelope.recipients_digest([two, one, two])
    assert envelope.recipients_digest([one]) != envelope.recipients_digest([two])


def test_lengths_of_short_texts_cannot_be_told_apart():
    assert len({len(build(b"x" * size)) for size in range(249)}) == 1
