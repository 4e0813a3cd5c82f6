"""Register a patient of one's own organization."""

from uuid import UUID

import msgspec

from service import faults
from service.actions import identities
from service.actions.office import Office
from service.domain import ids, policy
from service.domain.patient import Identity
from service.domain.people import Actor
from service.store import keys as key_store
from service.store import patients
from service.store.pool import Scope


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """The new patient's id and the reference people may say aloud."""

    id: UUID
    reference: str


async def create_patient(office: Office, actor: Actor, *, identity: Identity) -> Registered:
    """Seal and store a patient with a key of its own and its indexes."""
    resource = policy.Resource(org_id=actor.org_id)
    answer = policy.decide(actor, policy.Action.PATIENT_CREATE, resource=resource)
    if isinstance(answer, policy.Deny) or actor.org_id is None:
        raise faults.Refused
    org_id = actor.org_id
    made = Registered(id=ids.new_id(), reference=ids.new_reference())
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await key_store.add(connection, [await office.keys.new_patient(org_id, made.id)])
    sealed = await identities.sealed(
        office.keys, org_id, patient_id=made.id, identity=identity, revision=1
    )
    tokens = await identities.tokens(office.keys, org_id, identity=identity)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await patients.insert(
            connection,
            org_id,
            columns=(made.id, made.reference, sealed, identity.language, None, {}),
        )
        await patients.insert_index(connection, org_id, patient_id=made.id, tokens=tokens)
    return made
