"""Files on their way out: whole or a part, as an attachment nobody's browser may run."""

import re
from collections.abc import AsyncIterator
from urllib.parse import quote

import msgspec
from litestar.response import Stream

from service.actions.open_file import OpenFile
from service.actions.read_attachment import File
from service.domain import file_kinds
from service.web import problems
from service.web.desk import Asked

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


class Part(msgspec.Struct, frozen=True):
    """From which byte up to which, of a file's text."""

    start: int
    stop: int


def part_of(request: Asked, *, length: int, tag: str) -> Part | None:
    """Return the part that is asked for, or nothing for the whole; raises RangeRefused.

    Several parts at once, other units, and parts of another version are the whole (RFC 9110).
    """
    found = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if found is None or request.headers.get("if-range", tag) != tag:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        start, stop = max(0, length - int(last)), length
    else:
        start, stop = int(first), min(int(last) + 1 if last else length, length)
        if last and int(last) < int(first):
            return None
    if start >= length or start >= stop:
        raise problems.RangeRefused(length=length)
    return Part(start, stop)


async def answer(request: Asked, file: File, opened: OpenFile) -> Stream:
    """Answer with a file that was opened and checked, and let it go at the end."""
    tag = f'"{file.id.hex}"'
    try:
        part = part_of(request, length=opened.length, tag=tag)
    except problems.RangeRefused:
        await opened.close()
        raise
    said = _headers(file, tag)
    sent = part or Part(0, opened.length)
    said["content-length"] = str(sent.stop - sent.start)
    if part is not None:
        said["content-range"] = f"bytes {part.start}-{part.stop - 1}/{opened.length}"
    media = file.label.media if file.label else "application/octet-stream"
    return Stream(
        _told(opened, sent),
        status_code=206 if part is not None else 200,
        media_type=media,
        headers=said,
    )


def _headers(file: File, tag: str) -> dict[str, str]:
    name = file.label.name if file.label else "file"
    plain, whole = file_kinds.plain_name(name), quote(name, safe="")
    return {
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}",
        "accept-ranges": "bytes",
        "etag": tag,
    }


async def _told(opened: OpenFile, part: Part) -> AsyncIterator[bytes]:
    try:
        async for piece in opened.part(part.start, part.stop):
            yield piece
    finally:
        await opened.close()
