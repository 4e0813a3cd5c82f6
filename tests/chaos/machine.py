"""PostgreSQL and Redis of our own, on this machine, that can be killed and come back.

Linux only: what to kill is read from /proc. Call it from the main thread: the servers die with the
thread that started them.
"""

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from redis import Redis

from service.servers import postgres, redis
from service.servers.binaries import Source
from service.servers.faults import ServerFailed
from service.servers.postgres import Durability

_TRIES = 5


class Machine:
    """Both servers, durable, at addresses that stay the same over a crash."""

    def __init__(self, folder: Path, sockets: Path, place: postgres.Place) -> None:
        self.database_url = ""
        self.redis_url = ""
        self._folder, self._sockets, self._place = folder, sockets, place
        self._redis, self._postgres = ExitStack(), ExitStack()

    def start_redis(self) -> None:
        """Start Redis, empty."""
        self._redis = ExitStack()
        self.redis_url = self._redis.enter_context(
            redis.running(self._sockets, log=self._folder / "redis.log", source=Source.ANY)
        )

    def start_postgres(self) -> None:
        """Start PostgreSQL on the data that is there; after a crash it recovers first."""
        for _ in range(_TRIES - 1):
            try:
                return self._start_postgres()
            except ServerFailed:
                # Memory of the server that was killed may be held for another moment.
                time.sleep(0.5)
        return self._start_postgres()

    def _start_postgres(self) -> None:
        self._postgres = ExitStack()
        self.database_url = self._postgres.enter_context(
            postgres.running(
                self._place,
                self._sockets,
                log=self._folder / "postgres.log",
                durability=Durability.DURABLE,
                source=Source.ANY,
            )
        )

    def kill_redis(self) -> None:
        """Kill Redis with all that it holds."""
        for pid in self._pids_of_redis():
            _signal(pid, signal.SIGKILL)
        self._redis.close()

    def kill_postgres(self) -> None:
        """Kill the server and every process of it at once, as a machine that stops does."""
        for parent in _children(os.getpid(), naming=str(self._place.data)):
            # Held still first, so that it cannot start another while its children are listed.
            _signal(parent, signal.SIGSTOP)
            everybody = [parent, *_children(parent)]
            for pid in everybody:
                _signal(pid, signal.SIGKILL)
            _await_gone(everybody[1:])
        self._postgres.close()

    def freeze_redis(self) -> list[int]:
        """Stop Redis where it is and return what to thaw."""
        return [pid for pid in self._pids_of_redis() if _signal(pid, signal.SIGSTOP)]

    def flush(self) -> None:
        """Empty Redis, be it frozen or not."""
        self._thaw_redis()
        with Redis.from_url(self.redis_url, socket_timeout=2) as client:
            client.flushall()

    def stop(self) -> None:
        """Stop both in an orderly way."""
        self._thaw_redis()
        self._redis.close()
        self._postgres.close()

    def _thaw_redis(self) -> None:
        for pid in self._pids_of_redis():
            _signal(pid, signal.SIGCONT)

    def _pids_of_redis(self) -> list[int]:
        return _children(os.getpid(), naming=str(self._sockets / "redis.sock"))


@contextmanager
def running(folder: Path) -> Iterator[Machine]:
    """Keep both servers running, killed or not, as long as the block lasts."""
    where = postgres.place(folder / "postgres")
    # A socket's path may have 107 bytes.
    sockets = Path(tempfile.mkdtemp(prefix="lk-chaos-", dir="/tmp"))
    if where.identity.drops:
        os.chown(sockets, where.identity.uid, where.identity.gid)
    machine = Machine(folder, sockets, where)
    try:
        machine.start_redis()
        machine.start_postgres()
        yield machine
    finally:
        machine.stop()
        shutil.rmtree(sockets, ignore_errors=True)
        if where.identity.drops:
            shutil.rmtree(where.data.parent, ignore_errors=True)


def freeze(pid: int) -> bool:
    """Stop a process where it is; False where it is gone."""
    return _signal(pid, signal.SIGSTOP)


def thaw(pid: int) -> bool:
    """Let a process go on; False where it is gone."""
    return _signal(pid, signal.SIGCONT)


def _signal(pid: int, number: signal.Signals) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False


def _children(parent: int, *, naming: str = "") -> list[int]:
    """List the children of a process whose command line names something."""
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # The name of the command may hold anything, but only inside its brackets.
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_text().replace("\0", " ")
            if int(stat[1]) == parent and naming in command:
                found.append(int(entry.name))
    return found


def _await_gone(pids: list[int]) -> None:
    limit = time.monotonic() + 5
    while time.monotonic() < limit and any(_lives(pid) for pid in pids):
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
