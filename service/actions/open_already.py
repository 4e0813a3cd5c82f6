"""What is open for a patient already, so that nobody asks for the same help twice unawares."""

from collections.abc import Sequence
from uuid import UUID

from service.actions import open_now, permission
from service.actions.office import Office
from service.domain.people import Actor
from service.domain.policy import Action
from service.store import audit, reading, referrals
from service.store.pool import Scope
from service.store.reading import Card
from service.store.rows import AuditRow

MOST = 5
"""How many are shown; somebody with more has a list to look at."""


async def open_already(
    office: Office,
    actor: Actor,
    *,
    patient_id: UUID,
    service_ids: Sequence[UUID] = (),
    request_id: str | None = None,
) -> Sequence[Card]:
    """Return one's own open referrals of a patient, the newest first; that they were shown is kept.

    With `service_ids`, only those that ask for the same kind of help: what a new referral would
    double. Raises Refused.
    """
    org_id, _ = permission.own(actor, Action.REFERRAL_LIST)
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        ids = await reading.open_of_patient(
            connection, org_id, patient_id=patient_id, service_ids=service_ids, limit=MOST
        )
        if not ids:
            return []
        look = audit.Look(name="same_kind" if service_ids else "same_patient", records=ids)
        await audit.listed(connection, actor, look, request_id=request_id)
        return await reading.cards(connection, org_id, ids=ids)


async def track(
    office: Office, actor: Actor, referral_id: UUID, *, request_id: str | None = None
) -> None:
    """Record that somebody follows the open referral instead of writing another.

    It is the one act by which a duplicate is counted as prevented. Raises Missing, Refused.
    """
    async with office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        picture = await referrals.picture(connection, referral_id=referral_id)
        resource = open_now.resource_of(actor, picture)
        permission.require(actor, Action.REFERRAL_STEP, resource=resource)
        row = AuditRow(
            org_id=actor.org_id,
            action="referral.track",
            resource_kind="referral",
            resource_id=referral_id,
            sensitivity=picture.facts.sensitivity,
        )
        await audit.insert(connection, actor, row, request_id=request_id)
