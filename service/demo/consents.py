"""Record the consents of the stories that need one: a Part 2 consent, an emergency."""

from datetime import datetime, timedelta
from uuid import UUID

from crypto.sealed import Place
from service.actions.office import Office
from service.demo.directory import offer
from service.demo.settling import Town
from service.demo.stories import Story
from service.domain import ids
from service.store import demo
from service.store.demo import ConsentRow
from service.store.pool import Scope

_ELEMENTS = (
    b"Named patient, program and recipient; what is told and why; how long; the right to revoke;"
    b" signed on paper, copy in the file."
)


async def record(
    office: Office, town: Town, *, story: Story, patient_id: UUID, now: datetime
) -> UUID:
    """Store a consent of the patient that names the recipients, and return its id."""
    org_id, consent_id = town.orgs[story.sender], ids.new_id()
    place = Place(table="consent", column="sealed", row_id=consent_id, org_id=org_id)
    sealed = await office.keys.seal_field(org_id, _ELEMENTS, place=place, patient_id=patient_id)
    row = ConsentRow(
        org_id=org_id,
        id=consent_id,
        patient_id=patient_id,
        basis=story.consent,
        classes=["general", str(story.sensitivity)],
        to_org_ids=[town.orgs[offer(key).cast] for key in story.offers],
        purpose="treatment",
        signed_on=now.date(),
        expires_at=now + timedelta(days=365),
        sealed=sealed,
        created_at=now,
    )
    async with office.db.transaction(Scope(org_id=org_id)) as connection:
        await demo.record_consent(connection, row)
    return consent_id
