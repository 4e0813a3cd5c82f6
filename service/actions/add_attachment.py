"""Seal a received file for whoever reads there, store its bytes, and write its row: all or nothing.

The bytes are on the disk before the row is committed. Whatever goes wrong between takes them away
again; a machine that falls just then leaves bytes without a row, which `loopkeeper check` finds.
"""

import asyncio
from collections.abc import AsyncIterator
from io import BufferedReader
from uuid import UUID, uuid4

import msgspec

from crypto.ports import LABEL_REVISION
from crypto.stream import CHUNK, Sealing
from service import faults
from service.actions import file_places
from service.actions.file_labels import Label
from service.actions.file_places import Place, Writing
from service.actions.office import Office
from service.actions.receive_file import Received
from service.domain import ids
from service.domain.people import Actor
from service.store import attachments
from service.store.attachments import Addition, AttachmentRow
from service.store.pool import Scope
from service.store.rows import OnceRow

_TRIES = 3
_PIECE = 16 * CHUNK
"""How much is sealed at a time, in a thread of its own: a megabyte."""


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was added."""

    id: UUID
    state: str = "pending"


async def add_attachment(
    office: Office,
    actor: Actor,
    place: Place,
    *,
    file: Received,
    once: OnceRow | None = None,
    request_id: str | None = None,
) -> Added:
    """Add a file to a referral or thread, loose until a document or message takes it along.

    A circle that changed meanwhile is read again and the file sealed anew, three times, then Stale.
    Raises Missing, Refused, KeyUsed, Busy, CannotOpen; nothing is left half stored.
    """
    for _ in range(_TRIES):
        writing = await file_places.writing(office, actor, place)
        file_id, blob_id = ids.new_id(), uuid4()
        try:
            row = await _stored(office, writing, place, file=file, named=(file_id, blob_id))
            given = Addition(
                actor=actor,
                now=writing.now,
                seen=writing.seen,
                row=row,
                worker_id=place.worker_id,
                request_id=request_id,
                epochs=writing.epochs,
                seals=writing.seals,
                disclosures=writing.disclosures,
                once=msgspec.structs.replace(once, resource_id=file_id) if once else None,
            )
            if await _written(office, given):
                return Added(id=file_id)
        except BaseException:
            await asyncio.shield(office.files.delete(blob_id))
            raise
        await office.files.delete(blob_id)
    raise faults.Stale


async def _written(office: Office, given: Addition) -> bool:
    scope = Scope(org_id=given.actor.org_id, opening=given.context_id)
    async with office.db.transaction(scope) as connection:
        return await attachments.add(connection, given)


async def _stored(
    office: Office,
    writing: Writing,
    place: Place,
    *,
    file: Received,
    named: tuple[UUID, UUID],
) -> AttachmentRow:
    file_id, blob_id = named
    created_ms = int(writing.now.timestamp() * 1000)
    begun = await office.keys.seal_stream(
        writing.own,
        message_id=file_id,
        length=file.length,
        created_ms=created_ms,
        recipients=writing.holders,
    )
    sealing = Sealing(begun)
    size = await office.files.put(blob_id, _sealed(sealing, file.spool.read_again()))
    signature = await office.keys.sign_stream(writing.own, begun.header, chunks=sealing.stored())
    return AttachmentRow(
        id=file_id,
        sensitivity=writing.own.sensitivity,
        epoch=writing.own.epoch,
        label=await _label(office, writing, file_id, file=file, created_ms=created_ms),
        head=sealing.head(signature),
        blob_id=blob_id,
        stored_bytes=size,
        referral_id=place.referral_id,
        thread_id=place.thread_id,
        leg_id=place.leg_id,
    )


async def _label(
    office: Office, writing: Writing, file_id: UUID, *, file: Received, created_ms: int
) -> bytes:
    label = Label(name=file.name, media=file.kind.media, length=file.length)
    return await office.keys.seal_content(
        writing.own,
        message_id=file_id,
        revision=LABEL_REVISION,
        content_type="application/json",
        plaintext=msgspec.json.encode(label),
        created_ms=created_ms,
        recipients=writing.holders,
    )


async def _sealed(sealing: Sealing, text: BufferedReader) -> AsyncIterator[bytes]:
    """Seal a file a megabyte at a time, beside the loop that answers others."""
    while True:
        piece, more = await asyncio.to_thread(_next, sealing, text)
        yield piece
        if not more:
            break
    for chunk in sealing.rest():
        yield chunk


def _next(sealing: Sealing, text: BufferedReader) -> tuple[bytes, bool]:
    piece = text.read(_PIECE)
    return sealing.feed(piece), len(piece) == _PIECE
