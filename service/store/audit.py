"""The record of looks and acts that are no steps; steps write theirs in their own statement."""

from service.domain import ids
from service.domain.people import Actor
from service.store import queries
from service.store.pool import Connection
from service.store.rows import AuditRow

Q = queries.load("audit")


async def insert(
    connection: Connection,
    actor: Actor,
    row: AuditRow,
    *,
    outcome: str = "done",
    request_id: str | None = None,
) -> None:
    """Write one line in the transaction of the act itself, before anything of it is told."""
    await connection.execute(
        Q.insert,
        ids.new_id(),
        row.org_id,
        actor.kind,
        actor.org_id,
        actor.member_id,
        actor.api_key_id,
        row.action,
        outcome,
        row.resource_kind,
        row.resource_id,
        row.sensitivity,
        request_id,
        row.detail,
    )
