"""Ask whether sending is held after a restore."""

from service.actions.office import Office
from service.store import restores
from service.store.pool import Scope


async def is_held(office: Office) -> bool:
    """Say whether nothing goes out until an operator lets go."""
    async with office.db.transaction(Scope()) as connection:
        return await restores.held(connection) is not None
