"""Ids grow and references survive being read aloud."""

import os
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import ids

REFERENCES = st.binary(min_size=5, max_size=5).map(lambda raw: ids.new_reference(lambda _: raw))
PLACES = st.sampled_from([0, 1, 2, 3, 5, 6, 7, 8])


def test_an_id_is_a_uuid_of_version_seven_with_the_right_variant():
    made = ids.new_id()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"


def test_ids_of_one_process_only_grow():
    made = [ids.new_id() for _ in range(5000)]
    assert made == sorted(set(made))


def test_ids_grow_even_when_the_clock_steps_back():
    ticks = iter([1000, 1000, 400, 1001, 999, 2000])
    minter = ids.Minter(lambda: next(ticks), os.urandom)
    made = [minter.mint() for _ in range(6)]
    assert made == sorted(set(made))
    assert made[-1].int >> 80 == 2000


def test_a_millisecond_that_is_used_up_borrows_the_next():
    full = iter([b"\xff" * 10, *(b"\xff" * 4 for _ in range(3)), b"\x00" * 10])
    minter = ids.Minter(lambda: 7, lambda _: next(full))
    minter.mint()
    minter._tail = ids._TAIL_LIMIT - 2
    made = minter.mint()
    assert made.int >> 80 == 8


def test_the_first_id_carries_its_time_and_its_random_part():
    minter = ids.Minter(lambda: 0x0123456789AB, lambda size: b"\x00" * size)
    assert minter.mint() == UUID("01234567-89ab-7000-8000-000000000000")


@given(REFERENCES)
def test_a_reference_reads_back_as_itself(reference: str):
    assert ids.parse_reference(reference) == reference
    assert len(reference) == 9
    assert not set("ILOU") & set(reference)


@given(REFERENCES)
def test_a_reference_is_read_in_lower_case_with_spaces_and_look_alikes(reference: str):
    typed = reference.lower().replace("-", " ").replace("1", "l").replace("0", "o")
    assert ids.parse_reference(f" {typed} ") == reference


@given(REFERENCES, PLACES, st.sampled_from(ids.ALPHABET))
def test_one_wrong_character_is_always_caught(reference: str, place: int, wrong: str):
    damaged = reference[:place] + wrong + reference[place + 1 :]
    if damaged != reference:
        assert ids.parse_reference(damaged) is None


@given(REFERENCES, PLACES, PLACES)
def test_two_exchanged_characters_are_always_caught(reference: str, one: int, two: int):
    letters = list(reference)
    letters[one], letters[two] = letters[two], letters[one]
    damaged = "".join(letters)
    if damaged != reference:
        assert ids.parse_reference(damaged) is None


@pytest.mark.parametrize("text", ["", "7F3K", "7F3K-22UU", "7F3K-2222-2", "ÄÖÜß-1234", "1234-567ı"])
def test_what_is_no_reference_reads_as_none(text: str):
    assert ids.parse_reference(text) is None


@given(st.text())
def test_any_text_at_all_is_read_without_a_fault(text: str):
    found = ids.parse_reference(text)
    assert found is None or ids.parse_reference(found) == found


def test_references_hardly_ever_collide():
    stream = count()
    made = {ids.new_reference(lambda _: next(stream).to_bytes(5)) for _ in range(2000)}
    assert len(made) == 2000
