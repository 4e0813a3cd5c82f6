"""Mails about a person's own sign-in: queued with ids and a code, never a secret or an address."""

from uuid import UUID

from service.domain import ids
from service.domain.effects import EffectKind
from service.store import queries
from service.store.pool import Connection

Q = queries.load("personal_mails")


async def queue(
    connection: Connection,
    kind: EffectKind,
    *,
    org_id: UUID,
    member_id: UUID,
    code: str | None = None,
    invitation_id: UUID | None = None,
) -> None:
    """Queue a mail to the person behind a member, in the transaction of what it tells."""
    await connection.execute(Q.queue, ids.new_id(), kind, org_id, member_id, code, invitation_id)
