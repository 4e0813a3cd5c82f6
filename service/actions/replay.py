"""What an idempotency key was spent on; asking is recorded, so that a replay too is a write."""

from service.actions.office import Office
from service.store import idempotency
from service.store.pool import Scope
from service.store.rows import OnceRow

Spent = idempotency.SpentRow


async def spent(office: Office, once: OnceRow) -> Spent | None:
    """Find a spent key of the same principal and mark it replayed where the body is the same.

    A read alone could confirm a row that a failover then loses; this commit waits like any other.
    """
    async with office.db.transaction(Scope(org_id=once.org_id)) as connection:
        return await idempotency.spent(connection, once)
