"""AES-GCM does not commit to its key; the envelope does."""

import msgspec
import pytest

from crypto import envelope, faults, primitives
from tests.crypto import salamander
from tests.crypto.make_vectors import REK, STAMP

KEY = primitives.signing_key(bytes(range(32)))


def test_a_ciphertext_made_for_two_keys_opens_under_the_committed_one_only():
    opened = envelope.open_(REK, salamander.envelope_of(0), sender=KEY.public_key())
    assert opened.plaintext[:232] == b"x" * 232
    with pytest.raises(faults.CannotOpen):
        envelope.open_(REK, salamander.envelope_of(1), sender=KEY.public_key())


def test_the_commitment_is_compared_before_anything_else_is_looked_at():
    # These chunks cannot even be hashed, so whoever touches them raises a TypeError.
    parts = envelope.split(envelope.build(REK, b"text", stamp=STAMP, sender=KEY))
    foreign = primitives.aead_seal(REK, bytes(32), aad=b"lk1/dek" + parts.header_hash)
    with pytest.raises(faults.CannotOpen):
        envelope.open_parts(
            msgspec.structs.replace(parts, wrapped_dek=foreign, chunks=None),
            REK,
            sender=KEY.public_key(),
        )
    with pytest.raises(TypeError):
        envelope.open_parts(
            msgspec.structs.replace(parts, chunks=None), REK, sender=KEY.public_key()
        )
