"""What files are called: sealed like the files themselves, opened for whoever holds their epoch."""

from uuid import UUID

import msgspec

from crypto.faults import CannotOpen, KeyMissing
from crypto.ports import LABEL_REVISION
from service import logs
from service.actions.office import Office
from service.store.attachments import FileRow


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What a file is called and what it is; sealed like the file itself."""

    name: str
    media: str
    length: int

    def __repr__(self) -> str:
        return f"<label of {self.length} bytes>"


async def opened(office: Office, row: FileRow, org_id: UUID | None) -> Label | None:
    """Open the label of a file, or answer None where no key of this organization's does."""
    seal = row.seal_of(org_id) if org_id else None
    if seal is None or row.label is None:
        return None
    try:
        found = await office.keys.open_content(
            seal, row.label, message_id=row.id, revision=LABEL_REVISION
        )
    except (CannotOpen, KeyMissing) as reason:
        logs.broke("label_unreadable", reason)
        return None
    if found.header.sender_org != (row.shared_by_org_id or row.org_id):
        return None
    return msgspec.json.decode(found.plaintext, type=Label)
