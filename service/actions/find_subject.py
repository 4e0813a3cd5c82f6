"""Find whom the record is asked about: what a person typed, as the ids that its lines name."""

from uuid import UUID

from service.actions import search_record
from service.actions.office import Office
from service.domain import ids
from service.domain.people import Actor
from service.store import record_subjects
from service.store.pool import Scope

NOTHING = (UUID(int=0),)
"""What no line names: who asks about a stranger is told what one told of nobody is."""


async def find_subject(
    office: Office, actor: Actor, *, patient: str = "", referral: str = ""
) -> tuple[UUID, ...]:
    """Return a patient or a referral with all that is about them; empty where nothing was typed.

    A patient is their id, their reference, or the reference of one of their referrals; a referral
    is its reference. Raises Refused.
    """
    org_id, _ = search_record.reach(actor)
    if not patient and not referral:
        return ()
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        if referral:
            reference = ids.parse_reference(referral) or "none"
            found = await record_subjects.of_referral(connection, org_id, reference=reference)
            return tuple(found) or NOTHING
        patient_id = _id(patient)
        if patient_id is None:
            reference = ids.parse_reference(patient) or "none"
            patient_id = await record_subjects.patient(connection, org_id, reference=reference)
        if patient_id is None:
            return NOTHING
        about = await record_subjects.of_patient(connection, org_id, patient_id=patient_id)
    return (patient_id, *about)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
