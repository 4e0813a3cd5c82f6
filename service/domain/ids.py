"""Names of things: time-ordered ids for machines, short references for people on the telephone.

Ids use real time on purpose: a demo clock that was moved must not make them collide or sort wrong.
"""

import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that nothing is read aloud wrongly."""

_TAIL_BITS = 74
_TAIL_LIMIT = 1 << _TAIL_BITS
_LOW_BITS = 62
_STEP_BYTES = 4
_DATA_LENGTH = 7
_REFERENCE_LENGTH = _DATA_LENGTH + 1
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})
_FIELD_POLYNOMIAL = 0b100101


class Minter:
    """Makes UUIDv7s that only grow within one process, even when the wall clock steps back.

    Source: RFC 9562, 5.7 and 6.2 method 2 (the random part counts up inside a millisecond).
    """

    def __init__(
        self, milliseconds: Callable[[], int], random_bytes: Callable[[int], bytes]
    ) -> None:
        self._milliseconds = milliseconds
        self._random_bytes = random_bytes
        self._lock = threading.Lock()
        self._last = 0
        self._tail = 0

    def mint(self) -> UUID:
        """Make the next id."""
        with self._lock:
            self._advance()
            return _uuid7(self._last, self._tail)

    def _advance(self) -> None:
        now = self._milliseconds()
        if now > self._last:
            self._last = now
            self._tail = self._random_tail()
            return
        # A random stride keeps the next id unguessable from this one.
        self._tail += 1 + int.from_bytes(self._random_bytes(_STEP_BYTES))
        if self._tail >= _TAIL_LIMIT:
            self._last += 1
            self._tail = self._random_tail()

    def _random_tail(self) -> int:
        # The top bit starts clear, so that a busy millisecond has room to count.
        return int.from_bytes(self._random_bytes(10)) % (_TAIL_LIMIT >> 1)


def _uuid7(milliseconds: int, tail: int) -> UUID:
    high, low = tail >> _LOW_BITS, tail & ((1 << _LOW_BITS) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def _wall_milliseconds() -> int:
    return time.time_ns() // 1_000_000


_MINTER = Minter(_wall_milliseconds, os.urandom)


def new_id() -> UUID:
    """Make a UUIDv7, larger than every one this process made before."""
    return _MINTER.mint()


def floor(at: datetime) -> UUID:
    """Return the smallest id that can have been made at a moment: what is later is above it."""
    return _uuid7(int(at.timestamp() * 1000), 0)


def new_reference(random_bytes: Callable[[int], bytes] = os.urandom) -> str:
    """Make a public reference, XXXX-XXXX; unique only once the store has accepted it."""
    number = int.from_bytes(random_bytes(5))
    values = [number >> (5 * place) & 31 for place in range(_DATA_LENGTH)]
    return _spell([*values, _check(values)])


def parse_reference(text: str) -> str | None:
    """Read a reference as a person typed it, or answer None if it cannot be one.

    Lower case, spaces and a missing dash are read; I and L are 1, O is 0.
    """
    letters = text.upper().translate(_READ_AS)
    if len(letters) != _REFERENCE_LENGTH or any(letter not in ALPHABET for letter in letters):
        return None
    values = [ALPHABET.index(letter) for letter in letters]
    if _check(values[:_DATA_LENGTH]) != values[_DATA_LENGTH]:
        return None
    return _spell(values)


def _spell(values: list[int]) -> str:
    letters = "".join(ALPHABET[value] for value in values)
    return f"{letters[:4]}-{letters[4:]}"


def _check(values: list[int]) -> int:
    """Sum the characters in GF(32), each times another power of x.

    The weights are non-zero and differ, also from the check's own weight 1: every single wrong
    character and every exchange of two characters, adjacent or not, changes the sum.
    """
    total = 0
    for value in values:
        total = _times_x(total ^ value)
    return total


def _times_x(value: int) -> int:
    doubled = value << 1
    return doubled ^ _FIELD_POLYNOMIAL if doubled & 32 else doubled
