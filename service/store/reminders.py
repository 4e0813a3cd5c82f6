"""Who wants no reminders by mail: a mailbox or a member, since when, and who was told of it."""

from datetime import datetime
from uuid import UUID

from service.domain import ids
from service.store import queries
from service.store.pool import Connection

Q = queries.load("reminders")


async def stop(connection: Connection, org_id: UUID, *, to_id: UUID, referral_id: UUID) -> bool:
    """End reminders to a mailbox or member and tell who waits; False where they were off."""
    found = await connection.fetchval(Q.stop_mailbox, org_id, to_id)
    found = found or await connection.fetchval(Q.stop_member, org_id, to_id)
    if found is None:
        return False
    await connection.execute(Q.tell, ids.new_id(), org_id, to_id, referral_id)
    return True


async def off_since(
    connection: Connection, org_id: UUID, *, member_id: UUID | None = None
) -> datetime | None:
    """Say since when the mailbox in use, or a member, gets no reminders; None where they go."""
    asked = (Q.off_since, org_id) if member_id is None else (Q.member_off_since, org_id, member_id)
    found: datetime | None = await connection.fetchval(*asked)
    return found


async def resume(connection: Connection, org_id: UUID, *, member_id: UUID | None = None) -> bool:
    """Let reminders go to the mailbox in use, or to a member, again; False where they do."""
    if member_id is None:
        return await connection.fetchval(Q.resume_mailbox, org_id) is not None
    return await connection.fetchval(Q.resume_member, org_id, member_id) is not None
