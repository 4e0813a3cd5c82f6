"""The contract of a place for files; whatever keeps them has to pass it."""

import os
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from service.store import blob_files
from service.store.blob_files import FileBlobs
from service.store.blobs import Blobs, NoBlob

ID = UUID("6f1c3b1e-8a51-4a39-9d0e-6a4f5f1b2c3d")


@pytest.fixture(params=["nameless", "named"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """Every way there is to keep files; systems without nameless files go the second."""
    return FileBlobs(tmp_path / "files", nameless=request.param == "nameless")


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for each in given:
        yield each


async def broken(*given: bytes) -> AsyncIterator[bytes]:
    for each in given:
        yield each
    raise ConnectionError("hung up")


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


async def read(blobs: Blobs, blob_id: UUID) -> bytes:
    async with blobs.open(blob_id) as held:
        return await held.read(0, held.size)


async def test_what_is_put_is_read_in_any_part(blobs: Blobs) -> None:
    assert await blobs.put(ID, pieces(b"one ", b"two ", b"three")) == 13
    async with blobs.open(ID) as held:
        assert held.size == 13
        assert await held.read(4, 3) == b"two"
        assert await held.read(8, 99) == b"three"
        assert await held.read(13, 1) == b""
    assert [(each.id, each.size) async for each in blobs.every()] == [(ID, 13)]


async def test_a_file_that_stops_half_way_leaves_nothing(blobs: Blobs, tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        await blobs.put(ID, broken(b"x" * 100_000))
    assert left(tmp_path) == []
    with pytest.raises(NoBlob):
        await read(blobs, ID)
    assert await blobs.put(ID, pieces(b"again")) == 5


async def test_a_name_is_written_once(blobs: Blobs) -> None:
    await blobs.put(ID, pieces(b"first"))
    with pytest.raises(ValueError, match="there already"):
        await blobs.put(ID, pieces(b"second"))
    assert await read(blobs, ID) == b"first"


async def test_a_file_that_is_gone_is_gone_and_may_be_removed_again(blobs: Blobs) -> None:
    await blobs.put(ID, pieces(b"x"))
    await blobs.delete(ID)
    await blobs.delete(ID)
    with pytest.raises(NoBlob):
        await read(blobs, ID)
    assert [each async for each in blobs.every()] == []


async def test_a_file_held_open_stays_the_same_whatever_happens_to_its_name(blobs: Blobs) -> None:
    await blobs.put(ID, pieces(b"the first"))
    async with blobs.open(ID) as held:
        await blobs.delete(ID)
        await blobs.put(ID, pieces(b"another"))
        assert await held.read(0, held.size) == b"the first"


async def test_nobody_else_of_the_machine_reads_them(blobs: Blobs, tmp_path: Path) -> None:
    for _ in range(3):
        await blobs.put(uuid4(), pieces(b"x"))
    modes = {
        stat.S_IMODE(path.stat().st_mode): path.is_dir() for path in (tmp_path / "files").rglob("*")
    }
    assert modes == {0o700: True, 0o600: False}


async def test_scratch_has_no_name_and_ends_when_closed(blobs: Blobs, tmp_path: Path) -> None:
    with blobs.scratch() as file:
        file.write(b"x")
        assert left(tmp_path) == []
    assert left(tmp_path) == []


async def test_what_is_no_file_of_ours_is_not_listed(blobs: Blobs, tmp_path: Path) -> None:
    await blobs.put(ID, pieces(b"x"))
    (tmp_path / "files" / ID.hex[-2:] / "README").touch()
    (tmp_path / "files" / "lost+found").mkdir()
    assert [each.id async for each in blobs.every()] == [ID]


_KILLED = """
import asyncio, sys
from pathlib import Path
from uuid import uuid4
from service.store.blob_files import FileBlobs
async def forever():
    while True:
        yield bytes(65536)
        print("wrote", flush=True)
        await asyncio.sleep(0.01)
asyncio.run(FileBlobs(Path(sys.argv[1])).put(uuid4(), forever()))
"""


@pytest.mark.skipif(not blob_files.NAMELESS, reason="this system knows no nameless files")
def test_a_process_that_is_killed_while_it_writes_leaves_nothing(tmp_path: Path) -> None:
    writing = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert writing.stdout
    for _ in range(5):
        assert writing.stdout.readline() == b"wrote\n"
    os.kill(writing.pid, 9)
    writing.wait(timeout=10)
    writing.stdout.close()
    time.sleep(0.05)
    assert left(tmp_path) == []
