"""The marks: what is written into sealed fields, each of them once, and none by chance.

Marks of one shape share a beginning drawn for this run, so one search for a few beginnings finds
any of them; the rest of a mark is its own, and names the field it was written into.
"""

import secrets
import string
from collections.abc import Iterator

import msgspec

from service.domain import privacy
from service.domain.privacy import Shape

_OWN = 8


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One mark and the sealed field it was written into."""

    text: str
    field: privacy.Field


class Family(msgspec.Struct, kw_only=True):
    """Marks of one shape: as long as each other, and with the same beginning.

    `telling`: the beginning alone occurs nowhere by chance, so a mark that was cut is found too.
    """

    begins: str
    telling: bool
    known: dict[str, Mark] = {}


class Book:
    """Every mark that was given out, and what was shown to those who may read it."""

    def __init__(self) -> None:
        self.shown: list[bytes] = []
        word = _letters(10)
        # Of a place that there is: what is no number is not taken.
        digits = "503" + "".join(secrets.choice("23456789") for _ in range(3))
        year, month = secrets.randbelow(12) + 1901, secrets.randbelow(12) + 1
        self._families = {
            Shape.WORDS: Family(begins=word, telling=True),
            Shape.PHONE: Family(begins=f"1{digits}", telling=False),
            Shape.DAY: Family(begins=f"{year}-{month:02}-", telling=False),
            Shape.REASON: Family(begins=f"Q{secrets.randbelow(90) + 10}.", telling=False),
        }
        self._phones = iter(range(1000, 10_000))
        self._days = iter(range(1, 29))

    @property
    def families(self) -> tuple[Family, ...]:
        """The marks by shape."""
        return tuple(self._families.values())

    def every(self) -> Iterator[Mark]:
        """Go through all marks."""
        for family in self._families.values():
            yield from family.known.values()

    def word(self, struct: str, field: str) -> str:
        """Give out a word nobody has said before."""
        family = self._families[Shape.WORDS]
        return self._noted(family, family.begins + _letters(_OWN), struct, field)

    def words(self, struct: str, field: str, count: int = 3) -> str:
        """Give out a few of them as a sentence."""
        return " ".join(self.word(struct, field) for _ in range(count))

    def each(self, struct: str, field: str, count: int) -> list[str]:
        """Give out a few of them as a list."""
        return [self.word(struct, field) for _ in range(count)]

    def email(self, struct: str, field: str) -> str:
        """Give out a mailbox whose name is a mark."""
        return f"{self.word(struct, field).lower()}@quail.example"

    def phone(self, struct: str, field: str) -> str:
        """Give out a telephone number."""
        family = self._families[Shape.PHONE]
        return "+" + self._noted(family, f"{family.begins}{next(self._phones)}", struct, field)

    def day(self, struct: str, field: str) -> str:
        """Give out a day of birth."""
        family = self._families[Shape.DAY]
        return self._noted(family, f"{family.begins}{next(self._days):02}", struct, field)

    def reasons(self, struct: str, field: str, count: int = 3) -> list[str]:
        """Give out codes with the look of a diagnosis."""
        family = self._families[Shape.REASON]
        return [
            self._noted(family, family.begins + _letters(4).upper(), struct, field)
            for _ in range(count)
        ]

    def _noted(self, family: Family, text: str, struct: str, field: str) -> str:
        assert text not in family.known
        family.known[text] = Mark(text=text, field=privacy.field(struct, field))
        return text


def _letters(count: int) -> str:
    """Draw letters, large ones among them: whatever folds them has to be looked for too."""
    return "".join(secrets.choice(string.ascii_letters) for _ in range(count))
