"""Three phones of the demo that may be texted: one gets its texts, one fails, one answers STOP."""

from service.actions import allow_texts, keep_contacts, keep_patient
from service.actions.allow_texts import Leave
from service.actions.keep_patient import PatientChange
from service.actions.office import Office
from service.actions.reaching import NewContact, Reach
from service.demo.settling import Town
from service.domain.patient import SafeContact
from service.domain.patient_texts import EVERY_PURPOSE
from service.domain.people import ContactRelation, Role

CLINIC = "northside"
NUMBERS = ("+15035550100", "+15035550101", "+15035550102")
"""What each does is told in docs/running.md; the gateway of a demonstration knows them."""


async def allow(office: Office, town: Town) -> None:
    """Let the first patients of a clinic say, on paper, that they may be texted."""
    actor = town.who(CLINIC, Role.CLINICIAN).actor
    known = sorted(each for each in town.patients if each[0] == CLINIC)
    for key, number in zip(known, NUMBERS, strict=False):
        patient_id = town.patients[key]
        seen = await keep_patient.read_patient(office, actor, patient_id=patient_id)
        change = PatientChange(safe_contact=SafeContact(may_text=True))
        await keep_patient.edit_patient(
            office, actor, patient_id=patient_id, change=change, seen=seen.version
        )
        name = f"{' '.join(seen.identity.name.given)} {seen.identity.name.family}"
        wish = NewContact(
            relation=ContactRelation.SELF,
            reach=Reach(name=name, phone=number),
            language=seen.identity.language,
        )
        kept = await keep_contacts.add_contact(
            office, actor, patient_id=patient_id, wish=wish, leave=False
        )
        leave = Leave(purposes=EVERY_PURPOSE, how=allow_texts.BY_PAPER)
        await allow_texts.allow(
            office, actor, patient_id=patient_id, contact_id=kept.id, leave=leave
        )
