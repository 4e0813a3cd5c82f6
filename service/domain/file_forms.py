"""Looking into a file: that it is what its first bytes say, and hides no more than it shows.

Nothing is believed that the file says of itself without being counted. An archive is judged by its
directory first; nothing is unpacked until that was found harmless, and then no more than it said.
"""

import codecs
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import BinaryIO
from xml.parsers import expat

from service.domain import file_kinds
from service.domain.file_kinds import Kind, Unfit

_PIECE = 65_536
_MAX_PIXELS = 200_000_000
"""More than any camera or scanner makes; a picture of more is made to exhaust who opens it."""

_ENTRIES = 2_000
_UNPACKED = 200 * 1024 * 1024
_RATIO = 120
"""How often its size a whole archive may unpack to; long tables of a document reach sixty."""

_DEPTH = 256
_NAMESPACE = "urn:hl7-org:v3"
_MEMBERS = frozenset({"[Content_Types].xml", "word/document.xml"})
_ACTIVE = re.compile(r"(^|/)vba|/activex/|\.(exe|dll|js|vbs|bat|cmd|scr|lnk|docm|jar)$")
"""Members that act when the document is opened."""

_DIRECTORY = 1024 * 1024
_END = struct.Struct("<4s4H2LH")
_CONTROL = bytes(sorted({*range(32), 127} - {9, 10, 12, 13}))


class NotFit(Exception):
    """This file is not taken; `reason` says why."""

    def __init__(self, reason: Unfit) -> None:
        super().__init__(reason.value)
        self.reason = reason


def recognise(file: BinaryIO, *, length: int, name: str, declared: str) -> Kind:
    """Return what a file is, or raise NotFit; the file can be read and sought in."""
    if length == 0:
        raise NotFit(Unfit.EMPTY)
    file.seek(0)
    kind = file_kinds.by_magic(file.read(file_kinds.HEAD)) or file_kinds.TEXT
    if not file_kinds.agrees(kind, name=name, declared=declared):
        raise NotFit(Unfit.LIES if file_kinds.is_taken(name) else Unfit.KIND)
    _LOOKS.get(kind.name, _whole)(file, length)
    return kind


def _whole(file: BinaryIO, length: int) -> None:
    """Nothing more is known of this kind than its mark."""


def _pdf(file: BinaryIO, length: int) -> None:
    file.seek(max(0, length - 2048))
    if b"%%EOF" not in file.read(2048):
        raise NotFit(Unfit.BROKEN)


def _png(file: BinaryIO, length: int) -> None:
    file.seek(0)
    head = file.read(33)
    if len(head) < 33 or head[12:16] != b"IHDR":
        raise NotFit(Unfit.BROKEN)
    _sane_picture(*struct.unpack(">II", head[16:24]))


def _gif(file: BinaryIO, length: int) -> None:
    file.seek(0)
    head = file.read(13)
    if len(head) < 13:
        raise NotFit(Unfit.BROKEN)
    _sane_picture(*struct.unpack("<HH", head[6:10]))


def _jpeg(file: BinaryIO, length: int) -> None:
    """Walk the segments up to the one that says how large the picture is."""
    file.seek(2)
    for _ in range(1000):
        mark = file.read(4)
        if len(mark) < 4 or mark[0] != 0xFF:
            break
        size = struct.unpack(">H", mark[2:])[0]
        if mark[1] in range(0xC0, 0xD0) and mark[1] not in (0xC4, 0xC8, 0xCC):
            frame = file.read(5)
            if len(frame) < 5:
                break
            height, width = struct.unpack(">HH", frame[1:])
            # A height of nought is told after the picture; nothing to be judged here.
            _sane_picture(width, height or 1)
            return
        if size < 2:
            break
        file.seek(size - 2, 1)
    raise NotFit(Unfit.BROKEN)


def _sane_picture(width: int, height: int) -> None:
    if not width or not height:
        raise NotFit(Unfit.BROKEN)
    if width * height > _MAX_PIXELS:
        raise NotFit(Unfit.BOMB)


def _text(file: BinaryIO, length: int) -> None:
    """Text is UTF-8 without control characters, or it is none."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
            if len(piece.translate(None, _CONTROL)) != len(piece):
                raise NotFit(Unfit.KIND)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise NotFit(Unfit.KIND) from None


class _Clinical:
    """Reads XML as it comes: no document type, no entities, and the root of a clinical document."""

    def __init__(self) -> None:
        self._depth = 0
        self._rooted = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._open
        self.parser.EndElementHandler = self._close
        self.parser.StartDoctypeDeclHandler = self._active
        self.parser.EntityDeclHandler = self._active
        self.parser.ExternalEntityRefHandler = self._active

    def _open(self, name: str, _attributes: object) -> None:
        if not self._rooted and name != f"{_NAMESPACE} ClinicalDocument":
            raise NotFit(Unfit.KIND)
        self._rooted = True
        self._depth += 1
        if self._depth > _DEPTH:
            raise NotFit(Unfit.BOMB)

    def _close(self, _name: str) -> None:
        self._depth -= 1

    def _active(self, *_said: object) -> int:
        # Entities are how a kilobyte becomes a gigabyte, and how a reader is sent elsewhere.
        raise NotFit(Unfit.ACTIVE)


def _ccda(file: BinaryIO, length: int) -> None:
    reading = _Clinical()
    file.seek(0)
    try:
        while piece := file.read(_PIECE):
            reading.parser.Parse(piece, False)  # noqa: FBT003 - its own signature
        reading.parser.Parse(b"", True)  # noqa: FBT003
    except (expat.ExpatError, LookupError, ValueError):
        raise NotFit(Unfit.BROKEN) from None


def _word(file: BinaryIO, length: int) -> None:
    _small_directory(file, length)
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _harmless(members, length)
            for member in members:
                _as_said(archive, member)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
        raise NotFit(Unfit.BROKEN) from None


def _small_directory(file: BinaryIO, length: int) -> None:
    """Refuse an archive whose directory alone would fill the memory, before it is read."""
    file.seek(max(0, length - _END.size - 65_535))
    tail = file.read()
    at = len(tail) - _END.size
    if tail[at : at + 4] != b"PK\5\6" or tail[-2:] != b"\0\0":
        at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        raise NotFit(Unfit.BROKEN)
    end = _END.unpack_from(tail, at)
    # The larger form of a directory is for archives of gigabytes; no document of ours is one.
    if tail[max(0, at - 20) :].startswith(b"PK\6\7"):
        raise NotFit(Unfit.BOMB)
    if end[4] > _ENTRIES or end[5] > _DIRECTORY:
        raise NotFit(Unfit.BOMB)


def _harmless(members: list[zipfile.ZipInfo], length: int) -> None:
    """Judge an archive by its directory alone."""
    names = {member.filename for member in members}
    if not names >= _MEMBERS:
        raise NotFit(Unfit.KIND)
    packed = sum(member.compress_size for member in members)
    unpacked = sum(member.file_size for member in members)
    # Members that share their bytes add up to more than there are.
    if len(members) > _ENTRIES or len(names) != len(members) or packed > length:
        raise NotFit(Unfit.BOMB)
    if unpacked > _UNPACKED or unpacked > _RATIO * length:
        raise NotFit(Unfit.BOMB)
    for member in members:
        _harmless_member(member)


def _harmless_member(member: zipfile.ZipInfo) -> None:
    packed_plainly = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if member.flag_bits & 1 or not packed_plainly:
        raise NotFit(Unfit.BROKEN)
    name = member.filename.replace("\\", "/").lower()
    if name.startswith("/") or ".." in name.split("/") or _ACTIVE.search(name):
        raise NotFit(Unfit.ACTIVE)


def _as_said(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Unpack a member piece by piece; one that holds more than it said fails its checksum."""
    seen = 0
    with archive.open(member) as opened:
        while piece := opened.read(_PIECE):
            seen += len(piece)
    if seen != member.file_size:
        raise NotFit(Unfit.BROKEN)


_LOOKS: dict[str, Callable[[BinaryIO, int], None]] = {
    file_kinds.PDF.name: _pdf,
    file_kinds.PNG.name: _png,
    file_kinds.GIF.name: _gif,
    file_kinds.JPEG.name: _jpeg,
    file_kinds.TEXT.name: _text,
    file_kinds.CCDA.name: _ccda,
    file_kinds.WORD.name: _word,
}
