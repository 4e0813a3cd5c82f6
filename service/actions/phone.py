"""Telephone numbers: as people write them, and as E.164, which is how one is kept.

Which numbers there are changes every month and differs by country; the table is the library's.
"""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

REGION = "US"
"""Where a number without a country's code is read; the territories share its plan."""

_LONGEST = 40


def e164(text: str) -> str | None:
    """Return a number as +15035550100, or None where there is no such line to text."""
    if len(text) > _LONGEST:
        return None
    try:
        found = phonenumbers.parse(text, REGION)
    except NumberParseException:
        return None
    if found.extension or not phonenumbers.is_valid_number(found):
        return None
    return phonenumbers.format_number(found, PhoneNumberFormat.E164)
