"""Numbers as people write them become one number, or none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.actions import phone
from service.domain import people


@pytest.mark.parametrize(
    "written",
    ["(503) 555-0100", "503.555.0100", "1 503 555 0100", "+1 503 555 0100", " 5035550100 "],
)
def test_one_number_is_kept_in_one_way(written) -> None:
    assert phone.e164(written) == "+15035550100"


def test_countries_and_territories_are_known() -> None:
    assert phone.e164("787 555 0123") == "+17875550123"
    assert phone.e164("+34 600 00 00 00") == "+34600000000"


@pytest.mark.parametrize(
    "written",
    ["", "911", "13013", "+521234567890", "503 555 0100 ext 4", "call me", "\x00", "5" * 400],
)
def test_what_nobody_can_text_is_no_number(written) -> None:
    assert phone.e164(written) is None


@given(st.text(max_size=60))
def test_whatever_is_written_is_a_number_or_none(written) -> None:
    found = phone.e164(written)
    assert found is None or (people.is_phone(found) and phone.e164(found) == found)


@pytest.mark.parametrize(
    ("written", "region", "kept", "shown"),
    [
        ("(503) 555-0100 x12", "US", ("+15035550100", "12"), "(503) 555-0100 ext. 12"),
        ("503-555-0100 ext. 4", "US", ("+15035550100", "4"), "(503) 555-0100 ext. 4"),
        ("tel:+1-503-555-0100", "US", ("+15035550100", None), "(503) 555-0100"),
        ("011 52 55 1234 5678", "US", ("+525512345678", None), "+52 55 1234 5678"),
        ("+52 1 55 1234 5678", "US", ("+525512345678", None), "+52 55 1234 5678"),
        ("55 1234 5678", "MX", ("+525512345678", None), "55 1234 5678"),
        ("+1 503 555 0100", "MX", ("+15035550100", None), "+1 503-555-0100"),
    ],
)
def test_people_of_a_region_write_and_read_numbers_as_they_do_there(
    written, region, kept, shown
) -> None:
    found = phone.read(written, region)
    assert found is not None
    assert (found.number, found.extension) == kept
    assert phone.shown(found.kept, region) == shown


@given(st.text(max_size=60), st.sampled_from(["US", "MX", "GT", "GB"]))
def test_whatever_is_written_is_shown_again_or_is_none(written, region) -> None:
    found = phone.read(written, region)
    if found is not None:
        again = phone.read(phone.shown(found.kept, region), region)
        assert again == found
