"""The one door to keys: sealing, opening and indexing for organizations.

Everything is async although nothing here waits for more than rows, so that the keyring can
move into a process of its own without touching a caller.
"""

import time
from collections.abc import Callable, Sequence
from uuid import UUID

from crypto import (
    blind,
    cache,
    checkpoint,
    chest,
    envelope,
    file_keys,
    keys,
    ports,
    primitives,
    root,
    sealed,
    seals,
    stream,
    watch,
)

KeyRows = ports.KeyRows
Keyring = ports.Keyring

_REKS, _REK_TTL_SECONDS = 8192, 300.0


class LocalKeyring:
    """A keyring in this process, over a root key and the rows of the store."""

    def __init__(
        self,
        root_key: root.Root,
        rows: ports.KeyRows,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = root_key
        self._chest = chest.Chest(root_key, rows, clock=clock)
        # Under the whole seal, bytes included: an epoch that lost its race must not be
        # mistaken for the one that won.
        self._reks = cache.Lru[keys.SealRow, bytes](size=_REKS, ttl=_REK_TTL_SECONDS, clock=clock)
        self._watch = watch.Watch(rows, forget=self._drop, clock=clock)

    def __repr__(self) -> str:
        return f"<keyring under {self._root.key_id.hex()}>"

    async def new_organization(self, org_id: UUID) -> list[keys.KeyRow]:
        """Make an organization's first keys, to be stored with it; they seal at once."""
        attest_key = self._root.derive("attest")
        made = keys.first_of_organization(self._root.newest(), org_id, attest_key=attest_key)
        self._chest.hold(made)
        return made

    async def new_network(self) -> list[keys.KeyRow]:
        """Make the network's own keys, to be stored once."""
        return keys.first_of_network(self._root.newest())

    async def new_patient(self, org_id: UUID, patient_id: UUID) -> keys.KeyRow:
        """Make the key whose end makes one patient's identity unreadable here; it seals at once."""
        await self._watch.look()
        made = keys.mint(
            await self._chest.parent(org_id),
            attest_key=b"",
            org_id=org_id,
            purpose=keys.patient_purpose(patient_id),
        )
        self._chest.hold([made])
        return made

    async def root_probe(self) -> bytes:
        """Make bytes to keep in the database, which only this root key opens."""
        return root.probe(self._root)

    async def check_probe(self, probe: bytes) -> bool:
        """Say whether this root key made it."""
        return root.is_probe(self._root, probe)

    async def new_epoch(
        self, context_id: UUID, sensitivity: str, *, epoch: int, org_ids: Sequence[UUID]
    ) -> list[keys.SealRow]:
        """Make an epoch's key and seal it to each organization; needs public keys only."""
        await self._watch.look()
        at = seals.Epoch(context_id=context_id, sensitivity=sensitivity, epoch=epoch)
        return await self._seal_to(primitives.random_bytes(primitives.KEY_SIZE), at, org_ids)

    async def extend(self, own: keys.SealRow, to: Sequence[UUID]) -> list[keys.SealRow]:
        """Seal an epoch's key, which `own` opens, to more organizations."""
        await self._watch.look()
        return await self._seal_to(await self._rek(own), seals.epoch_of(own), to)

    async def seal_content(
        self,
        own: keys.SealRow,
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
        await self._watch.look()
        rek = await self._rek(own)
        key_id, sender = await self._chest.signer(own.org_id)
        stamp = envelope.Stamp(
            sensitivity=own.sensitivity,
            message_id=message_id,
            context_id=own.context_id,
            epoch=own.epoch,
            revision=revision,
            sender_org=own.org_id,
            sender_key_id=key_id,
            created_ms=created_ms,
            content_type=content_type,
            recipients_digest=envelope.recipients_digest(recipients),
            flags=flags,
        )
        return envelope.build(rek, plaintext, stamp=stamp, sender=sender)

    async def open_content(
        self, own: keys.SealRow, value: bytes, *, message_id: UUID, revision: int | None = None
    ) -> envelope.Opened:
        """Open an envelope that belongs to this epoch and message, whoever sent it."""
        parts = envelope.split(value)
        found = parts.header
        file_keys.refuse_others(found, own, message_id=message_id, revision=revision)
        await self._watch.look()
        rek = await self._rek(own)
        sender = await self._chest.verifier(found.sender_org, found.sender_key_id)
        return envelope.open_parts(parts, rek, sender=sender)

    async def seal_stream(
        self,
        own: keys.SealRow,
        *,
        message_id: UUID,
        length: int,
        created_ms: int,
        recipients: Sequence[UUID],
    ) -> stream.Begun:
        """Begin to seal a file of known length in the epoch of `own`; `sign_stream` ends it."""
        await self._watch.look()
        return await file_keys.begin(
            self._chest,
            own,
            await self._rek(own),
            message_id=message_id,
            length=length,
            created_ms=created_ms,
            recipients=recipients,
        )

    async def sign_stream(
        self, own: keys.SealRow, header: bytes, *, chunks: stream.Stored
    ) -> bytes:
        """Return the signature of the organization of `own` under a file that was begun so."""
        await self._watch.look()
        return await file_keys.sign(self._chest, own, header, chunks=chunks)

    async def share_stream(
        self, own: keys.SealRow, head: bytes, *, message_id: UUID, to: keys.SealRow
    ) -> bytes:
        """Return a file's head for readers of a newer epoch, which `to` opens, signed as it was."""
        file_keys.head_for(own, head, message_id=message_id, shared=True)
        file_keys.head_for(to, head, message_id=message_id, shared=True)
        await self._watch.look()
        return stream.rewrapped(head, await self._rek(own), to=await self._rek(to))

    async def open_stream(
        self,
        own: keys.SealRow,
        head: bytes,
        *,
        message_id: UUID,
        chunks: stream.Stored,
        shared: bool = False,
    ) -> stream.Opening:
        """Check a file's head against the hash of its stored chunks, and begin to open it."""
        parts = file_keys.head_for(own, head, message_id=message_id, shared=shared)
        await self._watch.look()
        return await file_keys.check(self._chest, own, await self._rek(own), parts, chunks=chunks)

    async def seal_field(
        self,
        org_id: UUID | None,
        plaintext: bytes,
        *,
        place: sealed.Place,
        patient_id: UUID | None = None,
    ) -> bytes:
        """Seal a field under the patient's key, the organization's, or the network's."""
        await self._watch.look()
        row = await self._chest.active(org_id, keys.field_purpose(org_id, patient_id))
        secret = await self._chest.secret(row)
        return sealed.seal_value(secret, row.key_id, plaintext, place=place)

    async def open_field(
        self,
        org_id: UUID | None,
        value: bytes,
        *,
        place: sealed.Place,
        patient_id: UUID | None = None,
    ) -> bytes:
        """Open a field that was sealed for this place."""
        await self._watch.look()
        key_id = sealed.key_id_of(value)
        row = await self._chest.find(org_id, keys.field_purpose(org_id, patient_id), key_id)
        secret = await self._chest.secret(row)
        return sealed.open_value(secret, key_id, value, place=place)

    async def indexes(
        self, org_id: UUID | None, field: str, value: blind.Value
    ) -> list[blind.Token]:
        """Return the index under every key that still opens, the one that seals now first.

        A malformed value raises NotIndexable.
        """
        normalized = blind.normalize(field, value)
        await self._watch.look()
        return await self._chest.tokens(org_id, field, normalized)

    async def new_version(self, org_id: UUID | None, purpose: str, *, version: int) -> keys.KeyRow:
        """Make the next key of a purpose, pending until it is stored and made active."""
        await self._watch.look()
        return keys.mint(
            await self._chest.wrapper(org_id, purpose),
            attest_key=self._root.derive("attest"),
            org_id=org_id,
            purpose=purpose,
            version=version,
            state=keys.PENDING,
        )

    async def rewrapped(self, row: keys.KeyRow) -> keys.KeyRow:
        """Return a key under the parent that wraps now, its public half attested by it.

        A row that is so already comes back as it is; one whose secret is gone is attested only.
        """
        return await self._chest.rewrapped(row)

    async def resealed(self, own: keys.SealRow) -> keys.SealRow:
        """Return an epoch's key sealed to the newest key of the organization that holds it."""
        (made,) = await self._seal_to(await self._rek(own), seals.epoch_of(own), [own.org_id])
        return made

    async def network_key(self, purpose: str) -> bytes:
        """Return a network key that callers use as bytes; others are a ValueError."""
        if purpose not in keys.HANDED_OUT:
            raise ValueError("This network key does not leave the keyring.")
        await self._watch.look()
        return await self._chest.secret(await self._chest.active(None, purpose))

    async def sign_checkpoint(self, made: checkpoint.Checkpoint) -> checkpoint.Signed:
        """Sign a checkpoint of the record, and nothing else, with the network's key for it."""
        key_id, signer = await self._chest.signer(None, keys.AUDIT)
        signature = primitives.sign(signer, made.body())
        return checkpoint.Signed(checkpoint=made, key_id=key_id, signature=signature)

    async def checkpoint_keys(self) -> dict[bytes, bytes]:
        """Return the public halves of the keys that checkpoints were ever signed with, by id."""
        return await self._chest.publics(None, keys.AUDIT)

    async def forget(self) -> None:
        """Drop every key held in memory."""
        self._chest.forget_new()
        self._drop()

    def _drop(self) -> None:
        self._chest.forget()
        self._reks.clear()

    async def _rek(self, own: keys.SealRow) -> bytes:
        found = self._reks.get(own)
        if found is None:
            private = await self._chest.unsealer(own.org_id, own.key_id)
            found = self._reks.put(own, seals.open_rek(own, private))
        return found

    async def _seal_to(
        self, rek: bytes, epoch: seals.Epoch, org_ids: Sequence[UUID]
    ) -> list[keys.SealRow]:
        made: list[keys.SealRow] = []
        wanted = list(dict.fromkeys(org_ids))
        for org_id, (key_id, public) in zip(
            wanted, await self._chest.recipients(wanted), strict=True
        ):
            seal = seals.seal_rek(rek, public, epoch=epoch, org_id=org_id, key_id=key_id)
            self._reks.put(seal, rek)
            made.append(seal)
        return made
