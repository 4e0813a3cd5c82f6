"""Sending files in tests, and looking at them as the worker does."""

from typing import Any
from urllib.parse import quote

import httpx2

from service.actions import scan_attachment
from service.actions.scan_attachment import Scanner
from service.domain import ids
from service.store import attachments
from service.store.pool import Scope
from tests import files
from tests.web.site import Site


async def send(
    caller: httpx2.AsyncClient,
    where: str,
    body: Any = files.PDF,
    *,
    name: str = "note.pdf",
    media: str = "application/pdf",
    key: str | None = None,
) -> httpx2.Response:
    """Send a file as it is to a referral or thread, as `referrals/ID`."""
    return await caller.post(
        f"/api/v1/{where}/attachments",
        content=body,
        headers={
            "content-type": media,
            "x-file-name": quote(name),
            "idempotency-key": key or ids.new_id().hex,
        },
    )


async def looked_at(here: Site, *, scanner: Scanner | None = None) -> list[str]:
    """Look at every file that waits, as the worker would; what came of each."""
    house = here.house
    office = type(house.office)(
        db=house.worker, keys=house.keys, public_url="", blobs=house.office.blobs
    )
    async with house.worker.transaction(Scope()) as connection:
        found = await attachments.due(connection, limit=100)
    return [await scan_attachment.scan_attachment(office, row, scanner=scanner) for row in found]


def stored(here: Site) -> list[Any]:
    """List the files that lie in the folder, those without a whole name too."""
    folder = here.house.office.files._folder  # type: ignore[attr-defined]
    return [path for path in folder.rglob("*") if path.is_file()]


async def recorded(here: Site, action: str = "attachment.add") -> list[tuple[str, Any]]:
    """List the lines of the record of one kind: outcome and detail."""
    async with here.house.check.transaction(Scope()) as connection:
        rows = await connection.fetch(
            "select outcome, detail from audit where action = $1 order by at, id", action
        )
    return [(row["outcome"], row["detail"]) for row in rows]
