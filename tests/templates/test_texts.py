"""Texts to phones: short, in an alphabet that costs little, and without a word about health."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.domain import pickup, segments
from service.domain.patient_texts import Reply, TextKind
from templates import render

FOLDER = Path(render.__file__).parent / "sms"
FILES = sorted(FOLDER.glob("*.txt"))
MOST = 2
"""Segments that a text may cost with names of an ordinary length."""

SAID = {
    "signed": "Northside Clinic",
    "other_name": "Harbor Food Bank",
    "phone": "+15035550199",
    "when": datetime(2026, 12, 12, 15, 30, tzinfo=ZoneInfo("America/Los_Angeles")),
    "code": "12345678",
    "public_name": "Northside Clinic",
    "link_url": "https://loop.example.org/p/AAAAAAAAAAAAAAAA",
}
ONE = frozenset(
    {"sent.en", "booked.en", "booked.es", "closed.en", "patient_code.en", "patient_code.es"}
)
"""Texts that fit one segment with every name in them and a link; the others take two.

So do those that say the words for an agency's counter, were they the longest.
"""
BANNED = re.compile(
    r"health|salud|medic|m[eé]dic|doctor|clinic|cl[ií]nic|hospital|patient|paciente|therap|terap"
    r"|diagnos|treat|trata|mental|drug|droga|alcohol|addict|adicci|hiv|vih|pregnan|embaraz|food"
    r"|comida|alimento|shelter|refugio|abuse|abuso|counsel|consejer|psych|psiq|referral|remisi",
    re.IGNORECASE,
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_template_says_a_word_about_health(file: Path) -> None:
    assert BANNED.search(file.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_text_stays_within_its_segments_and_the_alphabet_of_every_phone(file: Path) -> None:
    name, language, _ = file.name.split(".")
    word = SAID | {"pickup": " ".join(sorted(pickup.WORDS, key=len)[-pickup.COUNT :])}
    for context in (SAID, word, {each: SAID[each] for each in ("when", "link_url", "code")}):
        written = render.text(name, language=language, context=context)
        assert segments.strangers(written) == ()
        most = 1 if f"{name}.{language}" in ONE and context is not word else MOST
        assert segments.measure(written).segments <= most, written
        assert "  " not in written


def test_every_kind_of_text_has_its_file_in_every_language() -> None:
    names = {file.name for file in FILES}
    assert {f"{kind}.{lang}.txt" for kind in (*TextKind, *Reply) for lang in ("en", "es")} <= names


def test_a_text_says_nothing_that_is_not_on_the_list() -> None:
    with pytest.raises(render.UnknownMailFieldError, match="patient_name"):
        render.text("sent", language="en", context={"patient_name": "María"})
