"""What a text costs, against counts that nobody here made, and at the edges of a segment."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import segments
from service.domain.segments import Alphabet
from tests.domain.shared import shared

_NAMES = {"GSM-7": Alphabet.GSM7, "UCS-2": Alphabet.UCS2}


def test_the_counts_of_a_public_calculator_are_ours() -> None:
    cases = json.loads(shared("sms/segments/segments.json").read_bytes())
    assert len(cases) == 10
    for case in cases:
        size = segments.measure(case["body"])
        told = (size.alphabet, size.segments)
        assert told == (_NAMES[case["encoding"]], case["segments"]), case["testDescription"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        # An escape that would straddle the edge moves over whole and leaves a septet unused.
        ("a" * 152 + "€" + "a" * 151, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("á" * 66 + "😜" + "á" * 65, 2),
        ("á" * 66 + "😜" + "á" * 66, 3),
    ],
)
def test_segments_at_their_edges(text: str, count: int) -> None:
    assert segments.measure(text).segments == count


def test_the_default_alphabet_has_its_127_characters() -> None:
    assert len(segments.GSM) == 127
    assert len(segments.GSM_EXTENSION) == 10
    assert not segments.GSM & segments.GSM_EXTENSION


@pytest.mark.parametrize("letter", "ÁÚúçíÍóÓ")
def test_letters_of_spanish_that_phones_do_not_have_in_seven_bits(letter: str) -> None:
    assert segments.alphabet_of(f"a{letter}a") is Alphabet.UCS2
    assert segments.strangers(f"a{letter}a{letter}") == (letter,)


def test_curly_quotes_and_dashes_cost_nothing_once_plain() -> None:
    assert segments.plain("“Don’t” – wait…") == '"Don\'t" - wait...'
    assert segments.alphabet_of(segments.plain("“Don’t” – wait…")) is Alphabet.GSM7


@given(st.text(max_size=700))
def test_a_longer_text_never_costs_less(text: str) -> None:
    size = segments.measure(text)
    assert size.left >= 0
    assert segments.measure(text + "a").segments >= size.segments
