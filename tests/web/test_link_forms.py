"""What is typed into the forms of a visit, and what is made of it."""

from datetime import date

import pytest

from service.domain.rules import Step
from service.web.pages import link_forms
from service.web.pages.link_forms import Around

AROUND = Around(
    today=date(2026, 11, 22), zone="America/Los_Angeles", author="Harbor", evidence="outcome"
)
NOTE = Around(
    today=date(2026, 11, 22), zone="America/Los_Angeles", author="Harbor", evidence="consult_note"
)
LONG = "x" * 5000

WRONG = [
    (Step.ACCEPT, {}, {"owner_name": "missing", "expected_by": "missing"}),
    (Step.ACCEPT, {"owner_name": LONG, "expected_by": "soon"}, {"owner_name": "too_long"}),
    (Step.ACCEPT, {"owner_name": "Sam", "expected_by": "2020-01-01"}, {"expected_by": "past"}),
    (Step.ACCEPT, {"owner_name": "Sam", "expected_by": "tomorrow"}, {"expected_by": "invalid"}),
    (Step.DECLINE, {}, {"reason": "missing"}),
    (Step.DECLINE, {"reason": "bored"}, {"reason": "choose_one"}),
    (Step.DECLINE, {"reason": "other"}, {"comment": "comment_needed"}),
    (Step.ASK, {"due": "2026-12-01"}, {"items": "missing"}),
    (Step.SCHEDULE, {"starts_on": "2026-12-01", "modality": "phone"}, {"starts_at": "missing"}),
    (Step.SCHEDULE, {"starts_on": "2026-12-01", "starts_at": "late"}, {"starts_at": "invalid"}),
    (Step.CANCEL_APPOINTMENT, {}, {"by_whom": "missing"}),
    (Step.WAITLIST, {}, {"expected_on": "missing"}),
    (Step.COMPLETE, {}, {"outcome": "missing", "need_met": "missing"}),
    (Step.COMPLETE, {"outcome": "partly_served", "need_met": "no"}, {"comment": "comment_needed"}),
    (Step.ADDENDUM, {}, {"comment": "missing"}),
    (Step.GIVE_UP, {"reason": "could_not_contact"}, {"attempts": "missing"}),
    (Step.GIVE_UP, {"reason": "client_moved", "attempts": "-1"}, {"attempts": "invalid"}),
    (Step.GIVE_UP, {"reason": "unresponsive"}, {"reason": "choose_one"}),
]


@pytest.mark.parametrize(("step", "form", "expected"), WRONG)
def test_what_is_wrong_is_named_by_field(
    step: Step, form: dict[str, str], expected: dict[str, str]
) -> None:
    _, errors = link_forms.wish_of(step, form, AROUND)
    assert expected.items() <= errors.items()


def test_a_date_is_of_the_offices_own_zone() -> None:
    form = {"starts_on": "2026-12-01", "starts_at": "10:30", "modality": "home_visit"}
    wish, errors = link_forms.wish_of(Step.SCHEDULE, form | {"place": "Dock 4"}, AROUND)
    assert errors == {}
    assert wish.details.starts_at is not None
    assert wish.details.starts_at.isoformat() == "2026-12-01T10:30:00-08:00"
    assert wish.details.modality == "home"
    assert wish.words.comment == "Dock 4"


def test_no_room_until_a_day_is_told_for_no_room_only() -> None:
    form = {"reason": "out_of_area", "no_capacity_until": "2026-12-01"}
    assert link_forms.wish_of(Step.DECLINE, form, AROUND)[0].details.no_capacity_until is None
    wish, _ = link_forms.wish_of(Step.DECLINE, form | {"reason": "no_capacity"}, AROUND)
    assert wish.details.no_capacity_until == date(2026, 12, 1)


def test_words_of_an_outcome_are_the_note_where_one_is_asked_for() -> None:
    form = {"outcome": "served", "need_met": "yes"}
    assert link_forms.wish_of(Step.COMPLETE, form, NOTE)[1] == {"comment": "comment_needed"}
    wish, errors = link_forms.wish_of(Step.COMPLETE, form | {"comment": "Seen."}, NOTE)
    assert errors == {}
    assert wish.document is not None
    assert (wish.document.text, wish.document.evidence) == ("Seen.", "link")
    plain, _ = link_forms.wish_of(Step.COMPLETE, form | {"comment": "Seen."}, AROUND)
    assert (plain.document, plain.words.comment) == (None, "Seen.")


def test_more_for_the_report_is_a_document() -> None:
    wish, errors = link_forms.wish_of(Step.ADDENDUM, {"comment": "The dose is 5 mg."}, AROUND)
    assert errors == {}
    assert wish.document is not None


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("(503) 555-0142", "+15035550142"),
        ("1 503 555 0142", "+15035550142"),
        ("+52 55 1234 5678", "+525512345678"),
        ("12", "12"),
        ("", ""),
    ],
)
def test_a_telephone_number_is_spelled_in_one_way(typed: str, spelled: str) -> None:
    form = {"name_1": "Jo", "phone_1": typed, "pin_1": "271828"}
    assert link_forms.enrolment_of(form).people[0].person.phone == spelled


def test_rows_left_empty_name_nobody() -> None:
    wish = link_forms.enrolment_of({"name_2": "Jo", "phrase": " blue  kettle ", "shared": "yes"})
    assert len(wish.people) == 1
    assert (wish.phrase, wish.shared) == ("blue kettle", True)
    assert link_forms.enrolment_of({}).people == ()


def test_a_name_is_one_line_whatever_was_typed() -> None:
    form = {"name_1": "Ev\r\nil\x07 \u202eJo", "phone_1": "", "pin_1": "271828"}
    assert link_forms.enrolment_of(form).people[0].person.name == "Ev il Jo"
