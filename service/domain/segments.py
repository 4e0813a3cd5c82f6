"""How a text travels in the air: its alphabet, and how many segments it costs.

Source: 3GPP TS 23.038 (the GSM 7 bit default alphabet and its extension table) and TS 23.040
(concatenated messages: a header of six bytes leaves 153 septets or 67 UTF-16 units a segment).
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet: a septet each. Its ESC is not a character of its own."""

GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
"""The extension table: an escape and a septet each, never parted."""

_PLAIN = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "\N{NO-BREAK SPACE}": " ",
        "\N{NARROW NO-BREAK SPACE}": " ",
    }
)


class Alphabet(StrEnum):
    """What a text is spelled in on its way to a phone."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """What a text costs: its alphabet, the segments it takes, and what the last has left.

    `units` and `left` count septets for GSM 7 bit and UTF-16 units for UCS-2.
    """

    alphabet: Alphabet
    units: int
    segments: int
    left: int


_ROOM = {Alphabet.GSM7: (160, 153), Alphabet.UCS2: (70, 67)}


def measure(text: str) -> Size:
    """Count the segments of a text as the networks do; an empty text is one segment."""
    alphabet = alphabet_of(text)
    alone, joined = _ROOM[alphabet]
    widths = list(_widths(text, alphabet))
    units = sum(widths)
    if units <= alone:
        return Size(alphabet=alphabet, units=units, segments=1, left=alone - units)
    segments, filled = _packed(widths, joined)
    return Size(alphabet=alphabet, units=units, segments=segments, left=joined - filled)


def alphabet_of(text: str) -> Alphabet:
    """Say which alphabet a text needs: one character outside GSM 7 bit turns all of it to UCS-2."""
    return Alphabet.GSM7 if all(_in_gsm(letter) for letter in text) else Alphabet.UCS2


def strangers(text: str) -> tuple[str, ...]:
    """List the characters, once each and in order, that make a text more than twice as dear."""
    return tuple(dict.fromkeys(letter for letter in text if not _in_gsm(letter)))


def plain(text: str) -> str:
    """Write curly quotes, long dashes and hard spaces in the signs every phone has."""
    return text.translate(_PLAIN)


def _in_gsm(letter: str) -> bool:
    return letter in GSM or letter in GSM_EXTENSION


def _widths(text: str, alphabet: Alphabet) -> Iterator[int]:
    for letter in text:
        if alphabet is Alphabet.GSM7:
            yield 2 if letter in GSM_EXTENSION else 1
        else:
            yield 2 if ord(letter) > 0xFFFF else 1


def _packed(widths: Iterable[int], room: int) -> tuple[int, int]:
    """Lay whole characters into segments: an escape or a surrogate pair is never parted."""
    segments, filled = 1, 0
    for width in widths:
        if filled + width > room:
            segments, filled = segments + 1, 0
        filled += width
    return segments, filled
