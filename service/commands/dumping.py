"""PostgreSQL's own programs, run so that no password stands in a list of processes."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from service import faults
from service.servers import Source, binaries

_LAST = 400


class DumpFailed(faults.Fault):
    """A program of PostgreSQL gave up; nothing half done stays behind."""

    slug = "dump-failed"


def client(name: str, *, major: int, at_least: int = 0) -> Path:
    """Find pg_dump or pg_restore; raises ServerMissing with what to install."""
    source = Source(os.environ.get("LOOPKEEPER_SERVERS", "any"))
    return binaries.find_client(name, major=major, at_least=at_least, source=source)


def version(command: Path) -> int:
    """Return the major version of one of them."""
    return binaries.version_of(command)


@contextmanager
def dump(command: Path, database_url: str, *, snapshot: str) -> Iterator[BinaryIO]:
    """Read a dump of one snapshot as it is written; raises DumpFailed at the end of the block."""
    url, environ = _apart(database_url)
    words = ["--format=custom", f"--snapshot={snapshot}", "--schema=lk", f"--dbname={url}"]
    with subprocess.Popen(
        [str(command), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ
    ) as child:
        try:
            yield child.stdout  # type: ignore[misc]
        except BaseException:
            child.kill()
            raise
        said = child.stderr.read() if child.stderr else b""
        if child.wait() != 0:
            raise DumpFailed(_told(said))


def restore(command: Path, database_url: str, dumped: BinaryIO) -> None:
    """Restore a dump in one transaction: all of it or nothing; raises DumpFailed."""
    url, environ = _apart(database_url)
    words = ["--single-transaction", "--exit-on-error", f"--dbname={url}"]
    done = subprocess.run(
        [str(command), *words], stdin=dumped, capture_output=True, env=environ, check=False
    )
    if done.returncode != 0:
        raise DumpFailed(_told(done.stderr))


def _apart(database_url: str) -> tuple[str, dict[str, str]]:
    """Take the password out of a URL and into the environment."""
    parts = urlsplit(database_url)
    user, _, where = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    query = f"?{parts.query}" if parts.query else ""
    signed = f"{name}@" if name else ""
    url = f"{parts.scheme}://{signed}{where}{parts.path}{query}"
    given = {"PGPASSWORD": unquote(password)} if password else {}
    return url, {**os.environ, **given}


def _told(said: bytes) -> str:
    # Only the program's own first words: what follows after DETAIL may be a row.
    lines = said.decode(errors="replace").splitlines()
    kept = [line for line in lines if line.startswith("pg_") and "COPY" not in line]
    return (" ".join(kept)[:_LAST]) or "It said nothing."
