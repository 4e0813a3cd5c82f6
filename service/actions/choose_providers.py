"""How many of a hundred texts each provider is given at rest: chosen by people, and on record."""

from collections.abc import Mapping, Sequence

from service import faults
from service.actions import permission
from service.actions.office import Office
from service.domain import sms_weights
from service.domain.people import Actor
from service.domain.policy import Action, Resource
from service.store import audit, sms
from service.store.pool import Connection, Scope
from service.store.rows import AuditRow


async def choose_providers(
    office: Office,
    actor: Actor,
    names: Sequence[str],
    chosen: Mapping[str, int],
    *,
    seen: Mapping[str, int],
    request_id: str | None = None,
) -> None:
    """Choose the points of the providers that the settings name; `seen` is what stood at rest.

    Raises Invalid where they are not 0 to 100 each and 100 in all, and Stale where somebody chose
    otherwise meanwhile.
    """
    permission.require(actor, Action.OUTBOX_MEND, resource=Resource(org_id=actor.org_id))
    if set(chosen) != set(names) or not sms_weights.is_all(chosen.values()):
        raise faults.Invalid(errors=[{"field": "points", "detail": "Give out 100 in all."}])
    async with office.db.transaction(Scope(network=True)) as connection:
        was = await sms.weights(connection, names, lock=True)
        if {each.name: each.resting for each in was} != dict(seen):
            raise faults.Stale
        await write(connection, actor, was, chosen, request_id=request_id)


async def write(
    connection: Connection,
    actor: Actor,
    was: sms_weights.Weights,
    chosen: Mapping[str, int],
    *,
    request_id: str | None = None,
) -> None:
    """Write a choice and its line, in the transaction that holds how the providers stood."""
    now = await sms.now(connection)
    await sms.put_weights(connection, sms_weights.chosen(was, chosen, now=now))
    line = AuditRow(org_id=actor.org_id, action="sms.weights", detail=dict(chosen))
    await audit.insert(connection, actor, line, request_id=request_id)
