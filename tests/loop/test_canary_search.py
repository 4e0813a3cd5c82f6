"""The search for marks finds each spelling of one, whatever lies around it, and names it."""

import base64
import gzip
import os
import zlib
from collections.abc import Callable
from email.message import EmailMessage

import pytest

from tests.loop.canaries import layers, spelled
from tests.loop.canaries.marks import Book
from tests.loop.canaries.places import Leak, Thing, leaks
from tests.loop.canaries.spelled import CASES, SPELLINGS, Hit, Searcher


def _book() -> tuple[Book, list[str]]:
    book = Book()
    book.each("MessageBody", "text", 50)
    made = [
        book.word("MessageBody", "text"),
        book.phone("Identity", "phones")[1:],
        book.day("Identity", "birth_date"),
        *book.reasons("NewReferralBody", "reason_codes", 1),
    ]
    return book, made


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("case", CASES)
def test_a_mark_of_each_shape_is_found_in_each_spelling(
    spelling: str, case: Callable[[str], str]
) -> None:
    book, marks = _book()
    search = Searcher(book)
    for mark in marks:
        blob = os.urandom(4000) + spelled.spell(case(mark), spelling) + os.urandom(4000)
        assert {hit.text for hit in search.hits(blob)} == {mark}


@pytest.mark.parametrize("before", range(6))
def test_base64_hides_no_mark_wherever_it_begins(before: int) -> None:
    book, marks = _book()
    for mark in marks:
        text = b"\xfb" * before + mark.encode() + b"\xff\xfe"
        for encoded in (base64.b64encode(text), base64.urlsafe_b64encode(text)):
            assert {hit.text for hit in Searcher(book).hits(encoded)} == {mark}


def test_a_mark_that_was_cut_is_named_by_what_it_begins_with() -> None:
    book, (mark, *_) = _book()
    (hit,) = Searcher(book).hits(f"error: {mark[:14]}...".encode())
    assert (hit.spelling, "no whole mark" in hit.text) == ("as it is", True)


def test_nothing_is_found_where_nothing_is() -> None:
    book, _ = _book()
    assert Searcher(book).hits(os.urandom(4_000_000)) == set[Hit]()
    assert Searcher(book).hits(os.urandom(2_000_000).hex().encode()) == set[Hit]()


def _mail(text: str) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = f"Ünïted {text}"
    mail.set_content("ü" * 60 + text + "ü" * 60, cte="quoted-printable")
    return mail.as_bytes()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda raw: os.urandom(99) + gzip.compress(raw) + os.urandom(99),
    "zlib": lambda raw: os.urandom(99) + zlib.compress(raw) + os.urandom(99),
    "packed in a column": lambda raw: b"1\t\\\\x" + gzip.compress(raw).hex().encode() + b"\t2\n",
    "base64 in a column": lambda raw: b"1\t\\\\x" + base64.b64encode(raw).hex().encode() + b"\n",
    "base64 in lines": lambda raw: base64.encodebytes(b"x" * 50 + raw + b"x" * 50),
    "utf-16 of one order": lambda raw: b"\1" + raw.decode().encode("utf-16-le") + b"\1",
    "utf-16 of the other": lambda raw: b"\1" + raw.decode().encode("utf-16-be") + b"\1",
    "lines of a log": lambda raw: b"one\n" + raw + b"\ntwo\n",
}


@pytest.mark.parametrize("way", PACKED)
def test_a_mark_is_found_inside_what_is_packed(way: str) -> None:
    book, (mark, *_) = _book()
    things = [Thing(place="folder", name=way, blob=PACKED[way](mark.encode()))]
    found = leaks(things, book)
    assert {(each.place, each.name, each.mark) for each in found} == {("folder", way, mark)}


def test_a_mark_is_found_in_each_part_of_a_mail() -> None:
    book, (mark, *_) = _book()
    found = leaks([Thing(place="mail", name="1", blob=_mail(mark))], book)
    assert found == {Leak(place="mail", name="1", mark=mark, spelling="as it is")}
    headers, body, *_ = layers.parts(_mail(mark), b"")
    assert mark.encode() in headers
    assert mark.encode() in body
