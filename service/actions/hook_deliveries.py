"""What a webhook was told, and telling it again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import audit, webhooks
from service.store.pool import Scope
from service.store.rows import AuditRow
from service.store.webhooks import Delivery

NEWEST = (1 << 63) - 1


async def deliveries(
    office: Office, actor: Actor, *, webhook_id: UUID, before: int = NEWEST, limit: int = 50
) -> Sequence[Delivery]:
    """List what was or will be told, the newest first: numbers and outcomes, nobody's referral.

    Raises Refused, Missing.
    """
    org_id, _ = permission.own(actor, Action.WEBHOOK_LIST)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        if await webhooks.one(connection, org_id, webhook_id=webhook_id) is None:
            raise faults.Missing
        return await webhooks.deliveries(
            connection, org_id, webhook_id=webhook_id, before=before, limit=limit
        )


async def resend(
    office: Office,
    actor: Actor,
    *,
    webhook_id: UUID,
    number: int | None = None,
    since: datetime | None = None,
    request_id: str | None = None,
) -> int:
    """Tell one event again, or all that failed since a moment, under the ids they had.

    Raises Refused (also while the webhook is stopped), Missing. Returns how many are due again.
    """
    org_id, _ = permission.own(actor, Action.WEBHOOK_RESEND)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        row = await webhooks.one(connection, org_id, webhook_id=webhook_id)
        if row is None:
            raise faults.Missing
        if row.state != "active":
            raise faults.Refused("Set the webhook to work first: a stopped one is told nothing.")
        count = await webhooks.resend(
            connection, org_id, webhook_id=webhook_id, number=number, since=since
        )
        note = AuditRow(
            org_id=org_id,
            action="webhook.resend",
            resource_kind="webhook",
            resource_id=webhook_id,
            detail={"count": count},
        )
        await audit.insert(connection, actor, note, request_id=request_id)
    return count
