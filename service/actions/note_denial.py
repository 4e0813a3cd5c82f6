"""Write into the record that somebody was refused, with how often it happened meanwhile."""

from typing import Any
from uuid import UUID

import msgspec

from service.actions.office import Office
from service.domain.people import Actor
from service.store import audit
from service.store.links import Line
from service.store.links import record as record_of_link
from service.store.pool import Scope
from service.store.rows import AuditRow


class Denial(msgspec.Struct, frozen=True, kw_only=True):
    """What was refused to whom: the act, the fault's slug, and the first record it was about."""

    actor: Actor
    action: str
    why: str
    resource_kind: str | None = None
    resource_id: UUID | None = None
    request_id: str | None = None


async def note_denial(office: Office, denial: Denial, *, count: int) -> None:
    """Write one line for `count` denials of one caller, act and reason."""
    detail: dict[str, Any] = {"why": denial.why, "count": count}
    actor = denial.actor
    async with office.db.transaction(Scope()) as connection:
        if actor.link_id is not None:
            line = Line(
                action=denial.action,
                outcome="denied",
                resource_kind=denial.resource_kind or "link",
                resource_id=denial.resource_id or actor.link_id,
                request_id=denial.request_id,
                detail=detail,
            )
            await record_of_link(connection, actor, line)
            return
        row = AuditRow(
            org_id=actor.org_id,
            action=denial.action,
            resource_kind=denial.resource_kind,
            resource_id=denial.resource_id,
            detail=detail,
        )
        await audit.insert(connection, actor, row, outcome="denied", request_id=denial.request_id)
