"""Record the consents of the stories that need one: a Part 2 consent, an emergency."""

from datetime import datetime, timedelta
from uuid import UUID

from service.actions import keep_consents
from service.actions.keep_consents import ConsentWords, NewConsent
from service.actions.office import Office
from service.demo.directory import offer
from service.demo.people import cast
from service.demo.settling import Town
from service.demo.stories import Story
from service.domain.outcome import ConsentBasis
from service.domain.people import Actor, SensitivityClass


async def record(
    office: Office, town: Town, actor: Actor, *, story: Story, patient_id: UUID, now: datetime
) -> UUID:
    """Record a consent of the patient that names the recipients, and return its id."""
    wish = NewConsent(
        basis=ConsentBasis(story.consent),
        classes=frozenset({SensitivityClass.GENERAL, story.sensitivity}),
        to_org_ids=tuple(town.orgs[offer(key).cast] for key in story.offers),
        signed_on=now.date(),
        expires_at=now + timedelta(days=365),
        words=ConsentWords(
            reason="Collapsed in the waiting room; cardiology took over by telephone.",
            patient_name="As on the form, in the file.",
            discloser=cast(story.sender).name,
            description="Medication, dates of treatment and lab results.",
            told="Those named as recipients, for treatment.",
            how_to_revoke="In writing or by telephone to the program, at any time.",
            signed_by="The patient, on paper; copy in the file.",
        ),
    )
    return await keep_consents.record_consent(office, actor, patient_id=patient_id, wish=wish)
