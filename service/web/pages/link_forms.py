"""The forms of a visit through a link: what was typed becomes a wish, or errors by field.

Errors are codes of `templates/words.py`; a value is never echoed but into its own field.
"""

from collections.abc import Callable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from service.actions.agency_people import AgencyPerson
from service.actions.enrol_agency import Enrolment, NewPerson
from service.actions.take_step import Document, Wish, Words
from service.domain import outcome as codes
from service.domain.details import Details
from service.domain.rules import Step
from service.web.pages import file_words

Form = dict[str, str]
Errors = dict[str, str]

_WORDS = 4_000
_CONSULT_NOTE = "11488-4"
"""LOINC, consult note."""


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What a form does not say itself: the office's day and zone, who writes, what is asked for."""

    today: date
    zone: str
    author: str
    evidence: str


def wish_of(step: Step, form: Form, around: Around) -> tuple[Wish, Errors]:
    """Read the form of a step."""
    reader = _READERS.get(step)
    if reader is None:
        return Wish(step=step), {}
    errors: Errors = {}
    wish = reader(_Fields(form, errors, around))
    return wish, errors


class _Fields:
    """A form being read; what is wrong is noted by field."""

    def __init__(self, form: Form, errors: Errors, around: Around) -> None:
        self._form = form
        self._errors = errors
        self.around = around
        self.files = file_words.chosen(form)

    def text(self, name: str, *, needed: str | None = None, longest: int = _WORDS) -> str:
        value = self._form.get(name, "").strip()
        if not value and needed:
            self.wrong(name, needed)
        if len(value) > longest:
            self.wrong(name, "too_long")
        return value

    def day(self, name: str, *, needed: bool = False, coming: bool = True) -> date | None:
        value = self.text(name, needed="missing" if needed else None, longest=40)
        if not value:
            return None
        try:
            found = date.fromisoformat(value)
        except ValueError:
            self.wrong(name, "invalid")
            return None
        if coming and found < self.around.today:
            self.wrong(name, "past")
        return found

    def choice(self, name: str, allowed: frozenset[str], *, needed: str = "missing") -> str | None:
        value = self._form.get(name, "")
        if value not in allowed:
            self.wrong(name, "choose_one" if value else needed)
            return None
        return value

    def comment(self, code: codes.Coded | None) -> str | None:
        needed = "comment_needed" if code is not None and codes.needs_comment(code) else None
        return self.text("comment", needed=needed) or None

    def count(self, name: str) -> int:
        value = self.text(name, longest=3)
        if value and not (value.isascii() and value.isdigit()):
            self.wrong(name, "invalid")
            return 0
        return int(value or 0)

    def wrong(self, name: str, code: str) -> None:
        self._errors.setdefault(name, code)


def _accept(given: _Fields) -> Wish:
    name = _line(given.text("owner_name", needed="missing", longest=120))
    phone = _line(given.text("owner_phone", longest=40))
    by = given.day("expected_by", needed=True)
    return Wish(
        step=Step.ACCEPT,
        details=Details(expected_by=by),
        words=Words(owner_name=name or None, owner_phone=phone or None),
    )


def _decline(given: _Fields) -> Wish:
    reason = given.choice("reason", frozenset(codes.DeclineReason))
    until = given.day("no_capacity_until")
    comment = given.comment(codes.DeclineReason(reason) if reason else None)
    no_room = reason == codes.DeclineReason.NO_CAPACITY
    return Wish(
        step=Step.DECLINE,
        details=Details(reason=reason, no_capacity_until=until if no_room else None),
        words=Words(comment=comment),
    )


def _ask(given: _Fields) -> Wish:
    lines = [line.strip() for line in given.text("items", needed="missing").splitlines()]
    return Wish(
        step=Step.ASK,
        details=Details(due_on=given.day("due", needed=True)),
        words=Words(items=tuple(line for line in lines if line)),
    )


def _schedule(given: _Fields) -> Wish:
    day, clock = given.day("starts_on", needed=True), given.text("starts_at", needed="missing")
    modality = given.choice("modality", frozenset({"in_person", "phone", "video", "home_visit"}))
    place = given.text("place", longest=200)
    starts = None
    try:
        at = time.fromisoformat(clock) if clock else None
        if day is not None and at is not None and at.tzinfo is None:
            starts = datetime.combine(day, at, tzinfo=ZoneInfo(given.around.zone))
    except ValueError:
        given.wrong("starts_at", "invalid")
    return Wish(
        step=Step.SCHEDULE,
        details=Details(
            starts_at=starts,
            time_zone=given.around.zone,
            modality="home" if modality == "home_visit" else modality,
        ),
        words=Words(comment=place or None),
    )


def _cancel_appointment(given: _Fields) -> Wish:
    whom = given.choice("by_whom", frozenset({"recipient", "patient"}))
    return Wish(
        step=Step.CANCEL_APPOINTMENT,
        details=Details(by_whom=whom),
        words=Words(comment=given.text("reason", longest=500) or None),
    )


def _waitlist(given: _Fields) -> Wish:
    return Wish(
        step=Step.WAITLIST, details=Details(expected_on=given.day("expected_on", needed=True))
    )


def _start(given: _Fields) -> Wish:
    return Wish(step=Step.START, details=Details(service_on=given.around.today))


def _complete(given: _Fields) -> Wish:
    outcome = given.choice("outcome", frozenset(codes.Outcome))
    need_met = given.choice("need_met", frozenset(codes.NeedMet))
    comment = given.comment(codes.Outcome(outcome) if outcome else None)
    note = given.around.evidence == "consult_note" or bool(given.files)
    if note and not comment and not given.files:
        given.wrong("comment", "comment_needed")
    return Wish(
        step=Step.COMPLETE,
        details=Details(outcome=outcome, need_met=need_met, service_on=given.around.today),
        words=Words(comment=None if note else comment),
        document=_note(given, comment or "") if note else None,
    )


def _addendum(given: _Fields) -> Wish:
    comment = given.text("comment", needed=None if given.files else "missing")
    said = bool(comment or given.files)
    return Wish(step=Step.ADDENDUM, document=_note(given, comment) if said else None)


def _note(given: _Fields, text: str) -> Document:
    return Document(
        type_code=_CONSULT_NOTE,
        text=text,
        author=given.around.author,
        written_on=given.around.today,
        evidence="link",
        files=given.files,
    )


def _give_up(given: _Fields) -> Wish:
    reason = given.choice("reason", frozenset(codes.GIVE_UP_REASONS))
    code = codes.UnableReason(reason) if reason else None
    tried = given.count("attempts")
    if code is not None and tried < codes.attempts_needed(code):
        given.wrong("attempts", "missing")
    return Wish(
        step=Step.GIVE_UP,
        details=Details(reason=reason, attempts=tried),
        words=Words(comment=given.comment(code)),
    )


_READERS: dict[Step, Callable[[_Fields], Wish]] = {
    Step.ACCEPT: _accept,
    Step.DECLINE: _decline,
    Step.ASK: _ask,
    Step.SCHEDULE: _schedule,
    Step.CANCEL_APPOINTMENT: _cancel_appointment,
    Step.WAITLIST: _waitlist,
    Step.START: _start,
    Step.COMPLETE: _complete,
    Step.ADDENDUM: _addendum,
    Step.GIVE_UP: _give_up,
}

PEOPLE = 3
"""Rows of the page that names people."""


def _line(value: str) -> str:
    """Make one line of what was typed: a name is no place for line breaks or bells."""
    return "".join(letter for letter in " ".join(value.split()) if letter.isprintable())


def enrolment_of(form: Form) -> Enrolment:
    """Read the page that names people; a row left empty names nobody."""
    rows = [
        NewPerson(
            person=AgencyPerson(
                name=_line(form.get(f"name_{n}", "")), phone=_phone(form.get(f"phone_{n}", ""))
            ),
            pin=form.get(f"pin_{n}", "").strip(),
        )
        for n in range(1, PEOPLE + 1)
        if any(form.get(f"{field}_{n}", "").strip() for field in ("name", "phone", "pin"))
    ]
    return Enrolment(
        people=tuple(rows),
        shared=bool(form.get("shared")),
        phrase=" ".join(form.get("phrase", "").split()) or None,
    )


def _phone(text: str) -> str:
    """Spell a telephone number as E.164; ten digits are a number of North America."""
    kept = "".join(sign for sign in text if sign.isascii() and sign.isdigit())
    if not kept:
        return text.strip()
    if text.strip().startswith("+"):
        return f"+{kept}"
    if len(kept) == 10:
        return f"+1{kept}"
    return f"+{kept}" if len(kept) == 11 and kept.startswith("1") else kept
