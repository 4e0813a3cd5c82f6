"""What is new, for whom: ids only."""

from uuid import UUID

from service.domain.live import Ring, Topic
from service.store import queries
from service.store.pool import Connection

Q = queries.load("live")


async def fresh(connection: Connection, since: UUID, *, limit: int) -> list[Ring]:
    """List what was made after an id, for each organization that may know of it."""
    found = await connection.fetch(Q.fresh, since, limit)
    return [Ring(**{**row, "topic": Topic(row["topic"])}) for row in found]


READS = {"fresh": Ring}
"""Which Struct the columns of a query feed; a test compares them."""
