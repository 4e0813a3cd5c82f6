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


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """The chunks of a file as they are stored: how many bytes, and their SHA-256."""

    length: int
    digest: bytes


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

    def stored(self) -> Stored:
        """Return length and hash of all that came so far."""
        return Stored(length=self.length, digest=self._sha256.digest())


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be sealed by whoever holds it: its header, and the key of this one file.

    The keyring keeps the epoch's key and the organization's, and a file's bytes stay away from it.
    """

    header: bytes
    wrapped_dek: bytes
    content_key: bytes
    length: int

    def __repr__(self) -> str:
        return f"<file of {self.length} bytes to be sealed>"


def begin(
    rek: bytes,
    *,
    length: int,
    stamp: header.Stamp,
    entropy: primitives.Entropy = primitives.random_bytes,
) -> Begun:
    """Make the header of a text of known length, and its key, under an epoch's."""
    dek = entropy(primitives.KEY_SIZE)
    content_key, commitment = envelope.content_keys(dek)
    total = padding.padded_length(_LENGTH + length)
    raw = header.encode(header.finish(stamp, total_len=total, commitment=commitment))
    aad = b"lk1/dek" + envelope.header_hash(raw)
    wrapped = primitives.aead_seal(rek, dek, aad=aad, entropy=entropy)
    return Begun(header=raw, wrapped_dek=wrapped, content_key=content_key, length=length)


def signed(raw: bytes, chunks: Stored) -> bytes:
    """Return what a file's sender signs: its header, and the hash of its stored chunks."""
    return envelope.signed_digest(envelope.header_hash(raw), chunks.digest)


class Sealing:
    """Seals a text of known length as it comes; holds less than one chunk of it."""

    def __init__(self, begun: Begun) -> None:
        parsed, _ = header.parse(begun.header)
        self._begun = begun
        self._hh = envelope.header_hash(begun.header)
        self._aead = primitives.Aead(begun.content_key)
        self._count = parsed.n_chunks
        self._index = 0
        self._missing = begun.length
        self._padding = parsed.total_len - _LENGTH - begun.length
        self._held = bytearray(layout.u64(begun.length))
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

    def stored(self) -> Stored:
        """Return what there is to sign; before the last chunk it is a ValueError."""
        if self._index != self._count:
            raise ValueError("There are chunks left to seal.")
        return self._digest.stored()

    def head(self, signature: bytes) -> bytes:
        """Return the head, with the sender's signature."""
        return self._begun.header + self._begun.wrapped_dek + signature

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


def open_head(
    head: Head, rek: bytes, *, sender: primitives.VerifyingKey, chunks: Stored
) -> "Opening":
    """Check everything but the chunks themselves, in the design's order, or CannotOpen."""
    hh = head.header_hash
    dek = primitives.aead_open(rek, head.wrapped_dek, aad=b"lk1/dek" + hh)
    content_key, commitment = envelope.content_keys(dek)
    if not primitives.same(commitment, head.header.commitment):
        raise faults.CannotOpen
    if chunks.length != head.sealed_length:
        raise faults.CannotOpen
    primitives.verify(sender, head.signature, envelope.signed_digest(hh, chunks.digest))
    return Opening(header=head.header, header_hash=hh, content_key=content_key)


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """An envelope whose head, length and signature hold, with the key of its chunks alone."""

    header: header.Header
    header_hash: bytes
    content_key: bytes

    def __repr__(self) -> str:
        return f"<opening of message {self.header.message_id}>"

    def chunk(self, index: int, sealed: bytes) -> bytes:
        """Open one chunk, its length field and padding still there, or raise CannotOpen."""
        nonce = envelope.chunk_nonce(index, self.header.n_chunks)
        aead = primitives.Aead(self.content_key)
        return aead.open(nonce, sealed, self.header_hash + layout.u32(index))

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
