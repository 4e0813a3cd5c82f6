import io
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import file_forms, file_kinds
from service.domain.file_forms import NotFit
from service.domain.file_kinds import Unfit
from tests import files


def found(raw: bytes, name: str, declared: str = "") -> str:
    """Say which kind a file is found to be, or why it is not taken."""
    try:
        return file_forms.recognise(
            io.BytesIO(raw), length=len(raw), name=name, declared=declared
        ).name
    except NotFit as reason:
        return reason.reason


GOOD = {
    "note.pdf": (files.PDF, "application/pdf"),
    "scan.png": (files.png(), "image/png"),
    "photo.JPG": (files.JPEG, "image/jpeg"),
    "photo.gif": (files.GIF, "image/gif"),
    "photo.webp": (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
    "photo.heic": (b"\0\0\0\x18ftypheic\0\0\0\0", "application/octet-stream"),
    "fax.tiff": (b"II*\0\x08\0\0\0", "image/tiff"),
    "note.txt": ("Señora García llamó.\r\n".encode(), "text/plain; charset=utf-8"),
    "summary.xml": (files.ccda(), "text/xml"),
    "letter.docx": (files.docx(), file_kinds.DOCX),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_of_each_kind_is_taken(name: str):
    raw, declared = GOOD[name]
    kinds = {end: kind.name for kind in file_kinds.KINDS for end in kind.extensions}
    assert found(raw, name, declared) == kinds[name.rpartition(".")[2].lower()]


def test_a_kind_of_its_own_row_is_in_the_test_above():
    assert {found(raw, name, said) for name, (raw, said) in GOOD.items()} == {
        kind.name for kind in file_kinds.KINDS
    }


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("other", GOOD)
def test_no_kind_passes_for_another(name: str, other: str):
    if name == other:
        return
    raw, declared = GOOD[name]
    assert found(raw, other, declared) == Unfit.LIES
    assert found(raw, other, GOOD[other][1]) == Unfit.LIES
    assert found(raw, name, GOOD[other][1]) in (
        Unfit.LIES,
        # A type that says nothing does not lie.
        *([found(raw, name, declared)] if GOOD[other][1].endswith("octet-stream") else []),
    )


LIARS = {
    "a program named as a letter": (b"MZ\x90\0" + bytes(200), "note.pdf", Unfit.LIES),
    "a program named as text": (b"MZ\x90\0" + bytes(200), "note.txt", Unfit.KIND),
    "a program": (b"MZ\x90\0" + bytes(200), "run.exe", Unfit.KIND),
    "a page": (b"<!doctype html><script>alert(1)</script>", "page.html", Unfit.KIND),
    "a page named as text": (b"<!doctype html><script>alert(1)</script>", "page.txt", Unfit.LIES),
    "a page named as xml": (b"<html><script>alert(1)</script></html>", "page.xml", Unfit.KIND),
    "a picture that is a program": (
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>',
        "picture.png",
        Unfit.LIES,
    ),
    "nothing at all": (b"", "note.pdf", Unfit.EMPTY),
    "no name for its end": (files.PDF, "note", Unfit.KIND),
    "a letter cut short": (files.PDF[:-10], "note.pdf", Unfit.BROKEN),
    "text in another encoding": ("Señora".encode("latin-1"), "note.txt", Unfit.KIND),
    "text with a zero": (b"one\0two", "note.txt", Unfit.KIND),
    "text with an escape": (b"one\x1b[2Jtwo", "note.txt", Unfit.KIND),
    "text that ends in the middle of a sign": ("é".encode()[:1], "note.txt", Unfit.KIND),
    "a picture of a billion pixels": (files.png(60_000, 60_000), "scan.png", Unfit.BOMB),
    "a photo without a frame": (b"\xff\xd8\xff\xe0\0\x10" + bytes(14), "photo.jpg", Unfit.BROKEN),
    "an archive that is no document": (files.archive({"a.txt": b"x"}), "letter.docx", Unfit.KIND),
    "a document with a program": (
        files.docx({"word/vbaProject.bin": b"x"}),
        "letter.docx",
        Unfit.ACTIVE,
    ),
    "a document that climbs out": (files.docx({"../../x": b"x"}), "letter.docx", Unfit.ACTIVE),
    "a document cut short": (files.docx()[:-30], "letter.docx", Unfit.BROKEN),
}


@pytest.mark.parametrize("what", LIARS)
def test_what_is_not_what_it_says_is_refused(what: str):
    raw, name, reason = LIARS[what]
    assert found(raw, name) == reason


def test_a_bomb_in_an_archive_is_refused_before_anything_is_unpacked():
    bomb = files.docx({"word/media/bomb.xml": bytes(210 * 1024 * 1024)})
    assert len(bomb) < 400_000
    assert found(bomb, "letter.docx") == Unfit.BOMB
    # Not much in all, and far more than it shows.
    small = files.docx({"word/media/bomb.xml": bytes(60 * 1024 * 1024)})
    assert found(small, "letter.docx") == Unfit.BOMB
    many = files.docx({f"word/{n}.xml": b"" for n in range(2001)})
    assert found(many, "letter.docx") == Unfit.BOMB


def test_an_archive_whose_directory_would_fill_the_memory_is_refused():
    whole = files.docx()
    at = whole.rfind(b"PK\5\6")
    for place, value in ((10, 0xFFFF), (12, 0x00FF_FFFF)):
        changed = bytearray(whole)
        size = 4 if place == 12 else 2
        changed[at + place : at + place + size] = value.to_bytes(size, "little")
        assert found(bytes(changed), "letter.docx") == Unfit.BOMB
    larger = whole[:at] + b"PK\6\7" + bytes(16) + whole[at:]
    assert found(larger, "letter.docx") == Unfit.BOMB


def test_members_that_share_their_bytes_are_refused():
    raw = random.Random(1).randbytes(60_000)
    made = bytearray(files.docx({f"word/{n}.bin": raw for n in range(3)}, stored=True))
    # Point all of them to the bytes of the first and cut the others out: sizes add up to more.
    assert found(files.overlapping(bytes(made)), "letter.docx") == Unfit.BOMB


def test_an_archive_that_lies_about_its_sizes_is_refused():
    honest = files.docx({"word/big.xml": b"x" * 5_000_000})
    assert found(files.understated(honest, "word/big.xml", 10), "letter.docx") == Unfit.BROKEN


def test_a_locked_archive_is_refused():
    raw = bytearray(files.docx())
    at = raw.find(b"PK\1\2")
    struct.pack_into("<H", raw, at + 8, 1)
    assert found(bytes(raw), "letter.docx") == Unfit.BROKEN


ENTITIES = {
    "billion laughs": files.ccda(
        '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        "&c;",
    ),
    "a file of the machine": files.ccda('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    "a document type elsewhere": files.ccda('<!DOCTYPE a SYSTEM "http://192.0.2.1/x.dtd">'),
}


@pytest.mark.parametrize("what", ENTITIES)
def test_xml_that_brings_entities_is_refused(what: str):
    assert found(ENTITIES[what], "summary.xml") == Unfit.ACTIVE


def test_xml_of_another_kind_or_shape_is_refused():
    assert found(b"<a/>", "summary.xml") == Unfit.KIND
    assert found(b'<ClinicalDocument xmlns="urn:other"/>', "summary.xml") == Unfit.KIND
    assert found(files.ccda()[:-5], "summary.xml") == Unfit.BROKEN
    assert found(files.ccda("", "<a>" * 300 + "</a>" * 300), "summary.xml") == Unfit.BOMB
    assert found(b'<?xml version="1.0" encoding="klingon"?><a/>', "summary.xml") == Unfit.BROKEN
    encoded = files.ccda().decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert found(encoded, "summary.xml") == "ccda"


@given(st.binary(max_size=400), st.sampled_from(sorted(GOOD)))
def test_whatever_comes_is_a_kind_or_a_reason(raw: bytes, name: str):
    for body in (raw, GOOD[name][0][: len(raw)] + raw, GOOD[name][0] + raw):
        said = found(body, name)
        assert said in {*Unfit, *(kind.name for kind in file_kinds.KINDS)}


@given(st.integers(0, 3000), st.integers(0, 255))
def test_a_document_with_a_changed_byte_is_a_document_or_a_reason(at: int, value: int):
    raw = bytearray(files.docx())
    raw[at % len(raw)] = value
    assert found(bytes(raw), "letter.docx") in {*Unfit, "docx"}


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("note.pdf", "note.pdf"),
        ("C:\\Users\\ana\\note.pdf", "note.pdf"),
        ("../../etc/note.pdf", "note.pdf"),
        ("  Señora García.pdf ", "Señora García.pdf"),
        (".htaccess", "htaccess"),
        ("note\u202efdp.exe", None),
        ("note\n.pdf", None),
        ("", None),
        ("/", None),
        ("x" * 151, None),
    ],
)
def test_a_name_is_kept_without_folders_and_tricks(given_name: str, kept: str | None):
    assert file_kinds.clean_name(given_name) == kept


def test_a_plain_name_needs_no_quoting():
    assert file_kinds.plain_name('Señora "García"; x=1.pdf') == "Senora _Garcia__ x_1.pdf"
    assert file_kinds.plain_name("文書") == "file"
