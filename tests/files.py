"""Small files of every kind for tests, good ones and bad."""

import io
import struct
import zipfile
import zlib

PDF = (
    b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"xref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
)
GIF = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
JPEG = (
    b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    b"\xff\xc0\0\x11\x08\0\x10\0\x10\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9"
)

# The string every scanner knows, spelled so that this file is not one of its finds.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()


def pdf(size: int) -> bytes:
    """Make a PDF of exactly this many bytes."""
    return PDF[:-6] + b"%" * (size - len(PDF) - 1) + b"\n" + PDF[-6:]


def png(width: int = 1, height: int = 1) -> bytes:
    """Make a picture that says it is so large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0\0\0\0")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )


def ccda(before: str = "", inside: str = "") -> bytes:
    """Make a clinical document, with something before and inside its root."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        f'<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Note</title>{inside}</ClinicalDocument>'
    ).encode()


def archive(members: dict[str, bytes], *, stored: bool = False) -> bytes:
    """Make an archive."""
    held = io.BytesIO()
    way = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(held, "w", way) as made:
        for name, body in members.items():
            made.writestr(name, body)
    return held.getvalue()


def docx(more: dict[str, bytes] | None = None, *, stored: bool = False) -> bytes:
    """Make a document, with more members."""
    members = {
        "[Content_Types].xml": b"<Types/>",
        "word/document.xml": b"<document>Dear colleague</document>",
    }
    return archive(members | (more or {}), stored=stored)


def understated(raw: bytes, name: str, size: int) -> bytes:
    """Let an archive say that one of its members unpacks to less than it does."""
    made = bytearray(raw)
    place = raw.rfind(b"PK\1\2", 0, raw.rfind(name.encode()))
    struct.pack_into("<I", made, place + 24, size)
    return bytes(made)


def overlapping(raw: bytes) -> bytes:
    """Let the large members of a stored archive share the bytes of the last of them."""
    with zipfile.ZipFile(io.BytesIO(raw)) as opened:
        large = [each for each in opened.infolist() if each.file_size > 1000]
        directory = opened.start_dir
    first, last = large[0].header_offset, large[-1].header_offset
    cut = last - first
    made = bytearray(raw[:first] + raw[last:])
    at = made.find(b"PK\1\2", directory - cut)
    while made[at : at + 4] == b"PK\1\2":
        name, extra, comment = struct.unpack_from("<HHH", made, at + 28)
        offset = struct.unpack_from("<I", made, at + 42)[0]
        if offset >= first:
            struct.pack_into("<I", made, at + 42, first)
        at += 46 + name + extra + comment
    struct.pack_into("<I", made, at + 16, directory - cut)
    return bytes(made)
