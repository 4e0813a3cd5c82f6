"""The forms about the people around a patient: who they are, what may be texted, and how."""

from typing import Any
from uuid import UUID

import msgspec

from service.actions.allow_texts import Leave
from service.actions.keep_contacts import NewContact
from service.domain.patient import SafeContact
from service.domain.patient_texts import TextPurpose
from service.domain.people import ContactRelation, SensitivityClass
from service.web import problems
from service.web.pages import staff_order

Form = dict[str, str]
Errors = dict[str, str]

HOWS = ("form", "in_person", "phone")
LANGUAGES = ("en", "es")
FLAGS = ("may_text", "may_call", "may_leave_message", "shared_phone", "name_us")
"""The yes and no of a safe contact profile, as the form asks them."""

_HERE = {
    "reach.name": "name",
    "reach.phone": "phone",
    "purposes": "may-news",
    "witness_id": "witness",
    "classes": "class-general",
    "safe_contact.from_hour": "from_hour",
    "safe_contact.to_hour": "to_hour",
}


def contact(form: Form) -> tuple[NewContact | None, Errors]:
    """Read who somebody is and how they are reached; texts are asked by themselves."""
    errors: Errors = {}
    relation = staff_order.one(form, "relation", errors, allowed=ContactRelation)
    language = staff_order.one(form, "language", errors, allowed=LANGUAGES)
    if not form.get("name", "").strip():
        errors["name"] = "missing"
    if errors:
        return None, errors
    reach = {name: form.get(name, "").strip() or None for name in ("phone", "email")}
    fields: dict[str, Any] = {
        "relation": relation,
        "language": language,
        "reach": {"name": form["name"].strip(), **reach},
        "classes": [each for each in SensitivityClass if form.get(f"class-{each}")],
    }
    try:
        return msgspec.convert(fields, NewContact), {}
    except msgspec.ValidationError as reason:
        return None, named_here([problems.told(str(reason))])


def leave(form: Form) -> tuple[Leave | None, Errors]:
    """Read what a number may be texted for, and how that is known."""
    errors: Errors = {}
    purposes = frozenset(each for each in TextPurpose if form.get(f"may-{each}"))
    how = staff_order.one(form, "how", errors, allowed=HOWS)
    given_by = staff_order.one(form, "given_by", errors, allowed=ContactRelation)
    witness = staff_order.uuid(form, "witness", errors)
    if errors:
        return None, errors
    fields: dict[str, Any] = {"purposes": purposes, "how": how, "given_by": given_by}
    return msgspec.convert(fields | {"witness_id": witness}, Leave), {}


def safe(form: Form) -> tuple[SafeContact | None, Errors]:
    """Read how a patient may be reached without harm."""
    errors: Errors = {}
    hours = {name: _hour(form, name, errors) for name in ("from_hour", "to_hour")}
    if not errors and hours["from_hour"] >= hours["to_hour"]:
        errors["to_hour"] = "invalid"
    if errors:
        return None, errors
    said: dict[str, Any] = {name: bool(form.get(name)) for name in FLAGS} | hours
    return SafeContact(**said), {}


def _hour(form: Form, name: str, errors: Errors) -> int:
    text = form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and int(text[:3]) <= 24):
        errors[name] = "invalid" if text else "missing"
        return 0
    return int(text)


def named_here(found: list[dict[str, str]]) -> Errors:
    """Give an answer's errors the names that these forms have for their fields."""
    errors: Errors = {}
    for each in found:
        errors.setdefault(_HERE.get(each["field"], each["field"]), each["detail"])
    return {name: _code(name, said) for name, said in errors.items()}


def _code(name: str, said: str) -> str:
    return {"phone": "phone_number", "witness": "witness", "may-news": "choose_one"}.get(name, said)


def bare(form: Form, contact_id: UUID | None) -> Form:
    """Read the fields of the form of one contact by their own names, without its id behind."""
    return {name.removesuffix(f"-{contact_id}"): value for name, value in form.items()}


def at(errors: Errors, contact_id: UUID | None) -> Errors:
    """Name the fields of the form of one contact, as the page does: with its id behind."""
    if contact_id is None:
        return errors
    return {f"{name}-{contact_id}" if name else "": said for name, said in errors.items()}
