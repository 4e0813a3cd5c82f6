"""What a password must be: long, and nothing that a list of leaked ones begins with.

Length is what counts; no kinds of characters are asked for. Source: NIST SP 800-63B-4, 3.1.1.2,
fifteen characters where the password stands alone; twelve here beside a second factor.
"""

import unicodedata
from collections.abc import Iterable
from enum import StrEnum

ALONE = 15
"""Fewest characters of a password that is the only factor."""

BESIDE_TOTP = 12
"""Fewest characters of a password with a second factor beside it."""

LONGEST = 256
"""More than this is no password but a way to keep us hashing."""

_DISTINCT = 5
_REST = 6
_SHORT = 2
_LIST = """
123456789012 1234567890 123456789 12345678 1234567 123456 qwertyuiop asdfghjkl zxcvbnm
1q2w3e4r5t 1qaz2wsx qwerty password passw0rd p@ssw0rd p@ssword letmein welcome iloveyou
football baseball basketball superman batman sunshine princess dragon monkey master shadow
michael jennifer computer internet trustno1 whatever changeme secret administrator admin
abcdefghijklmnopqrstuvwxyz abcdef abc123 correcthorsebatterystaple loopkeeper referral
clinic hospital health medical doctor summer winter spring autumn
"""
_WORST = tuple(_LIST.split())


class Weakness(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_PLAIN = "too_plain"
    WELL_KNOWN = "well_known"
    ABOUT_YOU = "about_you"


ADVICE = {
    Weakness.TOO_SHORT: "Use at least 15 characters; 12 once a second factor is set up.",
    Weakness.TOO_LONG: "Use at most 256 characters.",
    Weakness.TOO_PLAIN: "Use more different characters; repeating a few is guessed first.",
    Weakness.WELL_KNOWN: "Do not build it on a well-known word; four unrelated words do well.",
    Weakness.ABOUT_YOU: "Do not use your name or address in it.",
}


def weakness(password: str, *, second_factor: bool, about: Iterable[str] = ()) -> Weakness | None:
    """Say what is wrong with a password, or None; `about` are words an attacker knows anyway."""
    text = unicodedata.normalize("NFKC", password)
    if len(text) < (BESIDE_TOTP if second_factor else ALONE):
        return Weakness.TOO_SHORT
    if len(text) > LONGEST:
        return Weakness.TOO_LONG
    folded = text.casefold()
    if len(set(folded)) < _DISTINCT:
        return Weakness.TOO_PLAIN
    if _mostly(folded, _WORST):
        return Weakness.WELL_KNOWN
    known = [word for each in about for word in _words(each.casefold())]
    return Weakness.ABOUT_YOU if _mostly(folded, known) else None


def _words(text: str) -> list[str]:
    spaced = "".join(letter if letter.isalnum() else " " for letter in text)
    return [word for word in (text, *spaced.split()) if len(word) > _SHORT]


def _mostly(password: str, words: Iterable[str]) -> bool:
    """Whether little is left of a password once these words are taken out of it."""
    rest = password
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != password and sum(letter.isalpha() for letter in rest) < _REST
