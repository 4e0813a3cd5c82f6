import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import faults, layout, padding


@given(st.integers(0, 2**40))
def test_padding_costs_at_most_an_eighth(length: int):
    size = padding.padded_length(length)
    assert size >= max(length, padding.FLOOR)
    assert size <= max(length * 1.125, padding.FLOOR)
    assert padding.padded_length(size) == size


@pytest.mark.parametrize("exponent", [8, 12, 16, 24])
def test_the_low_bits_of_a_length_are_hidden(exponent: int):
    # Source: PoPETs 2019, section 3: between two powers of two there are as many sizes as the
    # exponent has values.
    lengths = range(2**exponent + 1, 2 ** (exponent + 1) + 1, max(1, 2**exponent // 5000))
    sizes = {padding.padded_length(length) for length in lengths}
    assert len(sizes) <= 2 ** exponent.bit_length()


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
