"""Files through a real web process and a real scanner: flat memory, and nothing left of aborts."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from service.domain import file_kinds, ids
from tests import files
from tests.fixtures.town import Caller, Town
from tests.loop.people import Cast

LARGEST = file_kinds.MAX_FILE
FLAT = 12 * 1024 * 1024
"""What a process may grow by over a file of 25 MB; held whole it would be that at least."""

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="this system does not tell peak memory"
)


class Peak:
    """The most memory a process has held since this was made, in bytes above where it stood."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        self._began = self._read("VmRSS")

    def grown(self) -> int:
        return self._read("VmHWM") - self._began

    def _read(self, name: str) -> int:
        line = next(each for each in self._status.read_text().splitlines() if name in each)
        return int(line.split()[1]) * 1024


def web_of(town: Town) -> int:
    return town._processes["serve"].pid


def worker_of(town: Town) -> int:
    return town._processes["work scanner"].pid


def headers_of(caller: Caller, **more: str) -> dict[str, str]:
    return caller.headers | {
        "content-type": "application/pdf",
        "x-file-name": "note.pdf",
        "idempotency-key": ids.new_id().hex,
        **more,
    }


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), 65_536):
        yield body[at : at + 65_536]


async def sent(story: Cast, referral: str, body: bytes) -> str:
    async with story.town.client() as client:
        answer = await client.post(
            f"/api/v1/referrals/{referral}/attachments",
            content=pieces(body),
            headers=headers_of(story.clinic),
        )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def clean(story: Cast, file_id: str) -> None:
    for _ in range(400):
        found = (await story.clinic.get(f"/attachments/{file_id}")).json()
        if found["state"] != "pending":
            assert (found["state"], found["scanner"]) == ("clean", "none")
            return
        await asyncio.sleep(0.05)
    raise AssertionError(story.town.logs()[-4000:])


async def fetched(story: Cast, file_id: str) -> int:
    """Fetch a file, keep none of it, and say how long it is."""
    count = 0
    async with (
        story.town.client() as client,
        client.stream(
            "GET", f"/api/v1/attachments/{file_id}/content", headers=story.clinic.headers
        ) as answer,
    ):
        assert answer.status_code == 200
        async for piece in answer.aiter_bytes():
            count += len(piece)
    return count


@needs_proc
async def test_the_largest_file_goes_up_is_looked_at_and_comes_down_in_little_memory(
    story: Cast,
) -> None:
    referral = await story.send(await story.agency())
    await clean(story, await sent(story, referral, files.pdf(3_000_000)))
    body = files.pdf(LARGEST)
    for _ in range(2):
        web, worker = Peak(web_of(story.town)), Peak(worker_of(story.town))
        file_id = await sent(story, referral, body)
        up = web.grown()
        await clean(story, file_id)
        looked = worker.grown()
        web = Peak(web_of(story.town))
        assert await fetched(story, file_id) == LARGEST
        down = web.grown()
        print(f"\nup {up >> 10} kB, looked at {looked >> 10} kB, down {down >> 10} kB")
        assert max(up, looked, down) < FLAT


async def test_one_byte_more_is_too_much(story: Cast) -> None:
    referral = await story.send(await story.agency())
    async with story.town.client() as client:
        answer = await client.post(
            f"/api/v1/referrals/{referral}/attachments",
            content=pieces(files.pdf(LARGEST + 1)),
            headers=headers_of(story.clinic),
        )
    assert (answer.status_code, answer.json()["limit"]) == (413, LARGEST)


def halfway(story: Cast, referral: str) -> Iterator[socket.socket]:
    """Begin uploads of different ways and leave each in the middle."""
    for way in ("content-length: 9000000", "transfer-encoding: chunked"):
        said = headers_of(story.clinic)
        lines = [f"POST /api/v1/referrals/{referral}/attachments HTTP/1.1", "host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in said.items()] + [way, "", ""]
        hung = socket.create_connection(("127.0.0.1", story.town.port))
        hung.sendall("\r\n".join(lines).encode())
        piece = files.pdf(1_000_000)
        frame = f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
        hung.sendall(frame if "chunked" in way else piece)
        yield hung


async def test_an_upload_that_stops_half_way_leaves_one_line_and_nothing_else(story: Cast) -> None:
    referral = await story.send(await story.agency())
    before = stored(story.town)
    for hung in halfway(story, referral):
        await asyncio.sleep(0.3)
        hung.close()
    lines: list[Any] = []
    connection = await asyncpg.connect(story.town.database_url)
    try:
        for _ in range(100):
            lines = await connection.fetch(
                "select outcome, detail->>'reason' as reason from lk.audit"
                " where action = 'attachment.add' and actor_org_id = $1 and outcome = 'failed'",
                story.clinic.org.id,
            )
            if len(lines) == 2:
                break
            await asyncio.sleep(0.05)
    finally:
        await connection.close()
    assert [tuple(each) for each in lines] == [("failed", "file_stopped")] * 2
    assert stored(story.town) == before
    listed = (await story.clinic.get(f"/referrals/{referral}/attachments")).json()
    assert listed["items"] == []
    assert (await story.clinic.get(f"/referrals/{referral}")).status_code == 200


def stored(town: Town) -> set[str]:
    return {path.name for path in (town.folder / "attachments").rglob("*") if path.is_file()}


async def test_a_download_that_is_left_half_way_holds_nothing_open(story: Cast) -> None:
    referral = await story.send(await story.agency())
    file_id = await sent(story, referral, files.pdf(5_000_000))
    await clean(story, file_id)
    for _ in range(3):
        async with (
            story.town.client() as client,
            client.stream(
                "GET", f"/api/v1/attachments/{file_id}/content", headers=story.clinic.headers
            ) as answer,
        ):
            async for _piece in answer.aiter_bytes():
                break
    folder = f"/proc/{web_of(story.town)}/fd"
    if Path(folder).is_dir():
        for _ in range(100):
            held = [_target(f"{folder}/{each}") for each in os.listdir(folder)]
            if not [each for each in held if "/attachments/" in each]:
                break
            await asyncio.sleep(0.05)
        assert [each for each in held if "/attachments/" in each] == []
    assert await fetched(story, file_id) == 5_000_000


def _target(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""
