"""Receive a file as it comes: counted, kept from everybody's eyes, looked into, refused if unfit.

Nothing of a file that is not taken stays: it waits without a name, and under a key that only this
process knows. That it was refused, and why, is one line of the record.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec

from crypto.spool import Spool
from crypto.stream import Digest
from service import faults
from service.actions.office import Office
from service.domain import file_forms, file_kinds
from service.domain.file_forms import NotFit
from service.domain.file_kinds import Kind, Unfit
from service.domain.people import Actor
from service.store import audit
from service.store.pool import Scope
from service.store.rows import AuditRow

STOPPED = "file_stopped"
"""In the record: whoever sent a file left in the middle of it."""


class FileRefused(faults.Fault):
    """This file is not taken."""

    kind, slug = faults.Kind.INVALID, "file-refused"
    advice = "Send a file of a kind that is taken."


SAYS: dict[Unfit, str] = {
    Unfit.EMPTY: "There is nothing in it.",
    Unfit.TOO_LARGE: "Send at most 25 MB in one file.",
    Unfit.NAME: "Give the file a name of one line and at most 150 letters.",
    Unfit.KIND: "Send a PDF, a picture, plain text, a clinical document (C-CDA) or a .docx.",
    Unfit.LIES: "Its content is not what its name and type say. Save it anew as what it is.",
    Unfit.BROKEN: "It is damaged or was cut off. Open it, save it anew and send that.",
    Unfit.ACTIVE: "It carries programs, macros or entities. Save it without them.",
    Unfit.BOMB: "It unpacks to far more than it shows. Make it smaller and plainer.",
}
"""What to do about a file that is not taken."""


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A file on its way in: what it is called, what it is said to be, and its bytes."""

    name: str
    declared: str
    pieces: AsyncIterator[bytes]


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is taken: what it is, and where to read it again while it lasts."""

    name: str
    kind: Kind
    spool: Spool
    digest: bytes

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return self.spool.length

    def __repr__(self) -> str:
        return f"<received {self.kind.name} of {self.length} bytes>"


@asynccontextmanager
async def received(
    office: Office, actor: Actor, incoming: Incoming, *, request_id: str | None = None
) -> AsyncIterator[Received]:
    """Hold a file while it is sealed and stored; raises FileRefused, TooLarge, Malformed."""
    with office.files.scratch() as scratch:
        try:
            spool = Spool(scratch)
            digest = await _taken_in(spool, incoming.pieces)
            name, kind = await _known(spool, incoming)
        except NotFit as unfit:
            await _record(office, actor, unfit.reason, request_id=request_id)
            raise _refusal(unfit.reason) from None
        except Exception:
            # The framework has a word of its own for a caller that hung up; each means the same.
            await _record(office, actor, STOPPED, request_id=request_id)
            raise
        yield Received(name=name, kind=kind, spool=spool, digest=digest)


async def _taken_in(spool: Spool, pieces: AsyncIterator[bytes]) -> bytes:
    digest = Digest()
    async for piece in pieces:
        if spool.length + len(piece) > file_kinds.MAX_FILE:
            raise NotFit(Unfit.TOO_LARGE)
        digest.add(piece)
        spool.write(piece)
    return digest.stored().digest


async def _known(spool: Spool, incoming: Incoming) -> tuple[str, Kind]:
    name = file_kinds.clean_name(incoming.name)
    if name is None:
        raise NotFit(Unfit.NAME)
    again = spool.read_again()
    kind = await asyncio.to_thread(
        file_forms.recognise, again, length=spool.length, name=name, declared=incoming.declared
    )
    return name, kind


def _refusal(reason: Unfit) -> faults.Fault:
    if reason is Unfit.TOO_LARGE:
        return faults.TooLarge(SAYS[reason], limit=file_kinds.MAX_FILE)
    errors = [{"field": "file", "detail": SAYS[reason]}]
    return FileRefused(SAYS[reason], errors=errors, reason=reason.value)


async def _record(
    office: Office, actor: Actor, reason: str, *, request_id: str | None, at: UUID | None = None
) -> None:
    row = AuditRow(
        org_id=actor.org_id,
        action="attachment.add",
        resource_kind="attachment",
        resource_id=at,
        detail={"reason": reason},
    )
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        await audit.insert(connection, actor, row, outcome="failed", request_id=request_id)
