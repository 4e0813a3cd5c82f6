"""How services have answered lately: reckoned each night, of the whole network, from events."""

from service.store import queries
from service.store.pool import Connection

Q = queries.load("behaviour")


async def reckon(connection: Connection) -> None:
    """Reckon it anew; call it in a scope that sees where every referral stands."""
    await connection.execute(Q.forget)
    await connection.execute(Q.reckon)
