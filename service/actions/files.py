"""Files that a document or a message takes along: one's own, of this very place, and loose."""

from collections.abc import Sequence
from uuid import UUID

from service import faults
from service.domain import file_kinds
from service.domain.people import Actor
from service.store import attachments
from service.store.pool import Connection

_UNKNOWN = "Name files you sent here that nothing has taken along, and that no scan keeps back."
_MANY = f"Take at most {file_kinds.MAX_FILES} files along, each once."


async def take_along(
    connection: Connection, actor: Actor, context_id: UUID, *, wanted: Sequence[UUID]
) -> None:
    """Hold files until the statement of this transaction binds them; raises Invalid."""
    if not wanted:
        return
    if len(wanted) > file_kinds.MAX_FILES or len(set(wanted)) != len(wanted):
        raise _wrong(_MANY)
    org_id = actor.org_id
    if org_id is None or not await attachments.loose(
        connection, org_id, context_id=context_id, ids=wanted
    ):
        raise _wrong(_UNKNOWN)


def _wrong(detail: str) -> faults.Invalid:
    return faults.Invalid(errors=[{"field": "attachments", "detail": detail}])
