"""The keys of files: what a keyring does for content too large to hold, piece by piece."""

from collections.abc import Sequence
from uuid import UUID

from crypto import chest, envelope, faults, keys, ports, stream, watch


class FileKeys:
    """The part of a keyring that seals and opens streams, over the rest of it."""

    _chest: chest.Chest
    _watch: watch.Watch

    async def _rek(self, own: keys.SealRow) -> bytes:
        raise NotImplementedError

    async def seal_stream(
        self,
        own: keys.SealRow,
        *,
        message_id: UUID,
        length: int,
        created_ms: int,
        recipients: Sequence[UUID],
    ) -> stream.Sealing:
        """Begin to seal a file of known length in the epoch of `own`, signed when it is whole."""
        await self._watch.look()
        key_id, sender = await self._chest.signer(own.org_id)
        stamp = envelope.Stamp(
            sensitivity=own.sensitivity,
            message_id=message_id,
            context_id=own.context_id,
            epoch=own.epoch,
            revision=ports.FILE_REVISION,
            sender_org=own.org_id,
            sender_key_id=key_id,
            created_ms=created_ms,
            content_type=ports.FILE_TYPE,
            recipients_digest=envelope.recipients_digest(recipients),
        )
        return stream.Sealing(await self._rek(own), length=length, stamp=stamp, sender=sender)

    async def share_stream(
        self, own: keys.SealRow, head: bytes, *, message_id: UUID, to: keys.SealRow
    ) -> bytes:
        """Return a file's head for readers of a newer epoch, which `to` opens, signed as it was."""
        found = stream.split_head(head).header
        refuse_others(found, own, message_id=message_id, revision=ports.FILE_REVISION, shared=True)
        refuse_others(found, to, message_id=message_id, revision=None, shared=True)
        await self._watch.look()
        return stream.rewrapped(head, await self._rek(own), to=await self._rek(to))

    async def open_stream(
        self,
        own: keys.SealRow,
        head: bytes,
        *,
        message_id: UUID,
        chunks: stream.Digest,
        shared: bool = False,
    ) -> stream.Opening:
        """Check a file's head against the hash of its stored chunks, and begin to open it."""
        parts = stream.split_head(head)
        found = parts.header
        refuse_others(
            found, own, message_id=message_id, revision=ports.FILE_REVISION, shared=shared
        )
        await self._watch.look()
        sender = await self._chest.verifier(found.sender_org, found.sender_key_id)
        return stream.Opening(parts, await self._rek(own), sender=sender, chunks=chunks)


def refuse_others(
    found: envelope.Header,
    own: keys.SealRow,
    *,
    message_id: UUID,
    revision: int | None,
    shared: bool = False,
) -> None:
    """Raise CannotOpen for an envelope of another epoch, message or revision.

    What was shared into a newer epoch is of an older one.
    """
    belongs = (found.context_id, found.sensitivity, found.message_id)
    if belongs != (own.context_id, own.sensitivity, message_id):
        raise faults.CannotOpen
    if found.epoch != own.epoch and not (shared and found.epoch < own.epoch):
        raise faults.CannotOpen
    if revision is not None and found.revision != revision:
        raise faults.CannotOpen
