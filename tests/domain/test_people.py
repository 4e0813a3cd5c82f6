"""Numbers are checked, labels are complete."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import people
from service.domain.people import CapacityStatus, Channel, Priority
from tests.domain.shared import shared


@pytest.mark.parametrize("npi", ["1234567893", "1245319599", "2000000002"])
def test_a_right_npi_is_taken(npi: str):
    assert people.is_npi(npi)


@pytest.mark.parametrize("npi", ["1234567890", "123456789", "3234567893", "12345678933", "", "abc"])
def test_a_wrong_npi_is_refused(npi: str):
    assert not people.is_npi(npi)


@given(st.integers(min_value=0, max_value=9), st.integers(min_value=0, max_value=9))
def test_one_wrong_digit_of_an_npi_is_caught(place: int, digit: int):
    right = "1234567893"
    damaged = right[:place] + str(digit) + right[place + 1 :]
    assert people.is_npi(damaged) == (damaged == right)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("+15035550100", True),
        ("+4915112345678", True),
        ("15035550100", False),
        ("+05035550100", False),
        ("+1503555", False),
        ("+1234567890123456", False),
        ("+1503555010\n", False),
    ],
)
def test_a_phone_has_the_shape_of_e164(text: str, holds: bool):
    assert people.is_phone(text) is holds


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("z5941", "Z59.41"),
        (" Z59.41 ", "Z59.41"),
        ("M54.50", "M54.50"),
        ("C4A.9", "C4A.9"),
        ("F32", "F32"),
        ("S72.001A", "S72.001A"),
        ("59.41", None),
        ("Z59.41234", None),
        ("Z59.", None),
        ("", None),
    ],
)
def test_an_icd_code_is_spelled_with_its_dot(text: str, code: str | None):
    assert people.icd10cm(text) == code


@pytest.mark.parametrize(
    ("code", "billable"),
    [
        ("Z59", False),
        ("Z61", False),
        ("Z59.4", False),
        ("Z59.41", True),
        ("Z60.2", True),
        ("Z54", True),
        ("Z66", True),
        ("F32", True),
    ],
)
def test_of_the_social_codes_only_the_leaves_are_reasons(code: str, billable: bool):
    assert people.is_billable(code) is billable


def test_the_headings_are_those_of_the_2026_code_set():
    table = json.loads(shared("synth/icd10cm-2026-Z55-Z65.json").read_text())
    wrong = [
        code
        for code, row in table.items()
        if people.icd10cm(code) != code or people.is_billable(code) != row["billable"]
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("priority", "channel", "status", "needed"),
    [
        (Priority.EMERGENT, Channel.LINK, CapacityStatus.OPEN, True),
        (Priority.EMERGENT, Channel.OFFLINE, CapacityStatus.OPEN, True),
        (Priority.EMERGENT, Channel.ACCOUNT, CapacityStatus.CLOSED, True),
        (Priority.EMERGENT, Channel.ACCOUNT, CapacityStatus.UNKNOWN, False),
        (Priority.URGENT, Channel.LINK, CapacityStatus.CLOSED, False),
    ],
)
def test_an_emergent_referral_is_handed_over_by_telephone_where_nobody_looks(
    priority: Priority, channel: Channel, status: CapacityStatus, needed: bool
):
    assert people.needs_handoff(priority, channel=channel, status=status) is needed
