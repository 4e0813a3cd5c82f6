"""What the page about the people around a patient shows of each, in words."""

from typing import Any
from uuid import UUID

from service.actions import allow_texts, keep_contacts, keep_patient, keep_session, phone
from service.actions.allow_texts import Past
from service.actions.keep_contacts import Contact
from service.actions.keep_patient import Patient
from service.domain import policy
from service.domain.patient_texts import TextPurpose
from service.domain.people import ContactRelation
from service.domain.policy import Action
from service.web import desk, guards
from service.web.desk import Asked
from service.web.pages import contact_form, staff
from templates import words

PARTS = ("texts", "reopen", "safe-contact")
"""The forms of the page that have an address of their own below it."""


async def shown(request: Asked) -> dict[str, Any]:
    """Look at a patient's contacts, each look recorded, and spell them for the page."""
    office, actor = desk.of(request).office, guards.actor(request)
    patient_id: UUID = request.path_params["patient_id"]
    seen = await keep_patient.read_patient(office, actor, patient_id=patient_id)
    found = await keep_contacts.list_contacts(office, actor, patient_id=patient_id)
    past = await allow_texts.past(office, actor, patient_id=patient_id)
    edits = policy.ever(actor, Action.PATIENT_EDIT)
    zone = (await keep_session.current(office, actor)).member.time_zone
    of = {each.contact_id: each.past for each in past}
    say = staff.saying(request)
    return {
        "patient_id": str(patient_id),
        "patient": f"{' '.join(seen.identity.name.given)} {seen.identity.name.family}",
        "birth_date": seen.identity.birth_date,
        "reference": seen.reference,
        "contacts": [
            _row(each, seen, region=office.region)
            | {"past": [_line(line, say, zone) for line in of.get(each.id, ())]}
            for each in found
        ],
        "edits": edits,
        "nonce": staff.nonce(),
        "witnesses": await _witnesses(request) if edits else [],
        "languages": [(code, code) for code in contact_form.LANGUAGES],
        "relations": [(each.value, words.word(say, each, "relation")) for each in ContactRelation],
        "purposes": [(each.value, words.word(say, each, "text_purpose")) for each in TextPurpose],
        "hows": [(each, words.word(say, each, "text_how")) for each in contact_form.HOWS],
        "safe": _safe(seen),
        "seen": seen.version,
    }


async def _witnesses(request: Asked) -> list[tuple[str, str]]:
    found = await allow_texts.witnesses(desk.of(request).office, guards.actor(request))
    return [(str(member_id), name) for member_id, name in found]


def _safe(seen: Patient) -> dict[str, str]:
    profile = seen.safe_contact
    flags = {name: "yes" for name in contact_form.FLAGS if getattr(profile, name)}
    hours = {"from_hour": str(profile.from_hour), "to_hour": str(profile.to_hour)}
    return flags | hours | ({"do_not_contact": "yes"} if seen.do_not_contact else {})


def _row(each: Contact, seen: Patient, *, region: str) -> dict[str, Any]:
    reach, texting = each.reach, each.texting
    number = phone.shown(reach.phone, region) if reach.phone else ""
    why = silent(each, seen)
    edit = {
        "relation": each.relation,
        "name": reach.name,
        "phone": number,
        "email": reach.email or "",
        "language": each.language,
        **{f"class-{name}": "yes" for name in each.classes},
    }
    now = texting.purposes if texting is not None and each.may_text else ()
    return {
        "id": str(each.id),
        "relation": each.relation,
        "name": reach.name,
        "phone": number,
        "email": reach.email or "",
        "language": each.language,
        "classes": sorted(each.classes),
        "version": each.version,
        "texted": not why,
        "silent": why,
        "purposes": sorted(now),
        "state": texting.state if texting is not None else "",
        "edit": contact_form.at(edit, each.id),
        "leave": contact_form.at({f"may-{name}": "yes" for name in now}, each.id),
    }


def silent(each: Contact, seen: Patient) -> list[str]:
    """Say why a contact is not texted: every reason there is, so that none comes as a surprise."""
    texting = each.texting
    reasons = {
        "deceased": seen.deceased_on is not None,
        "no_contact": seen.do_not_contact,
        "profile": not seen.safe_contact.may_text,
        "no_number": texting is None,
        "no_leave": texting is not None and not (each.may_text and texting.purposes),
    }
    found = [code for code, holds in reasons.items() if holds]
    if texting is not None and texting.state != "open":
        found.append(texting.state)
    return found


def _line(line: Past, say: words.Say, zone: str) -> dict[str, Any]:
    return {
        "at": staff.local(line.at, zone),
        "given": line.given,
        "purpose": words.word(say, line.purpose, "text_purpose") if line.purpose else "",
        "how": line.how,
        "given_by": line.given_by or "",
        "member": line.member or "",
        "witness": line.witness or "",
    }
