"""Three words a patient says: spelled one way, heard in many, and no two numbers alike."""

from uuid import UUID

import pytest

from crypto import token
from service.domain import pickup, segments
from service.domain.segments import Alphabet


def test_the_words_are_short_plain_and_each_its_own() -> None:
    assert len(set(pickup.WORDS)) == 1 << pickup.BITS
    for word in pickup.WORDS:
        assert word.isascii()
        assert word.isalpha()
        assert word == word.lower()
        assert 4 <= len(word) <= 7
        assert segments.alphabet_of(word) is Alphabet.GSM7


def test_every_bit_of_a_number_is_heard() -> None:
    assert pickup.spoken(0) == "alfa alfa alfa"
    assert pickup.spoken((1 << 21) - 1) == "zorro zorro zorro"
    said = {pickup.spoken(1 << place) for place in range(21)}
    assert len(said) == 21
    for number in (-1, 1 << 21):
        with pytest.raises(ValueError, match="21 bits"):
            pickup.spoken(number)


@pytest.mark.parametrize(
    "typed",
    ["mango taxi luna", "Mango, TAXI  luna.", " mángo-taxi\nlüna ", "ｍango taxi luna"],
)
def test_however_it_is_typed_it_is_the_same(typed: str) -> None:
    assert pickup.heard(typed) == "mango taxi luna"


@pytest.mark.parametrize("typed", ["", "   ", "123", "mango taxi", "taxi mango luna", "x" * 10_000])
def test_what_is_not_those_words_is_not_heard_as_them(typed: str) -> None:
    assert pickup.heard(typed) != "mango taxi luna"


def test_a_leg_has_its_words_and_another_key_or_leg_has_others() -> None:
    legs = [UUID(int=n) for n in range(200)]
    numbers = [token.pickup_number(b"k" * 32, leg) for leg in legs]
    assert numbers == [token.pickup_number(b"k" * 32, leg) for leg in legs]
    assert all(0 <= number < 1 << 21 for number in numbers)
    assert len(set(numbers)) > 195
    assert max(numbers) > 1 << 20
    assert token.pickup_number(b"q" * 32, legs[0]) != numbers[0]


@pytest.mark.parametrize(
    ("channel", "evidence", "sensitivity", "offered"),
    [
        ("link", "outcome", "general", True),
        ("link", "none", "general", True),
        ("link", "consult_note", "general", False),
        ("account", "outcome", "general", False),
        (None, "outcome", "general", False),
        ("link", "outcome", "part2", False),
        ("link", "outcome", "behavioral", False),
    ],
)
def test_words_are_for_an_agency_by_link_that_owes_an_outcome_and_for_general_care(
    channel: str | None, evidence: str, sensitivity: str, offered: bool
) -> None:
    given = pickup.is_offered(channel=channel, evidence=evidence, sensitivity=sensitivity)
    assert given is offered
