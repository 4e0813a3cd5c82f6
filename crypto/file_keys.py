"""The keys of files: what a keyring does for content too large to hold, piece by piece.

A keyring hands out the key of one file and takes back the hash of what was sealed with it, so that
neither the bytes of a file nor the keys of an organization cross between processes.
"""

from collections.abc import Sequence
from uuid import UUID

from crypto import chest, envelope, faults, header, keys, ports, primitives, stream


async def begin(
    held: chest.Chest,
    own: keys.SealRow,
    rek: bytes,
    *,
    message_id: UUID,
    length: int,
    created_ms: int,
    recipients: Sequence[UUID],
) -> stream.Begun:
    """Begin to seal a file of known length in the epoch of `own`."""
    key_id, _ = await held.signer(own.org_id)
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
    return stream.begin(rek, length=length, stamp=stamp)


async def sign(held: chest.Chest, own: keys.SealRow, raw: bytes, *, chunks: stream.Stored) -> bytes:
    """Sign a file that was begun in the epoch of `own`, and nothing else, by the key it names.

    That key may have been replaced while the file was sealed.
    """
    found, size = header.parse(raw)
    refuse_others(found, own, message_id=found.message_id, revision=ports.FILE_REVISION)
    if size != len(raw) or found.sender_org != own.org_id or found.content_type != ports.FILE_TYPE:
        raise faults.CannotOpen
    signer = await held.named_signer(own.org_id, found.sender_key_id)
    return primitives.sign(signer, stream.signed(raw, chunks))


def head_for(
    own: keys.SealRow, head: bytes, *, message_id: UUID, shared: bool = False
) -> stream.Head:
    """Take a head apart that belongs to this epoch and file, or raise CannotOpen."""
    parts = stream.split_head(head)
    refuse_others(
        parts.header, own, message_id=message_id, revision=ports.FILE_REVISION, shared=shared
    )
    return parts


async def check(
    held: chest.Chest, own: keys.SealRow, rek: bytes, parts: stream.Head, *, chunks: stream.Stored
) -> stream.Opening:
    """Check a file's head against its stored chunks, and begin to open it."""
    found = parts.header
    sender = await held.verifier(found.sender_org, found.sender_key_id)
    return stream.open_head(parts, rek, sender=sender, chunks=chunks)


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
