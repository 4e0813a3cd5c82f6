"""The one place that reads real time; everything about referrals asks the database instead.

`lk.now()` is the clock of referrals, timers and links (a demo may move it). Sessions, codes in
mail, keys and the jump guard use real time from here.
"""

import time
from datetime import UTC, datetime


def real_now() -> datetime:
    """Return the real time, aware, in UTC."""
    return datetime.now(tz=UTC)


def unix_seconds() -> float:
    """Return the real time in seconds since 1970."""
    return time.time()


def monotonic() -> float:
    """Return seconds of a clock that never jumps; its zero means nothing."""
    return time.monotonic()


def since_boot() -> float:
    """Return seconds since the machine started, sleep included; it never jumps."""
    found = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(found)
