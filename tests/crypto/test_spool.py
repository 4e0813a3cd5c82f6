import io
import tempfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import faults, primitives
from crypto.spool import CHUNK, Spool


def spool(*texts: bytes) -> tuple[Spool, io.BytesIO]:
    file = io.BytesIO()
    made = Spool(file)
    for text in texts:
        made.write(text)
    return made, file


@given(st.lists(st.integers(0, 100_000), max_size=5), st.integers(0, 300_000), st.integers(0, 9999))
def test_what_was_written_is_read_from_anywhere(sizes: list[int], at: int, count: int):
    texts = [primitives.random_bytes(size) for size in sizes]
    made, _ = spool(*texts)
    again, whole = made.read_again(), b"".join(texts)
    again.seek(at)
    assert again.read(count) == whole[at : at + count]
    again.seek(0)
    assert again.read() == whole
    assert made.length == len(whole)


def test_the_file_holds_nothing_of_the_text():
    made, file = spool(b"canary quail" * 20_000)
    made.read_again()
    assert b"canary" not in file.getvalue()
    assert len(file.getvalue()) > 240_000


def test_two_spools_of_one_text_have_no_bytes_in_common():
    one, other = spool(bytes(CHUNK)), spool(bytes(CHUNK))
    assert one[1].getvalue() != other[1].getvalue()


def test_a_chunk_that_was_changed_or_moved_is_refused():
    made, file = spool(bytes(3 * CHUNK))
    again = made.read_again()
    raw = bytearray(file.getvalue())
    size = CHUNK + primitives.TAG_SIZE
    raw[:size], raw[size : 2 * size] = raw[size : 2 * size], raw[:size]
    file.seek(0)
    file.write(raw)
    with pytest.raises(faults.CannotOpen):
        again.read()


def test_an_archive_can_be_looked_into():
    with tempfile.TemporaryFile() as file:
        made = Spool(file)
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr("one", primitives.random_bytes(100_000))
        made.write(held.getvalue())
        with zipfile.ZipFile(made.read_again()) as archive:
            assert archive.testzip() is None
