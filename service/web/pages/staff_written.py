"""What a patient's phones wrote that a person has to read, whom to call, and the work to end."""

from typing import Any
from uuid import UUID

from litestar import Response

from service.actions import keep_contacts, keep_patient, keep_session, phone, read_words
from service.actions.keep_contacts import Contact
from service.actions.read_words import Words
from service.domain.policy import Action
from service.web import desk, guards, routing
from service.web.desk import Asked
from service.web.pages import staff


@routing.door("GET", "/patients/{patient_id:uuid}/texts", policy=Action.PATIENT_READ, **staff.DOOR)
async def written(request: Asked) -> Response[Any]:
    """Show what was written, the newest first; each look is recorded before it is told."""
    office, actor = desk.of(request).office, guards.actor(request)
    patient_id: UUID = request.path_params["patient_id"]
    seen = await keep_patient.read_patient(office, actor, patient_id=patient_id)
    found = await read_words.read(office, actor, patient_id=patient_id)
    people = await keep_contacts.list_contacts(office, actor, patient_id=patient_id)
    zone = (await keep_session.current(office, actor)).member.time_zone
    of = {each.id: each for each in people}
    context = {
        "patient_id": str(patient_id),
        "patient": f"{' '.join(seen.identity.name.given)} {seen.identity.name.family}",
        "birth_date": seen.identity.birth_date,
        "reference": seen.reference,
        "rows": [
            _row(each, of.get(each.contact_id) if each.contact_id else None, zone, office.region)
            for each in found.words
        ],
        "tasks": [
            {"id": str(each.id), "kind": each.kind, "opened": staff.local(each.opened_at, zone)}
            for each in found.tasks
        ],
    }
    return await staff.show(request, "staff/written", context)


def _row(each: Words, who: Contact | None, zone: str, region: str) -> dict[str, Any]:
    number = who.reach.phone if who is not None else None
    return {
        "at": staff.local(each.at, zone),
        "meaning": each.meaning,
        "text": each.text,
        "name": who.reach.name if who is not None else "",
        "relation": who.relation if who is not None else "",
        "phone": phone.shown(number, region) if number else "",
        "language": who.language if who is not None else "",
        "href": f"/referrals/{each.referral_id}",
        "reference": each.reference,
    }


HANDLERS = (written,)
