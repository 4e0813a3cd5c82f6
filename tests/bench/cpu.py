"""Processor time per act: what a rate cannot tell on a machine that others use as well.

Read from /proc; on systems without it there is nothing to tell.
"""

import os
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")
_TICK = os.sysconf("SC_CLK_TCK")


def spent(pids: Iterable[int]) -> float:
    """Return the seconds of processor time that these processes have used; zero if unknown."""
    return sum(_ticks(pid) for pid in pids) / _TICK


def _fields(pid: int) -> list[str]:
    try:
        # The name in parentheses may hold spaces.
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _ticks(pid: int) -> int:
    found = _fields(pid)
    return int(found[11]) + int(found[12]) if found else 0


def children(parent: int) -> list[int]:
    """List the processes that a process has started, such as a server's backends."""
    if not _PROC.is_dir():
        return []
    pids = [int(each.name) for each in _PROC.iterdir() if each.name.isdigit()]
    return [pid for pid in pids if (found := _fields(pid)) and int(found[1]) == parent]


def parent(pid: int) -> int:
    """Return who started a process; its own number where that cannot be read."""
    found = _fields(pid)
    return int(found[1]) if found else pid
