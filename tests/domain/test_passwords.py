"""What a password must be."""

import pytest

from service.domain.passwords import ADVICE, LONGEST, Weakness, weakness

SAM = ("Sam Lee", "sam.lee@harbor.example")


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("violet kettle under 7 bridges", None),
        ("vent-ana azul 42", None),
        ("x7#kQ2!pZ9mB4", Weakness.TOO_SHORT),
        ("a" * (LONGEST + 1), Weakness.TOO_LONG),
        ("abababababababab", Weakness.TOO_PLAIN),
        ("Password123456789", Weakness.WELL_KNOWN),
        ("qwertyuiopasdfghjkl", Weakness.WELL_KNOWN),
        ("sam.lee@harbor.example", Weakness.ABOUT_YOU),
        ("LeeHarborSam2026!", Weakness.ABOUT_YOU),
    ],
)
def test_a_password_is_long_and_neither_plain_nor_guessed_first(
    password: str, expected: Weakness | None
) -> None:
    assert weakness(password, second_factor=False, about=SAM) is expected


def test_beside_a_second_factor_twelve_characters_do() -> None:
    assert weakness("x7#kQ2!pZ9mB", second_factor=True) is None
    assert weakness("x7#kQ2!pZ9m", second_factor=True) is Weakness.TOO_SHORT


def test_every_weakness_has_an_advice() -> None:
    assert set(ADVICE) == set(Weakness)
