"""Who a contact is and how they are reached, as somebody writes it down and as it is kept."""

from typing import Literal

import msgspec

from service import faults
from service.actions import phone
from service.domain import texts
from service.domain.patient_texts import EVERY_PURPOSE, TextPurpose
from service.domain.people import ContactRelation, SensitivityClass

ConsentHow = Literal["in_person", "phone", "form"]
"""How somebody said that they may be texted, as whoever asked them says."""


class Reach(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who a contact is and how they are reached; sealed whole."""

    name: texts.Name
    phone: texts.Line | None = None
    email: texts.Line | None = None

    def __repr__(self) -> str:
        return "<reach>"


class NewContact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A contact to be kept; `classes` are what they may be told of.

    `text_for` are the purposes they allowed to be texted for, `text_consent` how that is known.
    """

    relation: ContactRelation
    reach: Reach
    language: texts.Language = "en"
    classes: frozenset[SensitivityClass] = frozenset({SensitivityClass.GENERAL})
    may_text: bool = False
    text_for: frozenset[TextPurpose] = EVERY_PURPOSE
    text_consent: ConsentHow = "in_person"


def unasked(wish: NewContact, *, may_text: bool) -> NewContact:
    """Say who somebody is and leave texts as they stand."""
    return msgspec.structs.replace(wish, may_text=may_text)


def spelled(wish: NewContact, region: str) -> NewContact:
    """Write the number in one way, however somebody typed it; raises Invalid where it is none."""
    found = phone.read(wish.reach.phone, region) if wish.reach.phone else None
    _check(wish, found)
    reach = msgspec.structs.replace(wish.reach, phone=found.kept if found else None)
    return msgspec.structs.replace(wish, reach=reach)


NO_NUMBER = (
    "Give a number with its area code, such as (503) 555-0100, or with its country, such as"
    " +52 55 1234 5678."
)


def _check(wish: NewContact, found: phone.Line | None) -> None:
    wrong: list[dict[str, str]] = []
    if not wish.reach.name.strip():
        wrong.append({"field": "reach.name", "detail": "Give the contact's name."})
    if wish.reach.phone and found is None:
        wrong.append({"field": "reach.phone", "detail": NO_NUMBER})
    if wish.may_text and wish.reach.phone is None:
        wrong.append({"field": "may_text", "detail": "Give the number that may be texted."})
    if wish.may_text and found is not None and found.extension is not None:
        said = "Nobody can be texted behind an extension."
        wrong.append({"field": "may_text", "detail": said})
    if wrong:
        raise faults.Invalid(errors=wrong)
