"""What the keyring asks of the store, and what callers ask of the keyring."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from crypto import blind, checkpoint, envelope, sealed, stream
from crypto.keys import KeyRow, SealRow

FILE_REVISION, LABEL_REVISION = 1, 0
"""A file and its label (name, type, length) are two envelopes of one id, told apart by these."""

FILE_TYPE = "application/octet-stream"
"""What a file's header says in the clear; what it is stands in its sealed label."""


class KeyRows(Protocol):
    """Where key rows live; the store implements it."""

    async def keys(self, org_id: UUID | None, purpose: str) -> list[KeyRow]:
        """Return all rows of a purpose, in any state.

        For "sig" the public halves of any organization are answered, to whoever asks:
        signatures of another organization have to be verified, for ever.
        """
        ...

    async def public_keys(self, org_ids: Sequence[UUID]) -> dict[UUID, KeyRow]:
        """Return the active "osk" row of each organization that has one, `wrapped` empty."""
        ...

    async def generation(self) -> int:
        """Return a number that has moved if any key was changed or destroyed since."""
        ...


class Keyring(Protocol):
    """What callers may ask of keys; raises CannotOpen, KeyMissing and KeyRefused only.

    Every argument and answer is data that msgspec writes down, and every call is awaited, so that a
    keyring may live in a process of its own; a test has one that does.
    """

    async def new_organization(self, org_id: UUID) -> list[KeyRow]:
        """Make an organization's first keys, to be stored with it."""
        ...

    async def new_network(self) -> list[KeyRow]:
        """Make the network's own keys, to be stored once."""
        ...

    async def new_patient(self, org_id: UUID, patient_id: UUID) -> KeyRow:
        """Make the key whose end makes one patient's identity unreadable here."""
        ...

    async def root_probe(self) -> bytes:
        """Make bytes to keep in the database, which only this root key opens."""
        ...

    async def check_probe(self, probe: bytes) -> bool:
        """Say whether this root key made a probe."""
        ...

    async def new_epoch(
        self, context_id: UUID, sensitivity: str, *, epoch: int, org_ids: Sequence[UUID]
    ) -> list[SealRow]:
        """Make an epoch's key and seal it to each organization; needs public keys only."""
        ...

    async def extend(self, own: SealRow, to: Sequence[UUID]) -> list[SealRow]:
        """Seal an epoch's key, which `own` opens, to more organizations."""
        ...

    async def seal_content(
        self,
        own: SealRow,
        *,
        message_id: UUID,
        revision: int,
        content_type: str,
        plaintext: bytes,
        created_ms: int,
        recipients: Sequence[UUID],
        flags: int = 0,
    ) -> bytes:
        """Seal content in the epoch of `own`, signed by its organization."""
        ...

    async def open_content(
        self, own: SealRow, value: bytes, *, message_id: UUID, revision: int | None = None
    ) -> envelope.Opened:
        """Open an envelope that belongs to this epoch and message, whoever sent it.

        `opened.header.sender_org` is who signed: compare it with the row it came from.
        """
        ...

    async def seal_stream(
        self,
        own: SealRow,
        *,
        message_id: UUID,
        length: int,
        created_ms: int,
        recipients: Sequence[UUID],
    ) -> stream.Begun:
        """Begin to seal a file of known length in the epoch of `own`; `sign_stream` ends it.

        What is handed out holds the key of this one file: whoever holds the file seals it.
        """
        ...

    async def sign_stream(self, own: SealRow, header: bytes, *, chunks: stream.Stored) -> bytes:
        """Return the signature of the organization of `own` under a file that was begun so."""
        ...

    async def share_stream(
        self, own: SealRow, head: bytes, *, message_id: UUID, to: SealRow
    ) -> bytes:
        """Return a file's head for readers of a newer epoch, which `to` opens, signed as it was."""
        ...

    async def open_stream(
        self,
        own: SealRow,
        head: bytes,
        *,
        message_id: UUID,
        chunks: stream.Stored,
        shared: bool = False,
    ) -> stream.Opening:
        """Check a file's head against the hash of its stored chunks, and begin to open it.

        `shared`: the head was made by `share_stream` for the epoch of `own`.
        `opening.header.sender_org` is who signed: compare it with the row it came from.
        """
        ...

    async def seal_field(
        self,
        org_id: UUID | None,
        plaintext: bytes,
        *,
        place: sealed.Place,
        patient_id: UUID | None = None,
    ) -> bytes:
        """Seal a field under the patient's key, the organization's, or the network's."""
        ...

    async def open_field(
        self,
        org_id: UUID | None,
        value: bytes,
        *,
        place: sealed.Place,
        patient_id: UUID | None = None,
    ) -> bytes:
        """Open a field that was sealed for this place."""
        ...

    async def indexes(
        self, org_id: UUID | None, field: str, value: blind.Value
    ) -> list[blind.Token]:
        """Return the index under every key that still opens, the one that seals now first.

        While an index key is replaced a value is found under either, so look for all of them. A
        malformed value raises NotIndexable.
        """
        ...

    async def new_version(self, org_id: UUID | None, purpose: str, *, version: int) -> KeyRow:
        """Make the next key of a purpose, pending until it is stored and made active."""
        ...

    async def rewrapped(self, row: KeyRow) -> KeyRow:
        """Return a key under the parent that wraps now, its public half attested by it."""
        ...

    async def resealed(self, own: SealRow) -> SealRow:
        """Return an epoch's key sealed to the newest key of the organization that holds it."""
        ...

    async def network_key(self, purpose: str) -> bytes:
        """Return a network key that callers use as bytes; others are a ValueError."""
        ...

    async def sign_checkpoint(self, made: checkpoint.Checkpoint) -> checkpoint.Signed:
        """Sign a checkpoint of the record, and nothing else, with the network's key for it."""
        ...

    async def checkpoint_keys(self) -> dict[bytes, bytes]:
        """Return the public halves of the keys that checkpoints were ever signed with, by id."""
        ...

    async def forget(self) -> None:
        """Drop every key held in memory."""
        ...
