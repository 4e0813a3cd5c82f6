"""One pass over some bytes for every mark in every spelling of it.

Spellings: as it is and in any case, UTF-16 of both orders, hex, percent, JSON's and HTML's escapes,
quoted-printable, and base64 of both alphabets wherever in three bytes the mark begins. What
escapes only some letters leaves ours alone, so the escaped forms are those of every letter.
"""

import base64
from collections.abc import Callable, Iterator

import msgspec

from tests.loop.canaries.marks import Book, Family

Spell = Callable[[bytes], bytes]
CASES: tuple[Callable[[str], str], ...] = (str, str.lower, str.upper)


class Needle(msgspec.Struct, frozen=True, kw_only=True):
    """How the beginning of a family of marks looks in one spelling, and each of its marks."""

    spelling: str
    begins: bytes
    whole: dict[bytes, str]
    folds: bool
    telling: bool


class Hit(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A mark that was found: its text, or what it begins with, and how it was spelled."""

    text: str
    spelling: str


def _escaped(form: str) -> Spell:
    return lambda raw: "".join(form.format(letter) for letter in raw).encode()


def _in_base64(offset: int, altchars: bytes) -> Spell:
    """Keep of a base64 text what bytes before and behind cannot change."""

    def spell(raw: bytes) -> bytes:
        text = base64.b64encode(b"\0" * offset + raw, altchars=altchars)
        return text[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]

    return spell


_FOLDING: dict[str, Spell] = {
    "as it is": bytes,
    # Of both orders: between the letters they are the same.
    "utf-16": lambda raw: raw.decode().encode("utf-16-be")[1:],
}
"""The letters are there, so that a search in lower case finds each case."""

_OF_BYTES: dict[str, Spell] = {
    "hex": lambda raw: raw.hex().encode(),
    "percent": _escaped("%{:02x}"),
    "json": _escaped("\\u{:04x}"),
    "quoted-printable": _escaped("={:02x}"),
    "html": _escaped("&#{:d};"),
    "html hex": _escaped("&#x{:x};"),
}
"""The letters are numbers, which differ by case; their digits are folded."""

_EXACT: dict[str, Spell] = {
    f"base64 {name} {offset}": _in_base64(offset, altchars)
    for name, altchars in (("standard", b"+/"), ("url", b"-_"))
    for offset in range(3)
}

SPELLINGS = (*_FOLDING, *_OF_BYTES, *_EXACT)


def spell(text: str, spelling: str) -> bytes:
    """Write a text in one spelling."""
    found = (_FOLDING | _OF_BYTES | _EXACT)[spelling]
    return found(text.encode())


class Searcher:
    """Looks for all marks of a book."""

    def __init__(self, book: Book) -> None:
        self._needles = tuple(_needles(book))

    def hits(self, blob: bytes) -> set[Hit]:
        """Find every mark in some bytes, and any that was cut short."""
        folded = blob.lower()
        return {
            hit
            for needle in self._needles
            for hit in _found(folded if needle.folds else blob, needle)
        }


def _needles(book: Book) -> Iterator[Needle]:
    """Make what is looked for; where two spellings begin alike, they are looked for at once."""
    made: dict[tuple[bytes, bool], Needle] = {}
    for family in book.families:
        for case in CASES:
            for needle in _of(family, case):
                known = made.setdefault((needle.begins, needle.folds), needle)
                known.whole.update(needle.whole)
    yield from made.values()


def _of(family: Family, case: Callable[[str], str]) -> Iterator[Needle]:
    if case is str:
        yield from (_needle(family, str.lower, each, folds=True) for each in _FOLDING)
    yield from (_needle(family, case, each, folds=True) for each in _OF_BYTES)
    yield from (_needle(family, case, each, folds=False) for each in _EXACT)


def _needle(family: Family, case: Callable[[str], str], spelling: str, *, folds: bool) -> Needle:
    return Needle(
        spelling=spelling,
        begins=spell(case(family.begins), spelling),
        whole={spell(case(text), spelling): text for text in family.known},
        folds=folds,
        telling=family.telling,
    )


def _found(hay: bytes, needle: Needle) -> Iterator[Hit]:
    sizes = {len(whole) for whole in needle.whole}
    at = hay.find(needle.begins)
    while at >= 0:
        here = {needle.whole.get(hay[at : at + size]) for size in sizes} - {None}
        yield from (Hit(text=str(text), spelling=needle.spelling) for text in here)
        if needle.telling and not here:
            yield Hit(text=f"{needle.begins!r} and no whole mark", spelling=needle.spelling)
        at = hay.find(needle.begins, at + 1)
