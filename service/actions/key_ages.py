"""Which versions of its keys an organization has, and the network: how old, and which open."""

from collections.abc import Sequence

import msgspec

from service.actions import mend_effects, permission
from service.actions.office import Office
from service.domain import policy
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import keys
from service.store.pool import Scope


class KeyAges(msgspec.Struct, frozen=True, kw_only=True):
    """One's own organization's versions; the network's for those who look after it, or none."""

    own: Sequence[keys.AgeRow]
    network: Sequence[keys.AgeRow]


async def key_ages(office: Office, actor: Actor) -> KeyAges:
    """List versions, the newest of each purpose first; never a byte of a key."""
    resource = policy.Resource(org_id=actor.org_id)
    permission.require(actor, Action.ORGANIZATION_EDIT, resource=resource)
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        own = await keys.own_ages(connection, actor.org_id)
        network = await keys.network_ages(connection) if mend_effects.may_mend(actor) else []
    return KeyAges(own=own, network=network)
