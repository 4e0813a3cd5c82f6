"""Look at what was uploaded, before anybody gets it: that it opens whole, and what a scanner says.

The worker opens a file as its uploader does. Without a scanner a file that opens is clean by its
form alone, and its row says so.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

from crypto.faults import CannotOpen, KeyMissing
from service import logs
from service.actions import open_file
from service.actions.office import Office
from service.actions.open_file import Whole
from service.store import attachments
from service.store.attachments import DueRow
from service.store.pool import Scope

Scanner = Callable[[AsyncIterator[bytes]], Awaitable[bool]]
"""Takes a file as it comes and says whether it is clean; raises Away where it cannot say."""

MOST_TRIES = 20
"""At most five minutes apart: an outage of an hour and a half costs no file."""


class Away(Exception):
    """The scanner does not answer, or cannot judge this file."""


async def scan_attachment(office: Office, row: DueRow, *, scanner: Scanner | None) -> str:
    """Look at one leased file and write down what came of it; `pending` where nothing did yet."""
    try:
        clean = await _looked_at(office, row, scanner=scanner)
    except (CannotOpen, KeyMissing) as reason:
        # Cut, swapped or changed where it lies: trying again brings nothing else.
        logs.broke("file_unreadable", reason, kind="attachment")
        return await _settled(office, row, state="failed", scanner=scanner)
    except Away as reason:
        logs.broke("scanner_away", reason, kind="attachment", attempt=row.tries)
        if row.tries < MOST_TRIES:
            return "pending"
        return await _settled(office, row, state="failed", scanner=scanner)
    return await _settled(office, row, state="clean" if clean else "threat", scanner=scanner)


async def _looked_at(office: Office, row: DueRow, *, scanner: Scanner | None) -> bool:
    async with office.db.transaction(
        Scope(org_id=row.org_id, opening=row.context_id)
    ) as connection:
        seal = await attachments.held(connection, row)
    if seal is None:
        raise CannotOpen
    whole = Whole(id=row.id, blob_id=row.blob_id, head=row.head, seal=seal, author=row.org_id)
    found = await open_file.open_file(office, whole)
    try:
        if scanner is not None:
            return await scanner(found.whole())
        async for _ in found.whole():
            pass
        return True
    finally:
        await found.close()


async def _settled(office: Office, row: DueRow, *, state: str, scanner: Scanner | None) -> str:
    """Write a verdict; of one that keeps a file back its sender is told, as work for a person."""
    name = "clamd" if scanner is not None else "none"
    scope = Scope(org_id=row.org_id, opening=row.context_id)
    async with office.db.transaction(scope) as connection:
        first = await attachments.scanned(connection, row.id, state=state, scanner=name)
        if first and state != "clean":
            await attachments.tell(connection, row.id, reason=f"attachment_{state}")
    return state


async def sweep(office: Office, *, limit: int = 100) -> int:
    """Remove what nothing took along within a day, the bytes first; return how many.

    A row outlives its bytes by a moment and never the other way round, so that whatever falls in
    between is swept the next time.
    """
    async with office.db.transaction(Scope()) as connection:
        found = await attachments.stale(connection, limit=limit)
        for file_id, blob_id in found:
            await office.files.delete(blob_id)
            await attachments.remove(connection, file_id)
    return len(found)
