"""Rows of files without their bytes, and bytes without their row."""

from datetime import datetime, timedelta

from service.store import attachments
from service.store.blobs import Blobs, NoBlob, Stored
from service.store.invariants import Breach, Finding, Invariant
from service.store.pool import Connection

FILES = Invariant(id="I19", says="Every file has its bytes, and all bytes a file.", query="blobs")

_YOUNG = timedelta(hours=1)
"""Bytes come before their row: what was stored just now may still be on its way."""

_MOST = 20


async def check(connection: Connection, blobs: Blobs, *, now: datetime) -> Finding:
    """Compare the rows with what is stored; at most 20 breaches are listed."""
    # What is stored is listed first: a file that is added meanwhile has a row, and no byte missing.
    stored = {each.id: each async for each in blobs.every()}
    kept = {each.blob_id: each for each in await attachments.kept(connection)}
    breaches = [
        Breach(subject=str(row.id), detail=wrong)
        for row in kept.values()
        if (wrong := await _wrong(blobs, row, stored.get(row.blob_id)))
    ]
    breaches += [
        Breach(subject=str(each.id), detail="bytes without a file")
        for each in stored.values()
        if each.id not in kept and now - each.since > _YOUNG
    ]
    return Finding(invariant=FILES, breaches=tuple(breaches[:_MOST]))


async def _wrong(blobs: Blobs, row: attachments.Kept, found: Stored | None) -> str:
    size = found.size if found is not None else await _size_now(blobs, row)
    if size is None:
        return "a file without its bytes"
    if size != row.stored_bytes:
        return f"{size} bytes where {row.stored_bytes} were stored"
    return ""


async def _size_now(blobs: Blobs, row: attachments.Kept) -> int | None:
    """Look again for bytes that came after the list was made."""
    try:
        async with blobs.open(row.blob_id) as held:
            return held.size
    except NoBlob:
        return None
