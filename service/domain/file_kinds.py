"""Which kinds of files are taken, and whether a name and a declared type agree with the bytes.

One row a kind; what is in no row is not taken. What a file is, its bytes say; the name and the type
it came with may not say otherwise.
"""

import re
import unicodedata
from enum import StrEnum

import msgspec

MAX_FILE = 25 * 1024 * 1024
"""Bytes of one file."""

MAX_FILES = 20
"""Files of one message or document."""

HEAD = 64
"""Bytes at the beginning that tell kinds apart."""

_LONGEST_NAME = 150


class Unfit(StrEnum):
    """Why a file is not taken."""

    EMPTY = "file_empty"
    TOO_LARGE = "file_too_large"
    NAME = "file_name"
    KIND = "file_kind"
    LIES = "file_lies"
    BROKEN = "file_broken"
    ACTIVE = "file_active"
    BOMB = "file_bomb"


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of file: its media type, other types it is declared as, the ends of its names."""

    name: str
    media: str
    also: frozenset[str] = frozenset()
    extensions: frozenset[str]


def _kind(name: str, media: str, extensions: str, also: str = "") -> Kind:
    return Kind(
        name=name,
        media=media,
        also=frozenset(also.split()),
        extensions=frozenset(extensions.split()),
    )


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

PDF = _kind("pdf", "application/pdf", "pdf", "application/x-pdf")
PNG = _kind("png", "image/png", "png")
JPEG = _kind("jpeg", "image/jpeg", "jpg jpeg jfif", "image/jpg image/pjpeg")
GIF = _kind("gif", "image/gif", "gif")
WEBP = _kind("webp", "image/webp", "webp")
HEIC = _kind("heic", "image/heic", "heic heif hif", "image/heif")
TIFF = _kind("tiff", "image/tiff", "tif tiff")
TEXT = _kind("text", "text/plain", "txt text")
CCDA = _kind("ccda", "application/xml", "xml cda ccda ccd", "text/xml application/cda+xml")
WORD = _kind("docx", DOCX, "docx", "application/zip application/x-zip-compressed")

KINDS = (PDF, PNG, JPEG, GIF, WEBP, HEIC, TIFF, CCDA, WORD, TEXT)
"""Everything that is taken."""

_UNDECLARED = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Types that say nothing: browsers send them of files they do not know."""

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})


def by_magic(head: bytes) -> Kind | None:
    """Return the kind whose mark a file begins with; text is what has none, and is read whole."""
    for mark, kind in _MARKS:
        if head.startswith(mark):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return HEIC
    if _looks_like_xml(head):
        return CCDA
    return None


_MARKS = (
    (b"%PDF-1.", PDF),
    (b"%PDF-2.", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"PK\x03\x04", WORD),
)


def _looks_like_xml(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<")):
        return True
    return head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").startswith(b"<")


def clean_name(given: str) -> str | None:
    """Return a file's name without its folders, or nothing where it is none that can be kept.

    Control characters and marks that turn the direction of writing hide what a name ends with.
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", given)[-1]).strip().lstrip(".")
    hidden = any(
        unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for sign in name
    )
    fits = 0 < len(name) <= _LONGEST_NAME and not hidden
    return name if fits else None


def agrees(kind: Kind, *, name: str, declared: str) -> bool:
    """Say whether the name and the declared type may be those of this kind."""
    media = declared.partition(";")[0].strip().lower()
    return _end(name) in kind.extensions and media in {kind.media, *kind.also, *_UNDECLARED}


def is_taken(name: str) -> bool:
    """Say whether a name ends like that of a kind that is taken."""
    return any(_end(name) in kind.extensions for kind in KINDS)


def _end(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def plain_name(name: str) -> str:
    """Spell a name in ASCII for a reader that knows nothing else; never a quote or a backslash."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._ ()-]", "_", ascii_only).strip() or "file"
