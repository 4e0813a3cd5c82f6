"""The form of a step, read: how what was typed becomes the API's body.

What a step needs is not repeated here: the rules say it, and their answer is shown at the field.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from service.domain.rules import Step
from service.web import problems
from service.web.api import asks
from service.web.pages import file_words
from service.web.pages.step_fields import Field, fields_of

Form = Mapping[str, str]
Errors = dict[str, str]

_CONSULT_NOTE = "11488-4"
"""LOINC, consult note."""

_INTERIM_NOTE = "11506-3"
"""LOINC, progress note: what is written while the service goes on."""


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What a form does not say itself: the reader's zone, what the clock says, who is typing."""

    zone: str
    now: datetime
    name: str
    colleagues: Mapping[str, UUID] = {}


def body_of(step: Step, form: Form, around: Around, *, seen: int) -> tuple[Any, Errors]:
    """Read a step's form into the body the API takes; None where there are errors."""
    on_behalf = form.get("on_behalf") == "yes"
    errors: Errors = {}
    read = {
        field.name: _read(field, form, errors) for field in fields_of(step, on_behalf=on_behalf)
    }
    said = {name: value for name, value in read.items() if value not in (None, "", False)}
    said |= {"files": file_words.chosen(form)}
    spelled = _spelled(said, around, errors, on_behalf=on_behalf)
    if step is Step.ACCEPT:
        _books(spelled, errors)
    if errors:
        return None, errors
    if step is Step.START and "document" in spelled:
        spelled["document"]["type_code"] = _INTERIM_NOTE
    try:
        return msgspec.convert({"step": step, "version": seen, **spelled}, asks.StepBody), {}
    except msgspec.ValidationError as reason:
        return None, fields_named([problems.told(str(reason))])


def _read(field: Field, form: Form, errors: Errors) -> Any:
    text = form.get(field.name, "").strip()
    if not text:
        return None
    if field.options and text not in field.options:
        errors[field.name] = "choose_one"
        return None
    try:
        return _KINDS.get(field.kind, str)(text)
    except ValueError:
        errors[field.name] = "invalid"
        return None


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise ValueError
    return int(text)


def _clock(text: str) -> time:
    found = time.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError
    return found


_KINDS: dict[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "time": _clock,
    "number": _whole,
    "service": UUID,
    "site": UUID,
    "checkbox": lambda _: True,
}


def _spelled(
    said: dict[str, Any], around: Around, errors: Errors, *, on_behalf: bool
) -> dict[str, Any]:
    """Put the fields where the body has them."""
    if "items" in said:
        said["items"] = tuple(line.strip() for line in said["items"].splitlines() if line.strip())
    if "service_id" in said:
        said["recipients"] = (said.pop("service_id"),)
    if said.pop("called", False):
        said["phone_handoff_at"] = around.now
    _owner(said, around, on_behalf=on_behalf)
    _start(said, around, errors)
    _note(said, around, errors)
    if on_behalf:
        said["on_behalf"] = {name: said.pop(name, None) for name in ("source", "spoke_to")}
        for name, value in said["on_behalf"].items():
            if value is None:
                errors[name] = "missing"
    return said


def _owner(said: dict[str, Any], around: Around, *, on_behalf: bool) -> None:
    owner = {"name": said.pop("owner_name", None), "phone": said.pop("owner_phone", None)}
    if not on_behalf and owner["name"] in around.colleagues:
        owner["member_id"] = around.colleagues[owner["name"]]
    if owner["name"]:
        said["owner"] = owner


def _start(said: dict[str, Any], around: Around, errors: Errors) -> None:
    day, clock = said.pop("starts_on", None), said.pop("starts_at", None)
    if day is not None and clock is not None:
        said["starts_at"] = datetime.combine(day, clock, tzinfo=ZoneInfo(around.zone))
        said["time_zone"] = around.zone
    elif (day, clock) != (None, None):
        errors["starts_on" if day is None else "starts_at"] = "missing"


def _books(said: dict[str, Any], errors: Errors) -> None:
    """Make an appointment typed with an acceptance the second step of the same order."""
    booked = {
        name: said.pop(name)
        for name in ("starts_at", "time_zone", "modality", "site_id")
        if name in said
    }
    if booked and "starts_at" not in booked:
        errors["starts_on"] = "missing"
    if "starts_at" in booked:
        said["also"] = ({"step": Step.SCHEDULE, **booked},)


def _note(said: dict[str, Any], around: Around, errors: Errors) -> None:
    text, author = said.pop("note", None), said.pop("author", None)
    written, files = said.pop("written_on", None), said.pop("files", ())
    if not text and not files:
        return
    given = {"author": author, "written_on": written} if text else {}
    errors |= {name: "missing" for name, value in given.items() if not value}
    said["document"] = {
        "type_code": _CONSULT_NOTE,
        "text": text or "",
        "attachments": files,
        "author": author or around.name,
        "written_on": written or around.now.date(),
    }


_ELSEWHERE = {
    "owner": "owner_name",
    "document": "note",
    "attachments": "note",
    "recipients": "service_id",
    "phone_handoff_at": "called",
    "starts_at": "starts_on",
    "service_ids": "service_id",
}
"""Names of fields where a form calls them otherwise."""


def fields_named(found: list[dict[str, str]]) -> Errors:
    """Turn the errors of an answer into those of a form, by its own fields' names."""
    errors: Errors = {}
    for each in found:
        outer, _, inner = each["field"].partition(".")
        name = inner if outer == "on_behalf" else outer
        errors.setdefault(_ELSEWHERE.get(name, name), each["detail"])
    return errors


def in_words(errors: Errors, form: Form, fields: tuple[Field, ...]) -> Errors:
    """Say of a field left empty what a page says; the rules speak to programs, and in English."""
    empty = {
        field.name: field.empty
        for field in fields
        if field.kind != "checkbox" and not form.get(field.name, "").strip()
    }
    return {name: empty.get(name, said) for name, said in errors.items()}


def at_hand(errors: Errors, fields: tuple[str, ...]) -> Errors:
    """Keep errors at the fields a form has; the others are told in one line above it."""
    here = {name: text for name, text in errors.items() if name in fields}
    others = " ".join(text for name, text in errors.items() if name not in fields)
    return here | ({"": others} if others else {})
