"""Read the ledger of witnesses: for the sender and its coordinators, never for a recipient."""

from uuid import UUID

import msgspec

from service import faults
from service.actions import permission, read_referral
from service.actions.office import Office
from service.domain import witness
from service.domain.people import Actor, Capacity, SensitivityClass
from service.domain.policy import Action, Obligation, Resource
from service.domain.witness import AgencySaid, Claimed
from service.store import audit, reading
from service.store import witness as kept
from service.store.pool import Scope
from service.store.reading import Card
from service.store.rows import AuditRow


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """What each recipient says, and what the patient says."""

    agencies: tuple[AgencySaid, ...]
    patients: tuple[Claimed, ...]


def may_read(actor: Actor, card: Card) -> bool:
    """Say whether this reader may see what a patient said: not who sees the stage only."""
    try:
        permission.require(actor, Action.WITNESS_READ, resource=_resource(actor, card))
        return Obligation.STAGE_ONLY not in read_referral.may_read(actor, card)
    except (faults.Refused, faults.Missing):
        return False


async def read_witnesses(
    office: Office, actor: Actor, referral_id: UUID, *, request_id: str | None = None
) -> Ledger:
    """Open the ledger; the look is in the record first. Raises Missing, Refused."""
    if actor.org_id is None:
        raise faults.Missing
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        found = await reading.cards(connection, actor.org_id, ids=[referral_id])
        if not found:
            raise faults.Missing
        card = found[0]
        permission.require(actor, Action.WITNESS_READ, resource=_resource(actor, card))
        if not may_read(actor, card):
            raise faults.Refused
        said = await kept.agencies(connection, referral_id)
        claims = await kept.patients(connection, referral_id)
        tasks = await kept.tasks(connection, referral_id)
        line = AuditRow(
            org_id=actor.org_id,
            action="witness.read",
            resource_kind="referral",
            resource_id=referral_id,
            sensitivity=card.sensitivity,
        )
        await audit.insert(connection, actor, line, request_id=request_id)
    return Ledger(agencies=tuple(said), patients=witness.weighed(claims, said, tasks))


def _resource(actor: Actor, card: Card) -> Resource:
    return Resource(
        org_id=actor.org_id,
        capacity=Capacity(card.capacity),
        classes=frozenset(SensitivityClass(value) for value in card.classes),
        sensitivity=SensitivityClass(card.sensitivity),
    )
