"""Denials in the record: the first at once, those that follow within a minute counted together.

Whoever knocks a thousand times a second fills no disk: one line a minute for each caller, act and
reason. What is counted in memory when a process is killed is lost, as a count, never as a fact.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from service import clock, faults, logs
from service.actions.note_denial import Denial, note_denial
from service.actions.office import Office

WINDOW_S = 60.0
MOST = 10_000
"""How many callers are counted apart; beyond it all others share one count."""

Key = tuple[Any, ...]


class _Window(msgspec.Struct):
    denial: Denial
    since: float
    more: int = 0


class Denials:
    """What was denied lately in this process."""

    def __init__(self, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self._monotonic = monotonic
        self._windows: dict[Key, _Window] = {}

    def met(self, denial: Denial) -> list[tuple[Denial, int]]:
        """Count a denial, and say which lines are to be written now, each with its count."""
        now = self._monotonic()
        lines = list(self._over(now))
        key = self._key(denial)
        window = self._windows.get(key)
        if window is None:
            self._windows[key] = _Window(denial, now)
            return [*lines, (denial, 1)]
        window.more += 1
        return lines

    def rest(self) -> list[tuple[Denial, int]]:
        """Say what is counted and not written yet, and begin anew."""
        return list(self._over(float("inf")))

    def _key(self, denial: Denial) -> Key:
        actor = denial.actor
        who = (actor.member_id, actor.api_key_id, actor.link_id)
        key = (who, denial.action, denial.why)
        return key if key in self._windows or len(self._windows) < MOST else (None,)

    def _over(self, now: float) -> Iterator[tuple[Denial, int]]:
        # Windows stand in the order they were opened in.
        while self._windows:
            key, window = next(iter(self._windows.items()))
            if now - window.since < WINDOW_S:
                return
            del self._windows[key]
            if window.more:
                yield window.denial, window.more


async def write(office: Office, lines: list[tuple[Denial, int]]) -> None:
    """Write lines, each in a transaction of its own; what cannot be written is logged."""
    for denial, count in lines:
        try:
            await note_denial(office, denial, count=count)
        except faults.Fault as fault:
            logs.broke("denial_not_recorded", fault, org_id=denial.actor.org_id)
