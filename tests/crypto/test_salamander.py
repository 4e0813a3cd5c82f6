"""AES-GCM does not commit to its key; the envelope does.

The attack of Grubbs, Lu and Ristenpart ("Message Franking via Committing Authenticated
Encryption", 2017): one free block makes two tags equal, because GHASH is linear.
"""

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from crypto import envelope, faults, header, layout, primitives
from tests.crypto.make_vectors import REK, STAMP

KEY = primitives.signing_key(bytes(range(32)))
_R = 0xE1 << 120


def multiply(x: int, y: int) -> int:
    """Multiply in GCM's field, whose bits run the other way."""
    product = 0
    for bit in range(127, -1, -1):
        if x >> bit & 1:
            product ^= y
        y = (y >> 1) ^ (_R if y & 1 else 0)
    return product


def inverse(x: int) -> int:
    """Return x to the power of 2^128 - 2."""
    result = 1 << 127
    for _ in range(127):
        x = multiply(x, x)
        result = multiply(result, x)
    return result


def ghash(h: int, aad: bytes, ciphertext: bytes) -> int:
    """Hash whole and partial blocks, then both lengths in bits."""
    total = 0
    for part in (aad, ciphertext):
        for at in range(0, len(part), 16):
            block = part[at : at + 16].ljust(16, b"\0")
            total = multiply(total ^ int.from_bytes(block, "big"), h)
    sizes = (len(aad) * 8).to_bytes(8, "big") + (len(ciphertext) * 8).to_bytes(8, "big")
    return multiply(total ^ int.from_bytes(sizes, "big"), h)


def block_cipher(key: bytes, block: bytes) -> int:
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return int.from_bytes(encryptor.update(block), "big")


def two_faced(keys: tuple[bytes, bytes], nonce: bytes, aad: bytes, ciphertext: bytes) -> bytes:
    """Return ciphertext and tag that both keys open, its last block sacrificed."""
    body = ciphertext[:-16]
    gap, slope, subkeys = 0, 0, [block_cipher(key, bytes(16)) for key in keys]
    for key, h in zip(keys, subkeys, strict=True):
        mask = block_cipher(key, nonce + b"\0\0\0\1")
        gap ^= mask ^ ghash(h, aad, body + bytes(16))
        slope ^= multiply(h, h)
    free = multiply(gap, inverse(slope)).to_bytes(16, "big")
    mask = block_cipher(keys[0], nonce + b"\0\0\0\1")
    tag = mask ^ ghash(subkeys[0], aad, body + free)
    return body + free + tag.to_bytes(16, "big")


def test_a_ciphertext_made_for_two_keys_opens_under_the_committed_one_only():
    deks = (bytes([1] * 32), bytes([2] * 32))
    (first, commitment), (second, _) = (envelope.content_keys(dek) for dek in deks)
    # 248 bytes of text fill the smallest size, so the sacrificed block is text too.
    padded = layout.u64(248) + b"x" * 248
    raw = header.encode(header.finish(STAMP, total_len=256, commitment=commitment))
    hh = envelope.header_hash(raw)
    nonce, aad = envelope.chunk_nonce(0, 1), hh + layout.u32(0)
    honest = primitives.Aead(first).seal(nonce, padded, aad)[:-16]
    chunks = two_faced((first, second), nonce, aad, honest)

    # GCM itself is content with either key; this is what the commitment is for.
    assert primitives.Aead(first).open(nonce, chunks, aad)[:240] == padded[:240]
    assert primitives.Aead(second).open(nonce, chunks, aad) != padded

    signature = primitives.sign(KEY, envelope.signed_bytes(hh, chunks))
    wrapped = [primitives.aead_seal(REK, dek, aad=b"lk1/dek" + hh) for dek in deks]
    good = envelope.split(raw + wrapped[0] + signature + chunks)
    bad = msgspec.structs.replace(good, wrapped_dek=wrapped[1])
    opened = envelope.open_parts(good, REK, sender=KEY.public_key())
    assert opened.plaintext[:232] == b"x" * 232
    with pytest.raises(faults.CannotOpen):
        envelope.open_parts(bad, REK, sender=KEY.public_key())


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
