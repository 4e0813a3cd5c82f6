import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import blind, faults
from tests.crypto.rows import NORTH, SOUTH, World

FIELDS = ("phone", "email", "mrn", "reference", "external_id", "name_initial", "birth_initial")


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("email", "Ana@Example.org", " ana@example.ORG"),
        ("mrn", "00-123 4", "001234"),
        ("reference", "7f3k22", "7F3K-22"),
        ("external_id", ("URN:x", "A1"), ("urn:X", " A1")),
        ("name_initial", ("García", "María"), ("GARCIA", "m")),
        ("name_initial", ("O'Brien", "S"), ("obrien", "Sean")),
        ("name_initial", ("Søndergård", "Åse"), ("sondergard", "ase")),
        ("birth_initial", ("1980-02-29", "élodie"), ("1980-02-29", "E")),
    ],
)
def test_spellings_of_one_value_meet(field: str, one: blind.Value, other: blind.Value):
    assert blind.normalize(field, one) == blind.normalize(field, other)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("mrn", "0123", "123"),
        ("email", "josé@example.org", "jose@example.org"),
        ("external_id", ("a", "x"), ("a", "X")),
        ("external_id", ("a", "bc"), ("ab", "c")),
        ("name_initial", ("Garcia", "M"), ("Garcia", "N")),
    ],
)
def test_different_values_stay_apart(field: str, one: blind.Value, other: blind.Value):
    assert blind.normalize(field, one) != blind.normalize(field, other)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "503 555 0101"),
        ("phone", "+0503555010"),
        ("phone", "+15035550101\n"),
        ("email", "nobody"),
        ("email", "@example.org"),
        ("email", "ana@"),
        ("email", "ana ruiz@example.org"),
        ("mrn", " - "),
        ("external_id", ("", "x")),
        ("external_id", ("x", " ")),
        ("name_initial", ("...", "M")),
        ("name_initial", ("Garcia", "")),
        ("birth_initial", ("02/29/1980", "M")),
        ("birth_initial", ("1981-02-29", "M")),
        ("sex", "f"),
        ("sex", ("f", "x")),
        ("phone", ("+15035550101", "M")),
        ("name_initial", "Garcia"),
    ],
)
def test_what_cannot_be_indexed_is_refused_without_echo(field: str, value: blind.Value):
    with pytest.raises(faults.NotIndexable) as refused:
        blind.normalize(field, value)
    for part in (value,) if isinstance(value, str) else value:
        assert len(part) < 3 or part not in str(refused.value)


@given(st.text(max_size=40), st.text(max_size=10))
def test_any_text_is_either_refused_or_normalized_for_good(one: str, other: str):
    for field in FIELDS:
        for value in (one, (one, other)):
            try:
                normal = blind.normalize(field, value)
            except faults.NotIndexable:
                continue
            if field in ("mrn", "reference", "phone"):
                assert blind.normalize(field, normal) == normal


def test_a_double_surname_is_found_by_either_part_and_whole():
    assert blind.surname_parts("García López") == ["garcia", "lopez", "garcialopez"]
    assert blind.surname_parts("de la Cruz-Ruiz") == ["cruz", "ruiz", "delacruzruiz"]
    assert blind.surname_parts("Smith") == ["smith"]
    assert blind.surname_parts("Du") == ["du"]
    assert blind.surname_parts(" - ") == []


def test_fields_of_one_key_do_not_share_tokens():
    tokens = {blind.token(bytes(32), field, "1234567") for field in FIELDS}
    assert len(tokens) == len(FIELDS)
    assert {len(token) for token in tokens} == {blind.SIZE}


async def test_one_person_in_two_organizations_cannot_be_linked(world: World):
    name = ("García", "M")
    one = await world.ring.indexes(NORTH, "name_initial", name)
    assert one == await world.another_process().indexes(NORTH, "name_initial", name)
    for other in (SOUTH, None):
        (token,) = await world.ring.indexes(other, "name_initial", name)
        assert token.digest != one[0].digest


async def test_the_network_index_finds_an_address_across_organizations(world: World):
    one = await world.ring.indexes(None, "email", "Ana@example.org")
    assert one == await world.ring.indexes(None, "email", "ana@example.org")
