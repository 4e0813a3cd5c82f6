"""Files on their way in: a body that is a file, or a form with one in it, read as it comes.

Of a form the fields before the file are read first; whether the form is ours is asked with them,
and only then the file begins. Nothing here holds more than what has just arrived.
"""

from collections.abc import AsyncIterator
from urllib.parse import unquote

import multipart

from service import faults
from service.actions.receive_file import Incoming
from service.domain import file_kinds
from service.web import limits
from service.web.desk import Asked, of

_FIELDS = 20
_LONGEST = 20_000


async def counted(request: Asked, who: str) -> None:
    """Count an upload of somebody; raises RateLimited."""
    await of(request).limits.spend(limits.UPLOAD, who)


def whole(request: Asked) -> Incoming:
    """Take a body as a file; its name is in X-File-Name, because addresses are logged."""
    given = request.headers.get("x-file-name", "")
    try:
        name = unquote(given, errors="strict")
    except UnicodeDecodeError:
        raise faults.Malformed("X-File-Name takes UTF-8 with percent signs.") from None
    return Incoming(
        name=name, declared=request.headers.get("content-type", ""), pieces=_pieces(request)
    )


async def _pieces(request: Asked) -> AsyncIterator[bytes]:
    async for piece in request.stream():
        if piece:
            yield piece


class Form:
    """A form with a file in it: `fields` that came before the file, then the file."""

    def __init__(self, request: Asked) -> None:
        self.fields: dict[str, str] = {}
        self._segment: multipart.MultipartSegment | None = None
        self._events = _events(request)

    async def begin(self) -> bool:
        """Read up to the file; False where none was chosen. Raises Malformed."""
        name, held = "", bytearray()
        async for event in self._events:
            if isinstance(event, multipart.MultipartSegment):
                if event.filename is not None:
                    self._segment = event
                    return bool(event.filename)
                name, held = event.name or "", bytearray()
            elif event is None:
                self._keep(name, held)
            else:
                held += event
                if len(held) > _LONGEST:
                    raise faults.Malformed("Send the form as the page has it.")
        return False

    def file(self) -> Incoming:
        """Return the file that `begin` came to; it is read once."""
        segment = self._segment
        assert segment is not None
        return Incoming(
            name=segment.filename or "",
            declared=segment.content_type or "",
            pieces=self._file(),
        )

    async def drained(self) -> None:
        """Read what is left of the form, and forget it."""
        async for _ in self._events:
            pass

    def _keep(self, name: str, held: bytearray) -> None:
        if len(self.fields) >= _FIELDS:
            raise faults.Malformed("Send the form as the page has it.")
        self.fields.setdefault(name, held.decode("utf-8", "replace"))

    async def _file(self) -> AsyncIterator[bytes]:
        async for event in self._events:
            if event is None:
                break
            if isinstance(event, multipart.MultipartSegment):
                raise faults.Malformed("Send the form as the page has it.")
            yield event
        await self.drained()


async def _events(
    request: Asked,
) -> AsyncIterator["multipart.MultipartSegment | bytes | None"]:
    media, options = multipart.parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get("boundary", "")
    if media != "multipart/form-data" or not boundary:
        raise faults.Malformed("Send the form as the page has it.")
    try:
        with multipart.PushMultipartParser(
            boundary,
            max_segment_size=file_kinds.MAX_FILE + 1,
            max_segment_count=_FIELDS + 2,
        ) as parser:
            async for piece in request.stream():
                if parser.closed or not piece:
                    continue
                for event in parser.parse(piece):
                    yield bytes(event) if isinstance(event, bytearray) else event
    except multipart.ParserLimitReached:
        raise faults.TooLarge(limit=file_kinds.MAX_FILE) from None
    except multipart.MultipartError:
        raise faults.Malformed("Send the form as the page has it.") from None
