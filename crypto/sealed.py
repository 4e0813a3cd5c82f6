"""Small sealed values: a name, a phone number, a reason text, a wrapped key.

version:1 | key id:8 | nonce:12 | AES-256-GCM ciphertext and tag. The additional data says
where the value lives, so that no value can be moved to another row, column, organization
or revision and still open.
"""

from uuid import UUID

import msgspec

from crypto import faults, layout, primitives

VERSION = 1
KEY_ID_SIZE = 8
_HEAD = 1 + KEY_ID_SIZE
OVERHEAD = _HEAD + primitives.NONCE_SIZE + primitives.TAG_SIZE


class Sealed(msgspec.Struct, frozen=True):
    """A sealed value on its way; printing it tells nothing but what it is called."""

    data: bytes
    name: str = ""

    def __repr__(self) -> str:
        return f"<sealed v1 {self.name}>" if self.name else "<sealed v1>"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a sealed value lives; `org_id` is None for rows of the network itself."""

    table: str
    column: str
    row_id: UUID
    org_id: UUID | None
    revision: int = 0

    def aad(self) -> bytes:
        """Return the place as additional data, length-prefixed."""
        return layout.lp(
            b"lk1/value",
            self.table.encode(),
            self.column.encode(),
            self.row_id.bytes,
            layout.org_bytes(self.org_id),
            layout.u64(self.revision),
        )


def seal_value(
    key: bytes,
    key_id: bytes,
    plaintext: bytes,
    *,
    place: Place,
    entropy: primitives.Entropy = primitives.random_bytes,
) -> bytes:
    """Seal one value for its place under a 32-byte key with an 8-byte id."""
    return seal_bytes(key, key_id, plaintext, aad=place.aad(), entropy=entropy)


def open_value(key: bytes, key_id: bytes, value: bytes, *, place: Place) -> bytes:
    """Open one value at its place or raise CannotOpen."""
    return open_bytes(key, key_id, value, aad=place.aad())


def seal_bytes(
    key: bytes,
    key_id: bytes,
    plaintext: bytes,
    *,
    aad: bytes,
    entropy: primitives.Entropy = primitives.random_bytes,
) -> bytes:
    """Seal bytes with additional data of the caller's, which version and key id join."""
    if len(key_id) != KEY_ID_SIZE:
        raise ValueError("A key id has 8 bytes.")
    head = bytes([VERSION]) + key_id
    return head + primitives.aead_seal(key, plaintext, aad=head + aad, entropy=entropy)


def open_bytes(key: bytes, key_id: bytes, value: bytes, *, aad: bytes) -> bytes:
    """Open what `seal_bytes` made under this very key or raise CannotOpen."""
    if not primitives.same(key_id_of(value), key_id):
        raise faults.CannotOpen
    return primitives.aead_open(key, value[_HEAD:], aad=value[:_HEAD] + aad)


def key_id_of(value: bytes) -> bytes:
    """Return the id of the key a value was sealed under; a foreign value is CannotOpen."""
    if len(value) < OVERHEAD or value[0] != VERSION:
        raise faults.CannotOpen
    return value[1:_HEAD]
