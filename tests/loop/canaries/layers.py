"""What lies inside some bytes: packed streams, columns of bytes in a dump, parts of a mail.

gzip and zlib streams are unpacked wherever they begin, three deep, so a compressed dump, a
compressed file and a compressed column are read too. What PostgreSQL packs by itself in its own
files (`pglz`) is not unpacked there; a plain dump has it as it was.
"""

import quopri
import re
import zlib
from collections.abc import Iterator
from email import message_from_bytes, policy

_STREAM = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_BYTEA = re.compile(rb"\\+x((?:[0-9a-f]{2})+)")
_JOINT = re.compile(rb"\?=\r?\n =\?[\w-]+\?[qQ]\?|=?\r?\n")
_EMPTY = bytes(512)
_LONGEST = 64 * 1024 * 1024
_DEEP = 3
"""A compressed dump of a column in which something is compressed."""


def layers(blob: bytes, *, mail: bool = False, deep: int = _DEEP) -> Iterator[bytes]:
    """Go through the bytes without their line ends, and through everything found in them.

    No mark has a line end or many zeros, so none is lost with them; and one that was cut is whole.
    """
    joined = _JOINT.sub(b"", blob.replace(_EMPTY, b""))
    yield joined
    if mail:
        yield from parts(blob, joined)
    if deep:
        columns = b"\n".join(bytes.fromhex(found[1].decode()) for found in _BYTEA.finditer(blob))
        for inner in (columns, *streams(blob)):
            if inner:
                yield from layers(inner, deep=deep - 1)


def streams(blob: bytes) -> Iterator[bytes]:
    """Unpack every gzip or zlib stream, as far as it goes; what is none gives nothing."""
    view = memoryview(blob)
    for found in _STREAM.finditer(blob):
        unpacking = zlib.decompressobj(wbits=47)
        try:
            unpacked = unpacking.decompress(view[found.start() :], _LONGEST)
        except zlib.error:
            continue
        if unpacked:
            yield unpacked


def parts(raw: bytes, joined: bytes) -> Iterator[bytes]:
    """Decode every part of a mail, and its headers."""
    mail = message_from_bytes(raw, policy=policy.default)
    for part in mail.walk():
        yield "\n".join(f"{name}: {value}" for name, value in part.items()).encode()
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield payload
    yield quopri.decodestring(joined)
