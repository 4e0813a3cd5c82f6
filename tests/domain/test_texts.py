"""Names as people write them, and what only looks like one, or like none."""

import pytest

from service.domain import texts


@pytest.mark.parametrize(
    "name", ["García Núñez", "O'Neill-Smith", "李", "أحمد", "نیک\u200cپی", "क्\u200dष", "X Æ A-12"]
)
def test_a_name_may_be_written_as_it_is(name: str) -> None:
    assert texts.is_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "\u200b",
        "\u200d\u200c",
        "\u3164",
        "\u2060\ufeff",
        "Ann\u202ebon",
        "A\u2066b\u2069",
    ],
    ids=ascii,
)
def test_what_hides_or_turns_is_no_name(name: str) -> None:
    assert not texts.is_name(name)
