from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import faults, layout, sealed

KEY, KEY_ID = bytes(range(32)), b"key-id-8"
PLACE = sealed.Place(
    table="patient", column="name", row_id=UUID(int=1), org_id=UUID(int=2), revision=3
)


@given(st.binary(max_size=300))
def test_a_value_opens_at_its_place(text: bytes):
    value = sealed.seal_value(KEY, KEY_ID, text, place=PLACE)
    assert len(value) == len(text) + sealed.OVERHEAD
    assert sealed.key_id_of(value) == KEY_ID
    assert sealed.open_value(KEY, KEY_ID, value, place=PLACE) == text


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"table": "contact"},
        {"column": "phone"},
        {"row_id": UUID(int=9)},
        {"org_id": UUID(int=9)},
        {"org_id": None},
        {"revision": 4},
        {"table": "patientn", "column": "ame"},
    ],
)
def test_a_value_does_not_open_at_any_other_place(elsewhere: dict[str, object]):
    value = sealed.seal_value(KEY, KEY_ID, b"Maria", place=PLACE)
    with pytest.raises(faults.CannotOpen):
        sealed.open_value(KEY, KEY_ID, value, place=msgspec.structs.replace(PLACE, **elsewhere))


def test_no_value_with_one_bit_changed_opens():
    value = bytearray(sealed.seal_value(KEY, KEY_ID, b"Maria", place=PLACE))
    for index in range(len(value) * 8):
        value[index // 8] ^= 1 << index % 8
        with pytest.raises(faults.CannotOpen):
            sealed.open_value(KEY, KEY_ID, bytes(value), place=PLACE)
        value[index // 8] ^= 1 << index % 8


@given(st.binary(max_size=80))
def test_any_other_bytes_do_not_open(value: bytes):
    with pytest.raises(faults.CannotOpen):
        sealed.open_value(KEY, KEY_ID, value, place=PLACE)


def test_a_value_does_not_open_under_another_key_or_key_id():
    value = sealed.seal_value(KEY, KEY_ID, b"Maria", place=PLACE)
    with pytest.raises(faults.CannotOpen):
        sealed.open_value(bytes(32), KEY_ID, value, place=PLACE)
    with pytest.raises(faults.CannotOpen):
        sealed.open_value(KEY, b"other-id", value, place=PLACE)


def test_a_key_id_has_eight_bytes():
    with pytest.raises(ValueError, match="8 bytes"):
        sealed.seal_value(KEY, b"short", b"", place=PLACE)


def test_a_sealed_value_prints_its_name_only():
    assert repr(sealed.Sealed(b"secret", "message.body")) == "<sealed v1 message.body>"
    assert f"{sealed.Sealed(b'secret')}" == "<sealed v1>"


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_two_lists_of_parts_never_look_alike(one: list[bytes], other: list[bytes]):
    assert (layout.lp(*one) == layout.lp(*other)) == (one == other)
