"""One ciphertext that AES-GCM opens under two keys, and an envelope around it.

The attack of Grubbs, Lu and Ristenpart ("Message Franking via Committing Authenticated
Encryption", 2017): one free block makes two tags equal, because GHASH is linear.
"""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from crypto import envelope, header, layout, primitives
from tests.crypto import make_vectors

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


def envelope_of(which: int) -> bytes:
    """Return an envelope whose chunks two keys open, with the first key in it or the other."""
    deks = (bytes([1] * 32), bytes([2] * 32))
    (first, commitment), (second, _) = (envelope.content_keys(dek) for dek in deks)
    # 248 bytes of text fill the smallest size, so the sacrificed block is text too.
    padded = layout.u64(248) + b"x" * 248
    raw = header.encode(header.finish(make_vectors.STAMP, total_len=256, commitment=commitment))
    hh = envelope.header_hash(raw)
    nonce, aad = envelope.chunk_nonce(0, 1), hh + layout.u32(0)
    honest = primitives.Aead(first).seal(nonce, padded, aad)[:-16]
    chunks = two_faced((first, second), nonce, aad, honest)
    # GCM itself is content with either key; this is what the commitment is for.
    assert primitives.Aead(first).open(nonce, chunks, aad)[:240] == padded[:240]
    assert primitives.Aead(second).open(nonce, chunks, aad) != padded
    signer = primitives.signing_key(make_vectors.SIGN_SEED)
    signature = primitives.sign(signer, envelope.signed_bytes(hh, chunks))
    wrapped = primitives.aead_seal(
        make_vectors.REK,
        deks[which],
        aad=b"lk1/dek" + hh,
        entropy=make_vectors.steady(f"salamander/{which}"),
    )
    return raw + wrapped + signature + chunks
