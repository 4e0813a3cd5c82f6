"""The form of a consent: what a patient allowed, read as people write it down."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from service.actions.keep_consents import ConsentWords, NewConsent
from service.domain.outcome import ConsentBasis
from service.domain.people import SensitivityClass
from service.domain.policy import Purpose
from service.web import problems
from service.web.pages import staff_order

Form = dict[str, str]
Errors = dict[str, str]

PURPOSES = (Purpose.TREATMENT, Purpose.COORDINATION, Purpose.OPERATIONS)
"""What a patient may be asked to allow something for; an emergency is declared where one sends."""

BASES = tuple(each for each in ConsentBasis if each is not ConsentBasis.EMERGENCY)
"""The bases of this form; the gate on sending records an emergency by itself."""

PLAIN = ("witness", "description", "told")
"""Words of any consent."""

ELEMENTS = ("patient_name", "discloser", "how_to_revoke", "expiry_event", "signed_by")
"""Words that 42 CFR 2.31 asks for besides."""

ROWS = 3
"""How many recipients the form names at once; more are a consent of their own."""

_HERE = {"expires_at": "expires_on", "to_org_ids": "to_org_1", "classes": "class-general"}


def read(form: Form, *, zone: str) -> tuple[NewConsent | None, Errors]:
    """Read the form; None where something is wrong, and then all of it by field."""
    errors: Errors = {}
    days = {name: staff_order.day(form, name, errors) for name in ("signed_on", "expires_on")}
    if days["signed_on"] is None and "signed_on" not in errors:
        errors["signed_on"] = "missing"
    chosen = {
        "basis": staff_order.one(form, "basis", errors, allowed=BASES),
        "purpose": staff_order.one(form, "purpose", errors, allowed=PURPOSES),
    }
    named = [staff_order.uuid(form, f"to_org_{row + 1}", errors) for row in range(ROWS)]
    if errors:
        return None, errors
    fields: dict[str, Any] = {
        **chosen,
        "classes": [each for each in SensitivityClass if form.get(f"class-{each}")],
        "to_org_ids": list(dict.fromkeys(each for each in named if each)),
        "signed_on": days["signed_on"],
        "expires_at": _end_of(days["expires_on"], zone),
        "document_sha256": form.get("document_sha256", "").replace(" ", "") or None,
        "words": {name: form.get(name, "").strip() for name in (*PLAIN, *ELEMENTS)},
    }
    try:
        return msgspec.convert(fields, NewConsent), {}
    except msgspec.ValidationError as reason:
        return None, named_here([problems.told(str(reason))])


def _end_of(day: date | None, zone: str) -> datetime | None:
    """Return the midnight that ends the last day on which it holds."""
    return datetime.combine(day + timedelta(1), time(), ZoneInfo(zone)) if day else None


def named_here(found: list[dict[str, str]]) -> Errors:
    """Give an answer's errors the names of this form's fields; what it has not, in one line."""
    errors: Errors = {}
    for each in found:
        name = each["field"].removeprefix("words.")
        errors.setdefault(_HERE.get(name, name), each["detail"])
    here = {name: said for name, said in errors.items() if name in _FIELDS}
    others = " ".join(said for name, said in errors.items() if name not in _FIELDS)
    return here | ({"": others} if others else {})


_FIELDS = frozenset(
    {
        *("basis", "purpose", "signed_on", "expires_on", "document_sha256"),
        *(f"to_org_{row + 1}" for row in range(ROWS)),
        *(f"class-{each}" for each in SensitivityClass),
        *PLAIN,
        *ELEMENTS,
    }
)

assert {*PLAIN, *ELEMENTS, "reason"} == set(ConsentWords.__struct_fields__)
