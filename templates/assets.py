"""Names of the files we serve: each carries a hash of its content, so it may be kept for ever."""

from __future__ import annotations

import functools
import gzip
import json
from importlib import resources
from pathlib import Path

PREFIX = "/static/"
CACHE_CONTROL = "public, max-age=31536000, immutable"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


def asset(name: str) -> str:
    """Give the path at which a file is served, from its plain name; KeyError if there is none."""
    return PREFIX + manifest()[name]


@functools.cache
def manifest() -> dict[str, str]:
    """Give the served name of every file by its plain name."""
    return json.loads((folder() / "manifest.json").read_text())


@functools.cache
def read(served_name: str) -> tuple[bytes, str] | None:
    """Give the bytes and the content type of a served name, or None where there is no such file.

    Only names of the manifest are looked up: nothing a stranger types reaches the disk.
    """
    if served_name not in manifest().values():
        return None
    path = folder() / served_name
    return path.read_bytes(), _TYPES[path.suffix]


@functools.cache
def packed(served_name: str) -> bytes | None:
    """Give a served file's bytes packed by gzip (RFC 1952), or None where there is no such file.

    Packed once and kept: the files are few, and the same for everybody.
    """
    found = read(served_name)
    return gzip.compress(found[0], compresslevel=9, mtime=0) if found is not None else None


def etag(served_name: str) -> str:
    """Give the mark of a served file's content (RFC 9110, section 8.8.3): the hash of its name."""
    return f'"{served_name.rsplit(".", 2)[1]}"'


def folder() -> Path:
    """Give the folder that holds the served files."""
    return Path(str(resources.files("templates"))) / "static"
