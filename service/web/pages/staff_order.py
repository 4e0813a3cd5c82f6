"""The page of a new referral, read: the patient, the order, and what is wrong with them."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from service.actions import keep_patient, skip_ahead
from service.actions.create_referral import NewReferral
from service.actions.find_patients import Terms
from service.actions.keep_patient import Patient
from service.actions.office import Office
from service.domain import ids
from service.domain.outcome import ConsentBasis
from service.domain.patient import Identity
from service.domain.people import Actor, Mode, Priority, SensitivityClass, Source
from service.store.rows import OnceRow
from service.web.api import asks
from templates import surroundings

Form = dict[str, str]
Errors = dict[str, str]

_YEARS = range(1900, 2101)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The page as it was meant; `identity` is of a patient to be registered first."""

    patient_id: UUID | None
    identity: Identity | None
    confirm_distinct: bool
    service_ids: tuple[UUID, ...]
    question: str
    narrative: str
    mode: Mode
    priority: Priority
    sensitivity: SensitivityClass
    consent_basis: str | None
    consent_id: UUID | None
    thread_id: UUID | None
    override_reason: str
    reason_codes: tuple[str, ...]
    ordering_npi: str | None
    authorization_number: str | None
    requested_by: date | None
    called: bool
    send: bool

    def __repr__(self) -> str:
        return "<draft>"


def read(form: Form) -> tuple[Draft | None, Errors]:
    """Read the page; None where something is wrong, and then all of it by field."""
    errors: Errors = {}
    patient_id = uuid(form, "patient_id", errors)
    identity = None if patient_id else identity_of(form, errors)
    services = [uuid(form, name, errors) for name in ("service_id", "second_service_id")]
    if not services[0] and "service_id" not in errors:
        errors["service_id"] = "missing"
    values = {name: form.get(name, "").strip() for name in ("question", "narrative")}
    if not values["question"]:
        errors["question"] = "missing"
    chosen = _chosen(form, errors)
    by = day(form, "requested_by", errors)
    if errors:
        return None, errors
    return msgspec.convert(
        {
            **values,
            **chosen,
            "patient_id": patient_id,
            "identity": identity,
            "confirm_distinct": bool(form.get("confirm_distinct")),
            "service_ids": tuple(dict.fromkeys(each for each in services if each)),
            "reason_codes": tuple(re.findall(r"[^\s,;]+", form.get("reason_codes", ""))),
            "ordering_npi": form.get("ordering_npi", "").strip() or None,
            "authorization_number": form.get("authorization_number", "").strip() or None,
            "requested_by": by,
            "called": bool(form.get("called")),
            "override_reason": form.get("override_reason", "").strip(),
            "send": not form.get("draft"),
        },
        Draft,
    ), {}


def _chosen(form: Form, errors: Errors) -> dict[str, Any]:
    """Read what is one of a list."""
    general = SensitivityClass.GENERAL
    return {
        "mode": one(form, "mode", errors, allowed=Mode, default=Mode.FIRST_ACCEPTS),
        "priority": one(form, "urgency", errors, allowed=Priority, default=Priority.ROUTINE),
        "sensitivity": one(form, "sensitivity", errors, allowed=SensitivityClass, default=general),
        "consent_basis": _basis(form, errors),
        "consent_id": uuid(form, "consent_id", errors),
        "thread_id": uuid(form, "thread_id", errors),
    }


def _basis(form: Form, errors: Errors) -> str | None:
    """Read the basis; a draft needs none yet, and a consent on record has its own."""
    later = form.get("draft") or form.get("consent_id")
    if later and not form.get("consent_basis"):
        return None
    return one(form, "consent_basis", errors, allowed=ConsentBasis)


def identity_of(form: Form, errors: Errors) -> Identity | None:
    """Read a patient who is typed in here."""
    given, family = form.get("given_name", "").strip(), form.get("family_name", "").strip()
    typed = any(form.get(name, "").strip() for name in ("given_name", "family_name", "birth_date"))
    if not typed:
        errors["patient_id"] = "missing"
        return None
    born = day(form, "birth_date", errors, needed=True)
    errors |= {
        name: "missing"
        for name, value in (("given_name", given), ("family_name", family))
        if not value
    }
    if born is None or not given or not family:
        return None
    phone = form.get("phone", "").strip()
    spoken = form.get("patient_language", "")
    fields = {
        "name": {"family": family, "given": (given,)},
        "birth_date": born.isoformat(),
        "phones": (phone_of(phone),) if phone else (),
        "language": surroundings.language_of(spoken),
    }
    try:
        return msgspec.convert(fields, Identity)
    except msgspec.ValidationError:
        errors["family_name"] = "invalid"
        return None


def phone_of(text: str) -> str:
    """Spell a telephone number as E.164; ten digits are a number of North America."""
    kept = "".join(sign for sign in text if sign.isascii() and sign.isdigit())
    if len(kept) == 10 and not text.startswith("+"):
        return f"+1{kept}"
    return f"+{kept}"


def uuid(form: Form, name: str, errors: Errors) -> UUID | None:
    """Read the id of something chosen, or nothing where nothing was."""
    text = form.get(name, "")
    try:
        return UUID(text) if text else None
    except ValueError:
        errors[name] = "choose_one"
        return None


def day(form: Form, name: str, errors: Errors, *, needed: bool = False) -> date | None:
    """Read a day of our own time, or nothing where none was given."""
    text = form.get(name, "").strip()
    if not text:
        if needed:
            errors[name] = "missing"
        return None
    try:
        found = date.fromisoformat(text)
        if found.year not in _YEARS:
            raise ValueError
    except ValueError:
        errors[name] = "invalid"
        return None
    return found


def one(form: Form, name: str, errors: Errors, *, allowed: Iterable[str], default: str = "") -> str:
    """Read one of a closed list; a field left empty is its default."""
    text = form.get(name, "") or default
    if text not in {str(each) for each in allowed}:
        errors[name] = "choose_one" if text else "missing"
    return text


async def wish_of(
    office: Office, draft: Draft, *, patient_id: UUID, once: OnceRow, request_id: str
) -> NewReferral:
    """Spell the order as its action takes it."""
    asks.sane({"requested_by": draft.requested_by})
    called = await skip_ahead.clock_says(office) if draft.called else None
    return NewReferral(
        patient_id=patient_id,
        service_ids=draft.service_ids,
        question=draft.question,
        narrative=draft.narrative,
        reason_codes=draft.reason_codes,
        priority=draft.priority,
        mode=draft.mode,
        sensitivity=draft.sensitivity,
        consent_basis=draft.consent_basis,
        consent_id=draft.consent_id,
        thread_id=draft.thread_id,
        override_reason=draft.override_reason or None,
        phone_handoff_at=called,
        ordering_npi=draft.ordering_npi,
        authorization_number=draft.authorization_number,
        requested_by=draft.requested_by,
        send=draft.send,
        source=Source.WEB,
        once=once,
        request_id=request_id,
    )


async def patient(office: Office, actor: Actor, patient_id: UUID) -> Patient:
    """Read a patient of one's own; raises Missing."""
    return await keep_patient.read_patient(office, actor, patient_id=patient_id)


FINDS = ("find_family", "find_initial", "find_birth_date", "find_other")


def terms_of(form: Form) -> tuple[Terms | None, Errors]:
    """Read what is known of somebody who is looked for."""
    errors: Errors = {}
    born = day(form, "find_birth_date", errors)
    other = form.get("find_other", "").strip()
    reference = other if other and ids.parse_reference(other) else None
    given = {
        "family": form.get("find_family", "").strip() or None,
        "initial": form.get("find_initial", "").strip()[:1] or None,
        "birth_date": born,
        "reference": reference,
        "phone": phone_of(other) if other and not reference else None,
    }
    if not any((given["family"], born, other)):
        errors.setdefault("find_family", "missing")
    elif (given["family"] or born) and not given["initial"]:
        errors["find_initial"] = "missing"
    if errors:
        return None, errors
    try:
        return msgspec.convert(given, Terms), {}
    except msgspec.ValidationError:
        return None, {"find_family": "invalid"}


_HERE = {
    "identity": "family_name",
    "phone": "find_other",
    "family": "find_family",
    "initial": "find_initial",
    "birth_date": "birth_date",
    "reference": "find_other",
}
_FIELDS = (
    *("patient_id", "service_id", "question", "narrative", "consent_basis", "reason_codes"),
    *("consent_id", "sensitivity"),
    *(
        "ordering_npi",
        "authorization_number",
        "requested_by",
        "called",
        "override_reason",
        "family_name",
    ),
    *("find_other", "find_family", "find_initial", "birth_date"),
)


def named(errors: Errors) -> Errors:
    """Give an answer's errors the names of this page's fields; the rest in one line above."""
    moved = {_HERE.get(name, name): text for name, text in errors.items()}
    here = {name: text for name, text in moved.items() if name in _FIELDS}
    others = " ".join(text for name, text in moved.items() if name not in _FIELDS)
    return here | ({"": others} if others else {})
