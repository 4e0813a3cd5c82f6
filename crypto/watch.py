"""Noticing that keys were changed elsewhere: a number that moves with every key that ends."""

import asyncio
from collections.abc import Callable

from crypto import ports

EVERY_SECONDS = 1.0
"""How long a key that was destroyed elsewhere may still be used here, and no longer."""


class Watch:
    """Asks for the generation of the keys at most once a second, before keys are used."""

    __slots__ = ("_clock", "_forget", "_lock", "_rows", "_seen", "_until")

    def __init__(
        self, rows: ports.KeyRows, *, forget: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        self._rows = rows
        self._forget = forget
        self._clock = clock
        self._lock = asyncio.Lock()
        self._seen: int | None = None
        self._until = float("-inf")

    async def look(self) -> None:
        """Forget all keys if one ended since the last look; raises whatever the rows raise.

        Who comes while somebody looks waits for the answer: nobody uses a key on an old one.
        """
        if self._clock() < self._until:
            return
        async with self._lock:
            began = self._clock()
            if began < self._until:
                return
            found = await self._rows.generation()
            if found != self._seen:
                self._forget()
                self._seen = found
            # From before the question: what ended while it was asked is noticed next time.
            self._until = began + EVERY_SECONDS
