"""Say whether single keys do something on the pages, or not (WCAG 2.2, success criterion 2.1.4)."""

from service.actions import permission, prove
from service.actions.office import Office
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import people
from service.store.pool import Scope


async def keep(office: Office, actor: Actor, *, on: bool) -> None:
    """Let single keys work for oneself, or not, wherever one signs in."""
    permission.require(actor, Action.SESSION_OWN)
    person_id = prove.person_of(actor)
    async with office.db.transaction(Scope(person_id=person_id)) as connection:
        await people.set_shortcuts(connection, person_id, on=on)
