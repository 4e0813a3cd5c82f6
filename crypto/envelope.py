"""Envelope v1: one piece of content, sealed in its epoch and signed by its sender.

One value, in this order and nothing after it:

    header | wrapped DEK:60 | signature:64 | chunks

    header   "LKE1" | suite:1 | class:1 | flags:1 | message_id:16 | context_id:16 | epoch:4
             | revision:4 | sender_org:16 | sender_key_id:8 | created_ms:8
             | content_type:lp | total_len:8 | chunk_log2:1 | n_chunks:4 | commitment:32
             | recipients_digest:32
    hh       SHA-256("lk1/header" | header)
    DEK      nonce:12 | AES-256-GCM(REK, nonce, DEK, "lk1/dek" | hh)
    keys     HKDF-Expand-SHA512(DEK, "lk1/content") = content key:32 | commitment:32
    chunk i  AES-256-GCM(content key, counter:11 | final:1, padded text, hh | i:4)
    sig      Ed25519("lk1/sig" | hh | SHA-256(all chunks))

`total_len` is the padded length; the true one is inside. A content key is made for one
envelope, so counter nonces never repeat under a key. `flags` belongs to the caller.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from crypto import faults, header, layout, padding, primitives

WRAPPED_DEK_SIZE = primitives.NONCE_SIZE + primitives.KEY_SIZE + primitives.TAG_SIZE

Header = header.Header
Stamp = header.Stamp


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What an envelope held; printing it does not show the text."""

    content_type: str
    plaintext: bytes
    header: header.Header

    def __repr__(self) -> str:
        return f"<opened {self.content_type} of message {self.header.message_id}>"


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """An envelope taken apart, nothing of it believed yet."""

    header: header.Header
    header_hash: bytes
    wrapped_dek: bytes
    signature: bytes
    chunks: bytes


def build(
    rek: bytes,
    plaintext: bytes,
    *,
    stamp: header.Stamp,
    sender: primitives.SigningKey,
    entropy: primitives.Entropy = primitives.random_bytes,
) -> bytes:
    """Seal content under an epoch's key and sign it as its sender."""
    padded = padding.pad(plaintext)
    dek = entropy(primitives.KEY_SIZE)
    content_key, commitment = content_keys(dek)
    raw = header.encode(header.finish(stamp, total_len=len(padded), commitment=commitment))
    hh = header_hash(raw)
    chunks = _seal_chunks(content_key, hh, padded)
    wrapped = primitives.aead_seal(rek, dek, aad=b"lk1/dek" + hh, entropy=entropy)
    signature = primitives.sign(sender, signed_bytes(hh, chunks))
    return b"".join((raw, wrapped, signature, chunks))


def open_(rek: bytes, value: bytes, *, sender: primitives.VerifyingKey) -> Opened:
    """Open an envelope with its epoch's key and its sender's public key, or raise CannotOpen."""
    return open_parts(split(value), rek, sender=sender)


def split(value: bytes) -> Parts:
    """Parse strictly and take apart; whatever is not exactly an envelope is CannotOpen."""
    parsed, size = header.parse(value)
    signature_at = size + WRAPPED_DEK_SIZE
    chunks_at = signature_at + primitives.SIGNATURE_SIZE
    sealed_len = parsed.total_len + parsed.n_chunks * primitives.TAG_SIZE
    if len(value) != chunks_at + sealed_len:
        raise faults.CannotOpen
    return Parts(
        header=parsed,
        header_hash=header_hash(value[:size]),
        wrapped_dek=value[size:signature_at],
        signature=value[signature_at:chunks_at],
        chunks=value[chunks_at:],
    )


def parse_header(value: bytes) -> header.Header:
    """Return an envelope's header, unverified; a malformed one is CannotOpen."""
    return header.parse(value)[0]


def open_parts(parts: Parts, rek: bytes, *, sender: primitives.VerifyingKey) -> Opened:
    """Open an envelope that was taken apart; the order of the checks is the design's."""
    hh = parts.header_hash
    dek = primitives.aead_open(rek, parts.wrapped_dek, aad=b"lk1/dek" + hh)
    content_key, commitment = content_keys(dek)
    # Before any GCM: a ciphertext that opens under two keys is built in milliseconds, and
    # only the commitment tells which of them the sender meant.
    if not primitives.same(commitment, parts.header.commitment):
        raise faults.CannotOpen
    primitives.verify(sender, parts.signature, signed_bytes(hh, parts.chunks))
    padded = _open_chunks(content_key, hh, parts.chunks)
    return Opened(
        content_type=parts.header.content_type,
        plaintext=padding.unpad(padded),
        header=parts.header,
    )


def recipients_digest(org_ids: Sequence[UUID]) -> bytes:
    """Return the digest of who could read at the time; order and repeats do not matter.

    Recorded and checked by `loopkeeper check`, never at open: a participant may join later.
    """
    ids = sorted({org_id.bytes for org_id in org_ids})
    return primitives.sha256(layout.lp(b"lk1/recipients", *ids))


def content_keys(dek: bytes) -> tuple[bytes, bytes]:
    """Return the content key of a DEK and the commitment to it, 32 bytes each."""
    expanded = primitives.hkdf_expand_sha512(dek, info=b"lk1/content", length=64)
    return expanded[:32], expanded[32:]


def header_hash(raw: bytes) -> bytes:
    """Return the hash everything else in an envelope is bound to."""
    return primitives.sha256(b"lk1/header" + raw)


def signed_bytes(hh: bytes, chunks: bytes) -> bytes:
    """Return what a sender signs."""
    return signed_digest(hh, primitives.sha256(chunks))


def signed_digest(hh: bytes, digest: bytes) -> bytes:
    """Return what a sender signs, from the hash of all chunks."""
    return b"lk1/sig" + hh + digest


def chunk_nonce(index: int, count: int) -> bytes:
    """Return a chunk's nonce: a counter, and whether it is the last."""
    return index.to_bytes(11, "big") + (b"\1" if index == count - 1 else b"\0")


def _seal_chunks(content_key: bytes, hh: bytes, padded: bytes) -> bytes:
    aead = primitives.Aead(content_key)
    count = header.chunk_count(len(padded))
    size = header.CHUNK_SIZE
    return b"".join(
        aead.seal(chunk_nonce(i, count), padded[i * size : (i + 1) * size], hh + layout.u32(i))
        for i in range(count)
    )


def _open_chunks(content_key: bytes, hh: bytes, chunks: bytes) -> bytes:
    # The final flag sits in the last nonce and `split` fixed the length, so a chunk that is
    # missing, added or moved fails its tag. Nothing leaves before every chunk has passed.
    aead = primitives.Aead(content_key)
    size = header.CHUNK_SIZE + primitives.TAG_SIZE
    count = -(-len(chunks) // size)
    return b"".join(
        aead.open(chunk_nonce(i, count), chunks[i * size : (i + 1) * size], hh + layout.u32(i))
        for i in range(count)
    )
