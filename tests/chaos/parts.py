"""The product's own processes: started, killed, frozen, and started again when they fall."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError

from service.servers.children import LAUNCH
from tests.chaos import machine

ROOT = Path(__file__).resolve().parents[2]
AGAIN_S = 0.5
"""How long something that fell by itself stays down, as a container's restart would take."""


class Part:
    """One process of the product under the name the deck gives it."""

    def __init__(self, name: str, command: tuple[str, ...]) -> None:
        self.name = name
        self.fell = 0
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._again_at = 0.0

    def start(self, environ: Mapping[str, str], logs: Path) -> None:
        """Start it anew; its output is added to its log."""
        launch = [sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()), "same"]
        # SIGKILL, because a frozen process hears nothing else when this one is gone.
        launch += [str(int(signal.SIGKILL)), "--", sys.executable, *self._command]
        with (logs / f"{self.name}.log").open("ab") as output:
            self._process = subprocess.Popen(
                launch,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environ),
                cwd=ROOT,
            )

    def kill(self, *, down_s: float) -> None:
        """Kill it now; it may be started again after so long."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process, self._again_at = None, time.monotonic() + down_s

    def freeze(self) -> list[int]:
        """Stop it where it is and return what to thaw."""
        pid = self._process.pid if self._process and self._process.poll() is None else 0
        return [pid] if pid and machine.freeze(pid) else []

    def tend(self, environ: Mapping[str, str], logs: Path) -> None:
        """Start it again if it is down and its time has come."""
        if self._process is not None and self._process.poll() is not None:
            self.fell += 1
            self._process, self._again_at = None, time.monotonic() + AGAIN_S
        if self._process is None and time.monotonic() >= self._again_at:
            self.start(environ, logs)

    def stop(self) -> None:
        """Ask it to finish, and end it if it does not."""
        if self._process is None or self._process.poll() is not None:
            return
        machine.thaw(self._process.pid)
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Parts:
    """All of them."""

    def __init__(self, environ: Mapping[str, str], logs: Path, *, relay: tuple[str, ...]) -> None:
        self._environ, self._logs = environ, logs
        self.web_url = f"http://127.0.0.1:{environ['LOOPKEEPER_PORT']}"
        cli = ("-m", "service.cli")
        self._parts = {
            "web": Part("web", (*cli, "serve")),
            "relay": Part("relay", relay or (*cli, "work", "relay")),
            **{
                name: Part(name, (*cli, "work", name))
                for name in ("courier", "receipts", "clockwork", "sealer", "scanner")
            },
        }

    def __getitem__(self, name: str) -> Part:
        return self._parts[name]

    def tend(self) -> None:
        """Start again whatever is down."""
        for part in self._parts.values():
            part.tend(self._environ, self._logs)

    def await_web(self, *, seconds: float) -> None:
        """Wait until the web answers, starting again what falls meanwhile; raises NotReady."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            self.tend()
            try:
                with urllib.request.urlopen(f"{self.web_url}/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (URLError, OSError):
                time.sleep(0.1)
        raise NotReady((self._logs / "web.log").read_text(errors="replace")[-2000:])

    def fell(self) -> str:
        """Say how often which of them ended without being killed."""
        fallen = {name: part.fell for name, part in self._parts.items() if part.fell}
        return ", ".join(f"{count} {name}" for name, count in fallen.items()) or "none"

    def stop(self) -> None:
        """End them all."""
        for part in self._parts.values():
            part.stop()


class NotReady(RuntimeError):
    """The web does not answer; what it printed last is the message."""
