"""What each need asks for: which field is named when it is missing, and what satisfies it."""

from datetime import date, timedelta

import msgspec
import pytest

from service.domain import details as details_room
from service.domain.details import Details, gaps
from service.domain.outcome import CloseReason, DeclineReason, NeedMet, Outcome, UnableReason
from service.domain.rules import Machine, Need, Party, Rule, Step
from tests.domain import stories
from tests.domain.stories import MONDAY

TODAY = date(2026, 3, 2)


def missing(need: Need, details: Details, *, leg=None, **referral) -> list[str]:
    rule = Rule(
        id="X",
        machine=Machine.LEG,
        from_state="sent",
        step=Step.ASK,
        party=Party.RECIPIENT,
        becomes="sent",
        needs=(need,),
    )
    found = gaps(rule, details, referral=stories.picture(**referral), leg=leg)
    assert all(gap.detail.endswith(".") for gap in found)
    return [gap.field for gap in found]


ENOUGH: list[tuple[Need, str, Details]] = [
    (Need.ITEMS, "items", Details(has_items=True)),
    (Need.DUE, "due_on", Details(due_on=TODAY)),
    (Need.OWNER_NAME, "owner", Details(has_owner_name=True)),
    (Need.EXPECTED_BY, "expected_by", Details(expected_by=TODAY)),
    (Need.REASON, "reason", Details(reason="entered_twice")),
    (Need.RECIPIENT, "recipients", Details(recipients=1)),
    (Need.DATE, "service_on", Details(service_on=TODAY)),
    (Need.MISSING_PART, "comment", Details(has_comment=True)),
    (Need.DOCUMENT, "document", Details(has_document=True)),
    (Need.ATTEMPT, "attempt_result", Details(attempt_result="no_answer")),
    (Need.DECLINE_REASON, "reason", Details(reason="out_of_area")),
    (Need.UNABLE_REASON, "reason", Details(reason="client_moved")),
    (Need.CLOSE_REASON, "reason", Details(reason="duplicate")),
    (Need.END_REASON, "reason", Details(reason="organization_left", organization_left=True)),
    (Need.OUTCOME, "outcome", Details(outcome="served", need_met="yes")),
    (Need.POSITION_OR_DATE, "expected_on", Details(waitlist_position=1)),
    (Need.POSITION_OR_DATE, "expected_on", Details(expected_on=TODAY)),
    (Need.STARTS_AT, "starts_at", Details(starts_at=MONDAY)),
    (Need.PLACE_OR_MODALITY, "modality", Details(modality="home")),
    (Need.PLACE_OR_MODALITY, "modality", Details(site_id=stories.OWNER)),
    (Need.BY_WHOM, "by_whom", Details(by_whom="recipient")),
    (Need.PATIENT_INFORMED, "patient_informed", Details(patient_informed=True)),
    (Need.PATIENT_INFORMED, "patient_informed", Details(reason="could_not_be_reached")),
]


@pytest.mark.parametrize(("need", "field", "enough"), ENOUGH)
def test_a_need_names_its_field_until_it_is_filled(need, field, enough):
    assert missing(need, Details()) == [field]
    assert missing(need, enough) == []


def test_every_need_is_asked_for_somewhere():
    tables = {**details_room._FIELDS, **details_room._CHECKS}
    assert set(tables) == set(Need)


def test_consent_stands_on_the_order_not_on_the_step():
    assert missing(Need.CONSENT, Details(), consent_basis=None) == ["consent_basis"]
    assert missing(Need.CONSENT, Details(), consent_basis="treatment") == []


def test_a_consult_note_is_asked_for_where_the_service_wants_one():
    assert missing(Need.EVIDENCE, Details()) == []
    assert missing(Need.EVIDENCE, Details(), evidence="consult_note") == ["document"]
    assert missing(Need.EVIDENCE, Details(has_document=True), evidence="consult_note") == []


def test_a_clinician_reviews_where_the_kind_of_service_says_so():
    assert missing(Need.REVIEWER, Details()) == []
    assert missing(Need.REVIEWER, Details(), reviewer="clinician") == ["reviewer"]
    signed = Details(reviewer_is_clinician=True, disposition="served")
    assert missing(Need.REVIEWER, signed, reviewer="clinician") == []
    assert missing(Need.REVIEWER, Details(disposition="fine")) == ["disposition"]


@pytest.mark.parametrize(
    ("need", "reason"),
    [
        (Need.DECLINE_REASON, DeclineReason.OTHER),
        (Need.UNABLE_REASON, UnableReason.OTHER),
        (Need.CLOSE_REASON, CloseReason.OTHER),
        (Need.DECLINE_REASON, DeclineReason.NOT_ELIGIBLE),
    ],
)
def test_a_reason_that_says_nothing_alone_wants_a_sentence(need, reason):
    assert missing(need, Details(reason=reason)) == ["comment"]
    assert missing(need, Details(reason=reason, has_comment=True)) == []


@pytest.mark.parametrize("reason", [UnableReason.COULD_NOT_CONTACT, UnableReason.DID_NOT_ATTEND])
def test_who_gives_up_for_want_of_contact_says_how_often_it_tried(reason):
    assert missing(Need.UNABLE_REASON, Details(reason=reason)) == ["attempts"]
    assert missing(Need.UNABLE_REASON, Details(reason=reason, attempts=1)) == []


def test_no_recipient_calls_itself_unresponsive():
    assert missing(Need.UNABLE_REASON, Details(reason="unresponsive", attempts=9)) == ["reason"]


def test_a_leg_is_ended_for_silence_after_three_logged_attempts():
    silent = Details(reason="unresponsive", attempts=9)
    assert missing(Need.END_REASON, silent) == ["attempts"]
    assert missing(Need.END_REASON, silent, leg=stories.leg(attempts=2)) == ["attempts"]
    assert missing(Need.END_REASON, silent, leg=stories.leg(attempts=3)) == []


def test_a_leg_is_ended_for_a_departure_only_if_they_left():
    assert missing(Need.END_REASON, Details(reason="organization_left")) == ["reason"]


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("met", NeedMet)
def test_an_outcome_says_what_came_of_it_and_whether_the_need_was_met(outcome, met):
    assert missing(Need.OUTCOME, Details(outcome=outcome)) == ["need_met"]
    assert missing(Need.OUTCOME, Details(outcome=outcome, need_met=met, has_comment=True)) == []


def test_a_booking_ends_after_it_starts_in_a_zone_that_exists():
    back = Details(starts_at=MONDAY, ends_at=MONDAY - timedelta(minutes=1))
    assert missing(Need.STARTS_AT, back) == ["ends_at"]
    nowhere = Details(starts_at=MONDAY, ends_at=MONDAY, time_zone="Mars/Olympus")
    assert missing(Need.STARTS_AT, nowhere) == ["time_zone"]
    known = Details(starts_at=MONDAY, time_zone="America/Denver")
    assert missing(Need.STARTS_AT, known) == []


def test_a_place_nobody_knows_is_not_a_place():
    assert missing(Need.PLACE_OR_MODALITY, Details(modality="moon")) == ["modality"]
    there = Details(modality="moon", site_id=stories.OWNER)
    assert missing(Need.PLACE_OR_MODALITY, there) == ["modality"]


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "María cannot pay"},
        {"reason": "a" * 41},
        {"attempts": -1},
        {"waitlist_position": 2**31},
        {"starts_at": "2026-03-02T10:00:00"},
        {"surprise": 1},
    ],
)
def test_what_has_no_place_in_the_clear_is_not_read(body):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, Details)


def test_a_zone_is_a_zones_name_whatever_step_it_comes_with():
    words = Details(time_zone="lives at 12 Elm Street", due_on=TODAY)
    assert missing(Need.DUE, words) == ["time_zone"]


@pytest.mark.parametrize("field", ["due_on", "expected_by", "starts_at", "next_check_on"])
def test_a_day_beyond_the_calendar_is_no_day(field):
    beyond = {"starts_at": MONDAY.replace(year=9999)}.get(field, date(9999, 12, 31))
    assert missing(Need.DUE, Details(**({"due_on": TODAY} | {field: beyond}))) == [field]
