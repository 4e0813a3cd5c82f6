"""Start a server as a child, wait for it, stop it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from service.servers import faults

LAUNCH = Path(__file__).with_name("launch.py")
PATIENCE = 60.0


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """As whom a server runs: ``how`` as launch.py takes it, and whose the folders must be then."""

    how: str = "same"
    uid: int = -1
    gid: int = -1

    @property
    def drops(self) -> bool:
        """Tell whether the server's folders must be given to another user."""
        return self.uid >= 0


def _command(identity: Identity, stop: signal.Signals, command: Sequence[str]) -> list[str]:
    start = [sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()), identity.how]
    return [*start, str(int(stop)), "--", *command]


def _environment() -> dict[str, str]:
    # PG* variables of the person at the keyboard would change what the server and initdb do.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def spawn(
    command: Sequence[str], log: Path, *, identity: Identity, stop: signal.Signals
) -> subprocess.Popen[bytes]:
    """Start a server that gets ``stop`` when this process dies. Call it from the main thread.

    The kernel sends that signal when the starting *thread* ends, so a thread that comes and goes
    would take it along.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            _command(identity, stop, command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(),
        )


def run(command: Sequence[str], *, identity: Identity, text: str = "") -> None:
    """Run a command to its end as the server's user, or say what it said."""
    done = subprocess.run(
        _command(identity, signal.SIGKILL, command),
        input=text.encode(),
        capture_output=True,
        check=False,
        env=_environment(),
    )
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise faults.ServerFailed(f"{Path(command[0]).name} failed: {said[-600:]}")


def can_enter_namespace() -> bool:
    """Ask the machine whether it lets us have a user namespace."""
    true = shutil.which("true") or "/bin/true"
    probe = _command(Identity(how="namespace"), signal.SIGKILL, [true])
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def await_ready(
    child: subprocess.Popen[bytes], ready: Callable[[], bool], *, log: Path, name: str
) -> None:
    """Wait until the server answers; one that ends instead is a fault with its last words."""
    limit = time.monotonic() + PATIENCE
    while not ready():
        if child.poll() is not None:
            raise faults.ServerFailed(f"{name} did not start: {_tail(log)}")
        if time.monotonic() > limit:
            stop_child(child, [signal.SIGKILL])
            raise faults.ServerFailed(f"{name} did not answer in {PATIENCE:.0f} s: {_tail(log)}")
        time.sleep(0.01)


def stop_child(child: subprocess.Popen[bytes], signals: Sequence[signal.Signals]) -> None:
    """Ask politely, then less politely, until it is gone."""
    for number in signals:
        if child.poll() is not None:
            return
        child.send_signal(number)
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            continue
    child.kill()
    child.wait()


def _tail(log: Path) -> str:
    try:
        return log.read_text(errors="replace").strip()[-800:] or "it said nothing"
    except OSError:
        return "it said nothing"
