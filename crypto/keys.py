"""Rows of keys as they are stored: wrapped, with their public halves attested.

The tree: the root key wraps each organization's root key ("ork") and the network's own
keys; an "ork" wraps everything else of its organization.
"""

from typing import Protocol
from uuid import UUID

import msgspec

from crypto import classes, faults, layout, primitives, sealed

# Fields an organization searches by; each has a blind-index key of its own.
INDEX_FIELDS = (
    "mrn",
    "phone",
    "email",
    "external_id",
    "birth_initial",
    "name_initial",
    "reference",
)
ORGANIZATION_PURPOSES = ("osk", "sig", "field", *(f"bik:{name}" for name in INDEX_FIELDS))
AUDIT = "auditsig"
"""The network key that signs checkpoints of the record; it is never destroyed."""
NETWORK_PURPOSES = ("nbik", "link", "code", "cursor", "form", "idempotency", "netfield", AUDIT)
# Network keys that callers use as bytes (HMAC, HKDF); the others never leave the keyring.
HANDED_OUT = frozenset({"link", "code", "cursor", "form", "idempotency"})

PENDING, ACTIVE, EXPIRED, DESTROYED = "pending", "active", "expired", "destroyed"
_ATTEST_SIZE = 32


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """One key at rest; `org_id` is None for the network's keys.

    `public` is the public half followed by its 32-byte attestation, only for "osk", "sig" and
    "auditsig"; of the last it is not stored, but made again from the key. `wrapped` is empty
    where only the public half was asked for, and once destroyed.
    """

    org_id: UUID | None
    purpose: str
    version: int
    key_id: bytes
    state: str
    suite: int
    public: bytes | None
    wrapped: bytes

    def __repr__(self) -> str:
        return f"<key {self.purpose} v{self.version} {self.key_id.hex()} {self.state}>"


class SealRow(msgspec.Struct, frozen=True, kw_only=True):
    """One epoch's key, sealed to one organization; `key_id` names that organization's key."""

    context_id: UUID
    sensitivity: str
    epoch: int
    org_id: UUID
    key_id: bytes
    sealed: bytes

    def __repr__(self) -> str:
        return f"<seal {self.context_id} {self.sensitivity!s} e{self.epoch} for {self.org_id}>"


class Wrapper(Protocol):
    """A key that wraps other keys; the root key may live in a key service."""

    @property
    def key_id(self) -> bytes:
        """The 8-byte id that wrapped values carry."""
        ...

    def wrap(self, plaintext: bytes, aad: bytes) -> bytes:
        """Return the wrapped bytes, this key's id among them."""
        ...

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Return what was wrapped or raise CannotOpen."""
        ...


class WrappingKey:
    """A wrapping key held in this process."""

    __slots__ = ("_key", "_key_id")

    def __init__(self, key_id: bytes, key: bytes) -> None:
        self._key_id = key_id
        self._key = key

    def __repr__(self) -> str:
        return f"<wrapping key {self._key_id.hex()}>"

    @property
    def key_id(self) -> bytes:
        """The 8-byte id that wrapped values carry."""
        return self._key_id

    def wrap(self, plaintext: bytes, aad: bytes) -> bytes:
        """Return the wrapped bytes, this key's id among them."""
        return sealed.seal_bytes(self._key, self._key_id, plaintext, aad=aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Return what was wrapped or raise CannotOpen."""
        return sealed.open_bytes(self._key, self._key_id, wrapped, aad=aad)


def patient_purpose(patient_id: UUID) -> str:
    """Return the purpose of the key that shreds one patient in one organization."""
    return f"pfk:{patient_id}"


def field_purpose(org_id: UUID | None, patient_id: UUID | None) -> str:
    """Return whose key seals a small value: the network's, an organization's, or a patient's."""
    if org_id is None:
        return "netfield"
    return "field" if patient_id is None else patient_purpose(patient_id)


def is_patients(purpose: str) -> bool:
    """Say whether a key of this purpose is one patient's."""
    return purpose.startswith("pfk:")


def mint(
    parent: Wrapper,
    *,
    attest_key: bytes,
    org_id: UUID | None,
    purpose: str,
    version: int = 1,
    state: str = ACTIVE,
) -> KeyRow:
    """Make a fresh key of a purpose, wrapped under its parent; every call a new one."""
    secret, public = _generate(purpose)
    bare = KeyRow(
        org_id=org_id,
        purpose=purpose,
        version=version,
        key_id=primitives.random_bytes(sealed.KEY_ID_SIZE),
        state=state,
        suite=classes.DEFAULT_SUITE,
        public=public,
        wrapped=b"",
    )
    attested = public and public + _attestation(attest_key, bare, public)
    return msgspec.structs.replace(
        bare, public=attested, wrapped=parent.wrap(secret, _wrap_aad(bare, parent.key_id))
    )


def first_of_organization(root: Wrapper, org_id: UUID, *, attest_key: bytes) -> list[KeyRow]:
    """Make an organization's first keys: its root key, and what that wraps."""
    ork = mint(root, attest_key=attest_key, org_id=org_id, purpose="ork")
    parent = WrappingKey(ork.key_id, unwrap(root, ork))
    return [ork] + [
        mint(parent, attest_key=attest_key, org_id=org_id, purpose=purpose)
        for purpose in ORGANIZATION_PURPOSES
    ]


def first_of_network(root: Wrapper) -> list[KeyRow]:
    """Make the network's first keys."""
    return [mint(root, attest_key=b"", org_id=None, purpose=each) for each in NETWORK_PURPOSES]


def unwrap(parent: Wrapper, row: KeyRow) -> bytes:
    """Return a row's secret or raise CannotOpen; a destroyed key opens no more."""
    if row.state == DESTROYED:
        raise faults.CannotOpen
    # The id in the bytes, not the parent's: a root that is being rotated holds two keys.
    return parent.unwrap(row.wrapped, _wrap_aad(row, sealed.key_id_of(row.wrapped)))


def rewrap(parent: Wrapper, row: KeyRow, secret: bytes) -> KeyRow:
    """Return a row with its secret under another parent."""
    wrapped = parent.wrap(secret, _wrap_aad(row, parent.key_id))
    return msgspec.structs.replace(row, wrapped=wrapped)


def attest(row: KeyRow, *, attest_key: bytes) -> KeyRow:
    """Return a row with its public half attested by another root key."""
    raw = (row.public or b"")[:-_ATTEST_SIZE]
    return msgspec.structs.replace(row, public=raw + _attestation(attest_key, row, raw))


def public_half(attest_key: bytes, row: KeyRow) -> bytes:
    """Return a row's public half; one that this root key did not attest is KeyRefused.

    Without this, whoever can write to the database could put a key of their own in an
    organization's place, and the next epoch would be sealed to them.
    """
    raw, tag = (row.public or b"")[:-_ATTEST_SIZE], (row.public or b"")[-_ATTEST_SIZE:]
    if not primitives.same(tag, _attestation(attest_key, row, raw)):
        raise faults.KeyRefused("A public key was not attested by this root key.")
    return raw


def _generate(purpose: str) -> tuple[bytes, bytes | None]:
    if purpose == "osk":
        return primitives.hpke_generate()
    if purpose in ("sig", AUDIT):
        return primitives.sign_generate()
    return primitives.random_bytes(primitives.KEY_SIZE), None


def _identity(row: KeyRow) -> bytes:
    return layout.lp(
        row.purpose.encode(),
        layout.org_bytes(row.org_id),
        layout.u32(row.version),
        row.key_id,
        bytes([row.suite]),
    )


def _wrap_aad(row: KeyRow, parent_id: bytes) -> bytes:
    # The state is left out: it changes, and the database guards it.
    return layout.lp(b"lk1/wrap", parent_id) + _identity(row)


def _attestation(attest_key: bytes, row: KeyRow, raw: bytes) -> bytes:
    return primitives.hmac_sha256(attest_key, layout.lp(b"lk1/attest", raw) + _identity(row))
