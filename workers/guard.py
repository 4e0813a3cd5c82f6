"""The guard against jumps: the clock is compared with one that cannot jump, never with lk.now().

A clock that jumps by more than 30 seconds freezes firing and opens a task: a jump must never
escalate every referral at once.
"""

from datetime import datetime
from pathlib import Path

from service import clock
from service.store import timers
from service.store.pool import Connection

JUMP_S = 30.0
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """Name this run of the machine; its monotonic clock means something only within it."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return "unknown"


def jumped(wall: float, monotonic: float) -> bool:
    """Say whether the wall clock went another way than the monotonic one, both in seconds."""
    return abs(wall - monotonic) > JUMP_S


class Guard:
    """Remembers the last look of this process; the table carries it over a restart."""

    def __init__(self, *, boot: str | None = None) -> None:
        self._boot = boot or boot_id()
        self._last: tuple[datetime, float] | None = None

    async def may_fire(self, connection: Connection) -> bool:
        """Compare the clocks, write down what was seen, and say whether timers may fire."""
        seen = await timers.watch(connection)
        monotonic = clock.since_boot()
        last = self._last
        if last is None and seen.boot_id == self._boot and self._boot != "unknown":
            last = (seen.wall, seen.monotonic) if seen.wall and seen.monotonic else None
        self._last = (seen.raw, monotonic)
        await timers.saw(connection, wall=seen.raw, monotonic=monotonic, boot_id=self._boot)
        if last is not None:
            passed = (seen.raw - last[0]).total_seconds()
            if jumped(passed, monotonic - last[1]):
                await timers.freeze(connection)
                return False
        return seen.frozen_at is None
