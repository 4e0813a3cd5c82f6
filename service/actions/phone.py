"""Telephone numbers: as people write them, and as E.164, which is how one is kept.

Which numbers there are changes every month and differs by country; the table is the library's.
"""

import msgspec
import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

HOME = "US"
"""Where a number without a country's code is read, unless told; the territories share its plan."""

_LONGEST = 40
_LONGEST_EXTENSION = 7
_MEXICO, _OLD_MOBILE = 52, "1"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line somebody can call; behind an extension nobody can be texted."""

    number: str
    extension: str | None = None

    @property
    def kept(self) -> str:
        """The line as it is kept: E.164, with an extension as RFC 3966 writes it."""
        return f"{self.number};ext={self.extension}" if self.extension else self.number

    def __repr__(self) -> str:
        return "<line>"


def read(text: str, region: str = HOME) -> Line | None:
    """Read a number as people of a region write it, or None where there is no such line."""
    if len(text) > _LONGEST:
        return None
    try:
        found = _of_today(phonenumbers.parse(text, region))
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(found) or len(found.extension or "") > _LONGEST_EXTENSION:
        return None
    number = phonenumbers.format_number(_bare(found), PhoneNumberFormat.E164)
    return Line(number=number, extension=found.extension or None)


def e164(text: str, region: str = HOME) -> str | None:
    """Return a number as +15035550100, or None where there is no such line to text."""
    found = read(text, region)
    return found.number if found is not None and found.extension is None else None


def shown(kept: str, region: str = HOME) -> str:
    """Write a line as people of a region read it: their own without the country, others with."""
    try:
        found = phonenumbers.parse(kept, region)
    except NumberParseException:
        return kept
    at_home = found.country_code == phonenumbers.country_code_for_region(region)
    form = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(found, form)


def _of_today(found: PhoneNumber) -> PhoneNumber:
    """Leave out the 1 that Mexican mobiles were dialled with from abroad until 2019."""
    national = str(found.national_number)
    if found.country_code == _MEXICO and len(national) == 11 and national[0] == _OLD_MOBILE:
        found.national_number = int(national[1:])
    return found


def _bare(found: PhoneNumber) -> PhoneNumber:
    return PhoneNumber(
        country_code=found.country_code,
        national_number=found.national_number,
        italian_leading_zero=found.italian_leading_zero,
        number_of_leading_zeros=found.number_of_leading_zeros,
    )
