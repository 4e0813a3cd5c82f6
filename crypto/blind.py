"""Blind indexes: look a value up by a keyed digest, without storing the value.

Frozen as "lkbi1": a change to any normalizer is a new version with new labels and a
re-index, because a stored digest cannot be normalized again. Only values that many people
share with few are indexed; never a sex, a postal area or a diagnosis, which a frequency
count would give away.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

import msgspec

from crypto import faults, layout, primitives

LABEL = b"lkbi1"
SIZE = 16  # 128 bits: no accidental match in any directory of people.

Value = str | tuple[str, str]


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """The digest of a field's value under one version of its key."""

    field: str
    version: int
    digest: bytes


_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# Letters that carry no separate mark to strip, and what people type instead.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
# Words of a surname that thousands share and nobody searches by alone.
_PARTICLES = frozenset(
    {
        *("al", "bin", "da", "das", "de", "del", "den", "der", "di", "do", "dos", "du", "e", "el"),
        *("ibn", "la", "las", "le", "los", "st", "ten", "ter", "van", "von", "y", "zu"),
    }
)
_BETWEEN_PARTS = re.compile(r"[\s\-‐-―/]+")
_JOIN = "\x1f"


def phone(value: str) -> str:
    """Return a number that is E.164 already (`+15035550101`), or raise NotIndexable."""
    if not _E164.fullmatch(value):
        raise faults.NotIndexable("A phone number is indexed in its E.164 form.")
    return value


def email(value: str) -> str:
    """Return an address in one spelling; marks on letters stay, they name other mailboxes."""
    text = unicodedata.normalize("NFKC", value).strip().casefold()
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain or any(c.isspace() for c in text):
        raise faults.NotIndexable("An e-mail address is indexed as name@domain.")
    return text


def mrn(value: str) -> str:
    """Return a record number's letters and digits; leading zeros count."""
    text = unicodedata.normalize("NFKC", value).casefold()
    return _some("".join(c for c in text if c.isalnum()))


def reference(value: str) -> str:
    """Return a public reference as people type it, without its hyphen."""
    return mrn(value)


def external_id(system: str, value: str) -> str:
    """Return an identifier within its system; its case counts, the system's does not."""
    names = unicodedata.normalize("NFKC", system).strip().casefold()
    text = unicodedata.normalize("NFKC", value).strip()
    return _some(names) + _JOIN + _some(text)


def name_initial(part: str, given: str) -> str:
    """Return one part of a surname with the first letter of a given name."""
    return _some(letters(part)) + _JOIN + _initial(given)


def birth_initial(born: str, given: str) -> str:
    """Return a birth date (`YYYY-MM-DD`) with the first letter of a given name."""
    try:
        day = date.fromisoformat(born)
    except ValueError:
        raise faults.NotIndexable("A birth date is indexed as YYYY-MM-DD.") from None
    return day.isoformat() + _JOIN + _initial(given)


def letters(name: str) -> str:
    """Return a name's letters, lower case and without marks."""
    folded = unicodedata.normalize("NFKC", name).casefold().translate(_PLAIN)
    return "".join(c for c in unicodedata.normalize("NFD", folded) if c.isalpha())


def surname_parts(surname: str) -> list[str]:
    """Return what to index of a surname: each part that tells people apart, and the whole.

    "García López" gives garcia, lopez and garcialopez; "de la Cruz" gives cruz and delacruz.
    """
    parts = [found for word in _BETWEEN_PARTS.split(surname) if (found := letters(word))]
    telling = [part for part in parts if part not in _PARTICLES]
    return list(dict.fromkeys([*telling, "".join(parts)])) if parts else []


_SINGLE: dict[str, Callable[[str], str]] = {
    "phone": phone,
    "email": email,
    "mrn": mrn,
    "reference": reference,
}
_PAIRS: dict[str, Callable[[str, str], str]] = {
    "external_id": external_id,
    "name_initial": name_initial,
    "birth_initial": birth_initial,
}


def normalize(field: str, value: Value) -> str:
    """Return the one spelling of a field's value, a text or a pair, or raise NotIndexable."""
    if isinstance(value, str):
        single = _SINGLE.get(field)
        if single is not None:
            return single(value)
    else:
        pair = _PAIRS.get(field)
        if pair is not None:
            return pair(*value)
    raise faults.NotIndexable("There is no index of this form.")


def token(key: bytes, field: str, normalized: str) -> bytes:
    """Return the 16-byte digest of a normalized value under one organization's field key."""
    message = layout.lp(LABEL, field.encode()) + normalized.encode()
    return primitives.hmac_sha256(key, message)[:SIZE]


def _some(text: str) -> str:
    if not text:
        raise faults.NotIndexable("There is nothing in this value to index.")
    return text


def _initial(given: str) -> str:
    return _some(letters(given))[0]
