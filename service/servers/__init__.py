"""PostgreSQL and Redis without installing anything.

What is given is used, else what the machine has, else what the wheels bring::

    with servers.running(Path(".loopkeeper")) as urls:
        urls.database_url, urls.redis_url

Start from the main thread: the servers die with the thread that started them.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from service.servers import faults, postgres, redis
from service.servers.binaries import Source
from service.servers.postgres import Durability

__all__ = ["Durability", "Running", "Source", "found", "running"]

_PREFIX = "lk-"
_SHORT = "/tmp"  # noqa: S108 - mkdtemp makes a 0700 folder in it


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """Where the servers answer. ``notes`` are sentences for the person who started them."""

    database_url: str
    redis_url: str
    sockets: str = ""
    notes: tuple[str, ...] = ()


@contextmanager
def running(
    data: Path,
    *,
    durability: Durability = Durability.DURABLE,
    source: Source = Source.ANY,
    given: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """Keep both servers running as long as the block lasts.

    ``given`` is an environment: a DATABASE_URL or REDIS_URL in it is used instead of a server of
    our own. ``data`` is the folder that outlives the block. Raises ServerMissing, ServerFailed or
    FolderInUse, each with what to do next.
    """
    database_url = (given or {}).get("DATABASE_URL", "")
    redis_url = (given or {}).get("REDIS_URL", "")
    if database_url and redis_url:
        yield Running(database_url=database_url, redis_url=redis_url)
        return
    data = data.absolute()
    with ExitStack() as stack:
        stack.enter_context(_held(data))
        where = _place(stack, data, durability)
        sockets = stack.enter_context(_sockets(data, where))
        if not redis_url:
            log = _fresh_log(data / "redis.log")
            redis_url = stack.enter_context(redis.running(sockets, log=log, source=source))
        if not database_url:
            log = _fresh_log(data / "postgres.log")
            database_url = stack.enter_context(
                postgres.running(where, sockets, log=log, durability=durability, source=source)
            )
        answer = Running(
            database_url=database_url,
            redis_url=redis_url,
            sockets=str(sockets),
            notes=(where.note,) if where.note else (),
        )
        (data / "running.json").write_bytes(msgspec.json.encode(answer))
        yield answer


def _place(stack: ExitStack, data: Path, durability: Durability) -> postgres.Place:
    where = postgres.place(data / "postgres")
    if durability is Durability.FAST and where.identity.drops:
        # Nobody's folder lies outside the caller's, who could not tidy it.
        stack.callback(shutil.rmtree, where.data.parent, ignore_errors=True)
    return where


def found(data: Path) -> Running | None:
    """Return the servers that another process keeps running on this folder, if one does."""
    try:
        with _held(data.absolute()):
            return None
    except faults.FolderInUse:
        record = data / "running.json"
        return msgspec.json.decode(record.read_bytes(), type=Running) if record.exists() else None


@contextmanager
def _held(data: Path) -> Iterator[None]:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise faults.FolderInUse(
                f"The servers of {data} are in use by process {holder}."
                " Stop it, or give another data folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def _sockets(data: Path, where: postgres.Place) -> Iterator[Path]:
    # A socket's path may have 107 bytes, and a checkout may lie deep.
    _sweep(data)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_SHORT))
    (data / "sockets").write_text(str(folder))
    if where.identity.drops:
        os.chown(folder, where.identity.uid, where.identity.gid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        (data / "running.json").unlink(missing_ok=True)


def _sweep(data: Path) -> None:
    # After kill -9 nobody removed the last folder of sockets.
    record = data / "sockets"
    left = Path(record.read_text()) if record.exists() else None
    if left and left.parent == Path(_SHORT) and left.name.startswith(_PREFIX):
        shutil.rmtree(left, ignore_errors=True)
    (data / "running.json").unlink(missing_ok=True)


def _fresh_log(log: Path) -> Path:
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    return log
