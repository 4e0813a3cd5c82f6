"""AES-GCM does not commit to its key; the envelope does."""

import msgspec
import pytest

from crypto import envelope, faults, primitives, stream
from tests.crypto import salamander
from tests.crypto.make_vectors import REK, STAMP

KEY = primitives.signing_key(bytes(range(32)))


def test_a_ciphertext_made_for_two_keys_opens_under_the_committed_one_only():
    opened = envelope.open_(REK, salamander.envelope_of(0), sender=KEY.public_key())
    assert opened.plaintext[:232] == b"x" * 232
    with pytest.raises(faults.CannotOpen):
        envelope.open_(REK, salamander.envelope_of(1), sender=KEY.public_key())


def test_a_file_made_for_two_keys_opens_under_the_committed_one_only():
    def opened(which: int) -> bytes:
        value = salamander.envelope_of(which)
        at = len(value) - len(envelope.split(value).chunks)
        chunks = stream.Digest()
        chunks.add(value[at:])
        head = stream.split_head(value[:at])
        opening = stream.open_head(head, REK, sender=KEY.public_key(), chunks=chunks.stored())
        return opening.chunk(0, value[at:])

    assert opened(0)[8:240] == b"x" * 232
    with pytest.raises(faults.CannotOpen):
        opened(1)


def refusal(parts: envelope.Parts) -> type[Exception]:
    with pytest.raises((faults.CannotOpen, TypeError)) as refused:
        envelope.open_parts(parts, REK, sender=KEY.public_key())
    return refused.type


def test_the_commitment_is_compared_before_anything_else_is_looked_at():
    # These chunks cannot even be hashed, so whoever touches them raises a TypeError.
    parts = envelope.split(envelope.build(REK, b"text", stamp=STAMP, sender=KEY))
    untouched = msgspec.structs.replace(parts, chunks=None)
    foreign = primitives.aead_seal(REK, bytes(32), aad=b"lk1/dek" + parts.header_hash)
    assert refusal(msgspec.structs.replace(untouched, wrapped_dek=foreign)) is faults.CannotOpen
    assert refusal(untouched) is TypeError
