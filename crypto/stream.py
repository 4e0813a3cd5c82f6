"""Envelope v1 for what is too large to hold: the same bytes, sealed and opened piece by piece.

An envelope is taken apart in two: its head (header, wrapped DEK, signature) is small and kept with
the row, its chunks are kept as a file. Put together again they are the envelope that `build` makes
and `open_` opens, bit for bit.

The header carries the length and everything is bound to the header, so the length is known before
the first chunk is sealed; whoever receives a stream of unknown length keeps it in a `Spool` first.

To open a part of it, the caller hashes all chunks as they are stored; the signature is checked over
that before a chunk is opened. What a part does not prove is that the chunks outside of it open:
they are the sender's own bytes, but only reading them opens them.
"""

import hashlib
from collections.abc import Iterator

import msgspec

from crypto import envelope, faults, header, layout, padding, primitives

CHUNK = header.CHUNK_SIZE
SEALED_CHUNK = CHUNK + primitives.TAG_SIZE
_LENGTH = 8


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What stands before an envelope's chunks, taken apart, nothing of it believed yet."""

    header: header.Header
    header_hash: bytes
    wrapped_dek: bytes
    signature: bytes

    @property
    def sealed_length(self) -> int:
        """Return how many bytes its chunks have as they are stored."""
        return self.header.total_len + self.header.n_chunks * primitives.TAG_SIZE


def split_head(value: bytes) -> Head:
    """Parse a head strictly; whatever is not exactly one is CannotOpen."""
    parsed, size = header.parse(value)
    signature_at = size + envelope.WRAPPED_DEK_SIZE
    if len(value) != signature_at + primitives.SIGNATURE_SIZE:
        raise faults.CannotOpen
    return Head(
        header=parsed,
        header_hash=envelope.header_hash(value[:size]),
        wrapped_dek=value[size:signature_at],
        signature=value[signature_at:],
    )


def rewrapped(
    value: bytes, rek: bytes, *, to: bytes, entropy: primitives.Entropy = primitives.random_bytes
) -> bytes:
    """Wrap the key in a head for another epoch, or raise CannotOpen.

    Nothing else changes: header, signature and chunks stay as the sender made them.
    """
    head = split_head(value)
    aad = b"lk1/dek" + head.header_hash
    dek = primitives.aead_open(rek, head.wrapped_dek, aad=aad)
    wrapped = primitives.aead_seal(to, dek, aad=aad, entropy=entropy)
    raw = value[: -(envelope.WRAPPED_DEK_SIZE + primitives.SIGNATURE_SIZE)]
    return raw + wrapped + head.signature


class Digest:
    """The running hash of chunks as they are stored."""

    __slots__ = ("_sha256", "length")

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self.length = 0

    def add(self, sealed: bytes) -> None:
        """Take the next bytes."""
        self._sha256.update(sealed)
        self.length += len(sealed)

    def value(self) -> bytes:
        """Return the hash of all that came so far."""
        return self._sha256.digest()


class Sealing:
    """Seals a text of known length as it comes; holds less than one chunk of it."""

    def __init__(
        self,
        rek: bytes,
        *,
        length: int,
        stamp: header.Stamp,
        sender: primitives.SigningKey,
        entropy: primitives.Entropy = primitives.random_bytes,
    ) -> None:
        dek = entropy(primitives.KEY_SIZE)
        content_key, commitment = envelope.content_keys(dek)
        total = padding.padded_length(_LENGTH + length)
        self._raw = header.encode(header.finish(stamp, total_len=total, commitment=commitment))
        self._hh = envelope.header_hash(self._raw)
        self._wrapped = primitives.aead_seal(rek, dek, aad=b"lk1/dek" + self._hh, entropy=entropy)
        self._aead = primitives.Aead(content_key)
        self._sender = sender
        self._count = header.chunk_count(total)
        self._index = 0
        self._missing = length
        self._padding = total - _LENGTH - length
        self._held = bytearray(layout.u64(length))
        self._digest = Digest()

    def __repr__(self) -> str:
        return f"<sealing, {self._index} of {self._count} chunks>"

    def feed(self, text: bytes) -> bytes:
        """Take the next bytes and return the chunks that are full; too many are a ValueError."""
        self._missing -= len(text)
        if self._missing < 0:
            raise ValueError("There is more text than was announced.")
        self._held += text
        return b"".join(self._full())

    def rest(self) -> Iterator[bytes]:
        """Pad, and return the chunks that are left; a text too short is a ValueError."""
        if self._missing:
            raise ValueError("There is less text than was announced.")
        while self._padding:
            some = min(self._padding, CHUNK)
            self._held += bytes(some)
            self._padding -= some
            yield from self._full()
        if self._held:
            yield self._next(bytes(self._held))
            self._held.clear()

    def head(self) -> bytes:
        """Sign what was sealed and return the head; before the last chunk it is a ValueError."""
        if self._index != self._count:
            raise ValueError("There are chunks left to seal.")
        signed = envelope.signed_digest(self._hh, self._digest.value())
        return self._raw + self._wrapped + primitives.sign(self._sender, signed)

    def _full(self) -> Iterator[bytes]:
        while len(self._held) >= CHUNK:
            chunk = bytes(self._held[:CHUNK])
            del self._held[:CHUNK]
            yield self._next(chunk)

    def _next(self, chunk: bytes) -> bytes:
        nonce = envelope.chunk_nonce(self._index, self._count)
        sealed = self._aead.seal(nonce, chunk, self._hh + layout.u32(self._index))
        self._index += 1
        self._digest.add(sealed)
        return sealed


class Opening:
    """An envelope whose head, length and signature hold; its chunks are opened one by one."""

    def __init__(
        self, head: Head, rek: bytes, *, sender: primitives.VerifyingKey, chunks: Digest
    ) -> None:
        """Check everything but the chunks themselves, in the design's order, or CannotOpen."""
        hh = head.header_hash
        dek = primitives.aead_open(rek, head.wrapped_dek, aad=b"lk1/dek" + hh)
        content_key, commitment = envelope.content_keys(dek)
        if not primitives.same(commitment, head.header.commitment):
            raise faults.CannotOpen
        if chunks.length != head.sealed_length:
            raise faults.CannotOpen
        primitives.verify(sender, head.signature, envelope.signed_digest(hh, chunks.value()))
        self.header = head.header
        self._hh = hh
        self._aead = primitives.Aead(content_key)

    def __repr__(self) -> str:
        return f"<opening of message {self.header.message_id}>"

    def chunk(self, index: int, sealed: bytes) -> bytes:
        """Open one chunk, its length field and padding still there, or raise CannotOpen."""
        nonce = envelope.chunk_nonce(index, self.header.n_chunks)
        return self._aead.open(nonce, sealed, self._hh + layout.u32(index))

    def text_length(self, first: bytes) -> int:
        """Return how long the text is, as the opened first chunk says, or raise CannotOpen."""
        length = int.from_bytes(first[:_LENGTH], "big")
        if padding.padded_length(_LENGTH + length) != self.header.total_len:
            raise faults.CannotOpen
        return length


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One chunk of a part: where it is stored, and which of its opened bytes belong."""

    index: int
    offset: int
    size: int
    start: int
    stop: int


def pieces(found: header.Header, *, start: int, stop: int) -> Iterator[Piece]:
    """List the chunks that hold the text from `start` up to `stop`, in order."""
    first, last = start + _LENGTH, stop + _LENGTH
    for index in range(first // CHUNK, -(-last // CHUNK)):
        here = index * CHUNK
        size = min(CHUNK, found.total_len - here)
        yield Piece(
            index=index,
            offset=index * SEALED_CHUNK,
            size=size + primitives.TAG_SIZE,
            start=max(first - here, 0),
            stop=min(last - here, size),
        )
