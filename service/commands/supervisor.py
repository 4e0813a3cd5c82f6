"""Keep the parts of the service running as children: start, watch, start again, stop.

Each child has a group of its own, so that Ctrl-C reaches this process alone and every part is told
to stop in order; the kernel tells a child when this process is gone, however it went.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from service import clock
from service.servers.children import LAUNCH

PATIENCE_SECONDS = 8.0
_LONGEST_PAUSE = 30.0
_STEADY_SECONDS = 60.0


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One process of the service: what it is called, and the words after `loopkeeper`."""

    name: str
    words: tuple[str, ...]


class _Child:
    """A part while it runs, or while it waits to be started again."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.process: subprocess.Popen[bytes] | None = None
        self.since = 0.0
        self.pause = 1.0
        self.again_at = 0.0

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """The parts of one `loopkeeper run`; their output goes to files in `logs`."""

    def __init__(
        self,
        parts: Sequence[Part],
        environ: Mapping[str, str],
        *,
        logs: Path,
        say: Callable[[str], None],
    ) -> None:
        self._children = [_Child(part) for part in parts]
        self._environ = dict(environ)
        self._logs = logs
        self._say = say

    def start(self) -> None:
        """Start every part, each with a fresh log."""
        self._logs.mkdir(mode=0o700, exist_ok=True)
        for child in self._children:
            log = self._log(child)
            if log.exists():
                log.replace(log.with_suffix(".log.1"))
            self._start(child)

    def watch(self, stop: threading.Event) -> None:
        """Start again whatever ends, each time after a longer pause, until told to stop."""
        while not stop.wait(0.2):
            for child in self._children:
                if child.process is not None and not child.alive:
                    self._mourn(child)
                elif child.process is None and clock.monotonic() >= child.again_at:
                    self._start(child)

    def ended(self) -> str | None:
        """Name a part that has ended, with the end of its log; for the time of starting up."""
        for child in self._children:
            if child.process is not None and not child.alive:
                last = self._log(child).read_text(errors="replace").strip()[-1200:]
                return f"{child.part.name} did not start:\n{last or 'it said nothing'}"
        return None

    def stop(self) -> None:
        """Ask all parts to finish, wait a few seconds, then end those that did not."""
        living = [child.process for child in self._children if child.process is not None]
        _signal(living, signal.SIGTERM)
        limit = time.monotonic() + PATIENCE_SECONDS
        for process in living:
            try:
                process.wait(timeout=max(0.0, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal([process], signal.SIGKILL)
                process.wait()

    def _log(self, child: _Child) -> Path:
        return self._logs / f"{child.part.name}.log"

    def _start(self, child: _Child) -> None:
        ours = [sys.executable, "-m", "service.cli", *child.part.words]
        launch = [sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()), "same"]
        with self._log(child).open("ab") as output:
            child.process = subprocess.Popen(
                [*launch, str(int(signal.SIGTERM)), "--", *ours],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environ,
            )
        child.since = clock.monotonic()

    def _mourn(self, child: _Child) -> None:
        status = child.process.returncode if child.process is not None else 0
        child.process = None
        if clock.monotonic() - child.since > _STEADY_SECONDS:
            child.pause = 1.0
        self._say(
            f"{child.part.name} ended with status {status} and starts again in"
            f" {child.pause:.0f} s; its log is {self._log(child)}"
        )
        child.again_at = clock.monotonic() + child.pause
        child.pause = min(child.pause * 2, _LONGEST_PAUSE)


def _signal(processes: Sequence["subprocess.Popen[bytes]"], number: signal.Signals) -> None:
    # launch.py made each child the leader of its group, so its own children hear it too.
    for process in processes:
        if process.poll() is None:
            process.send_signal(number)
