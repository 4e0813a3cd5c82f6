"""Files of a conversation for readers of a newer epoch than the one they were sealed in.

The file's own key is wrapped anew; its bytes, its header and its author's signature stay. What it
is called is sealed once more, by whoever shares it.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from crypto.keys import SealRow
from crypto.ports import LABEL_REVISION
from service import faults
from service.actions import file_labels, thread_keys
from service.actions.office import Office
from service.domain import ids
from service.store.attachments import FileRow
from service.store.rows import FileCopyRow


async def shared(
    office: Office,
    rows: Iterable[FileRow],
    *,
    to: SealRow,
    holders: Collection[UUID],
    now: datetime,
    known: Collection[int] = (),
) -> tuple[FileCopyRow, ...]:
    """Share files into the epoch of `to`, but for those of it and of the epochs `known` there.

    What opens for nobody any more stays behind. Raises NoLongerReadable.
    """
    made: list[FileCopyRow] = []
    for row in rows:
        if row.epoch == to.epoch or row.epoch in known:
            continue
        try:
            copy = await _copy(office, row, to=to, holders=holders, now=now)
        except thread_keys.GONE as reason:
            raise faults.NoLongerReadable("One of these files cannot be opened.") from reason
        made += [copy] if copy is not None else []
    return tuple(made)


async def _copy(
    office: Office,
    row: FileRow,
    *,
    to: SealRow,
    holders: Collection[UUID],
    now: datetime,
) -> FileCopyRow | None:
    seal = row.seal_of(to.org_id)
    label = await file_labels.opened(office, row, to.org_id)
    if seal is None or row.head is None or label is None:
        return None
    sealed = await office.keys.seal_content(
        to,
        message_id=row.id,
        revision=LABEL_REVISION,
        content_type="application/json",
        plaintext=msgspec.json.encode(label),
        created_ms=int(now.timestamp() * 1000),
        recipients=sorted(holders),
    )
    return FileCopyRow(
        id=ids.new_id(),
        attachment_id=row.id,
        sensitivity=row.sensitivity,
        epoch=to.epoch,
        label=sealed,
        head=await office.keys.share_stream(seal, row.head, message_id=row.id, to=to),
        author_org_id=to.org_id,
    )
