"""The scanner against a clamd that speaks the real protocol, over both kinds of sockets."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from service import clock
from service.actions.scan_attachment import MOST_TRIES, Away
from service.store import orphans
from service.store.pool import Scope
from tests import clamd_server, files
from tests.clamd_server import FakeClamd
from tests.web.pair import Pair, pair_at
from tests.web.sending import looked_at, send, stored
from tests.web.site import site
from workers.clamd import Clamd

_STRAY = UUID("0b1c3b1e-8a51-4a39-9d0e-6a4f5f1b2c3d")


async def given(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.mark.parametrize("kind", ["unix", "tcp"])
async def test_clamd_is_asked_over_its_socket(tmp_path: Path, kind: str) -> None:
    fake = FakeClamd()
    folder = tmp_path if kind == "unix" else None
    async with clamd_server.running(fake, folder=folder) as where:
        asked = Clamd(where)
        assert await asked.scan(given(b"one", b"two" * 900_000))
        assert not await asked.scan(given(files.EICAR[:10], files.EICAR[10:]))
        assert (await asked.version()).startswith("ClamAV ")
    assert fake.seen == [2_700_003, len(files.EICAR)]
    assert fake.commands == [b"zINSTREAM\0", b"zINSTREAM\0", b"zVERSION\0"]


async def test_what_is_no_verdict_is_none(tmp_path: Path) -> None:
    fake = FakeClamd(limit=1000)
    async with clamd_server.running(fake) as where:
        for mode, body in (("error", b"x"), ("silent", b"x"), ("", bytes(5_000_000))):
            fake.mode = mode
            with pytest.raises(Away):
                await Clamd(where, patience=0.5).scan(given(body))
    for nowhere in (where, f"unix:{tmp_path}/none", "tcp://127.0.0.1:1"):
        with pytest.raises(Away):
            await Clamd(nowhere, patience=0.5).scan(given(b"x"))


@pytest.fixture
async def pair(fresh_database: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Pair]:
    """Two organizations that call."""
    async with site(fresh_database, redis_url, tmp_path) as opened, pair_at(opened) as made:
        yield made


async def state(pair: Pair, made: Any) -> tuple[str, str]:
    shown = (await pair.one.get(f"/api/v1/attachments/{made['id']}")).json()
    return shown["state"], shown["scanner"]


async def test_a_file_waits_while_clamd_is_away_and_is_judged_when_it_is_back(pair: Pair) -> None:
    where = f"referrals/{(await pair.sent())['id']}"
    good = (await send(pair.one, where, files.pdf(100_000))).json()
    bad = (await send(pair.one, where, files.EICAR, name="a.txt", media="text/plain")).json()
    fake = FakeClamd()
    assert await looked_at(pair.site, scanner=Clamd("tcp://127.0.0.1:1").scan) == ["pending"] * 2
    assert await state(pair, good) == ("pending", None)
    assert await looked_at(pair.site) == []  # leased: not asked again at once
    async with clamd_server.running(fake) as address:
        await due_again(pair)
        verdicts = await looked_at(pair.site, scanner=Clamd(address).scan)
    assert sorted(verdicts) == ["clean", "threat"]
    assert (await state(pair, good), await state(pair, bad)) == (
        ("clean", "clamd"),
        ("threat", "clamd"),
    )
    assert sorted(fake.seen) == [len(files.EICAR), 100_000]


async def due_again(pair: Pair, *, tries: int = 0) -> None:
    async with pair.site.house.worker.transaction(Scope()) as connection:
        await connection.execute(
            "update attachment set next_at = lk.now(), tries = greatest(tries, $1)", tries
        )


async def test_a_scanner_that_never_answers_fails_a_file_in_the_end(pair: Pair) -> None:
    made = (await send(pair.one, f"referrals/{(await pair.sent())['id']}")).json()
    await due_again(pair, tries=MOST_TRIES - 1)
    assert await looked_at(pair.site, scanner=Clamd("tcp://127.0.0.1:1").scan) == ["failed"]
    assert await state(pair, made) == ("failed", "clamd")
    tasks = (await pair.one.get("/api/v1/human-tasks")).json()["items"]
    assert [each["reason"] for each in tasks if each["kind"] == "attachment"] == [
        "attachment_failed"
    ]


async def test_two_scanners_at_once_judge_a_file_once(pair: Pair) -> None:
    where = f"referrals/{(await pair.sent())['id']}"
    for _ in range(4):
        await send(pair.one, where)
    found = await asyncio.gather(looked_at(pair.site), looked_at(pair.site))
    assert sum(map(len, found)) == 4


async def test_orphans_are_found_in_both_directions(pair: Pair) -> None:
    where = f"referrals/{(await pair.sent())['id']}"
    made = [(await send(pair.one, where, files.pdf(5000 + n))).json() for n in range(3)]
    house = pair.site.house
    blobs = house.office.files

    async def check(**later: float) -> list[tuple[str, str]]:
        now = clock.real_now() + timedelta(**later)
        async with house.check.transaction(Scope()) as connection:
            found = await orphans.check(connection, blobs, now=now)
        return [msgspec.structs.astuple(each) for each in found.breaches]

    assert await check(hours=2) == []
    await blobs.put(_STRAY, given(b"left over"))
    assert await check() == []
    assert await check(hours=2) == [(str(_STRAY), "bytes without a file")]
    await blobs.delete(_STRAY)
    lost, cut, _ = sorted(stored(pair.site))
    cut.write_bytes(cut.read_bytes()[:-1])
    lost.unlink()
    said = {detail for _, detail in await check()}
    assert "a file without its bytes" in said
    assert len(said) == 2
    assert {subject for subject, _ in await check()} < {each["id"] for each in made}
