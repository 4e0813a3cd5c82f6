import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import faults, layout, padding


@given(st.integers(0, 2**40))
def test_padding_costs_at_most_an_eighth_and_hides_the_low_bits(length: int):
    size = padding.padded_length(length)
    assert size >= max(length, padding.FLOOR)
    assert size <= max(length * 1.125, padding.FLOOR)
    assert padding.padded_length(size) == size


@given(st.binary(max_size=2000))
def test_padding_comes_off_again(text: bytes):
    assert padding.unpad(padding.pad(text)) == text


def test_only_the_one_padding_is_accepted():
    good = padding.pad(b"text")
    for bad in (
        good[:-1] + b"\1",  # something hidden behind the text
        layout.u64(10**6) + good[8:],  # a length beyond the end
        good + bytes(256),  # more padding than there should be
        layout.u64(3) + good[8:],  # a text cut short, its rest among the zeros
    ):
        with pytest.raises(faults.CannotOpen):
            padding.unpad(bad)
