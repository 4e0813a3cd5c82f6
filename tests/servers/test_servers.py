"""The embedded servers live as long as they should, and no longer."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from service import servers
from service.servers import binaries, faults, postgres
from tests.fixtures.databases import await_in_thread
from tests.shape.sources import ROOT

HOLD = """
import sys, time
from pathlib import Path
from service import servers
with servers.running(Path(sys.argv[1]), durability=servers.Durability.FAST) as urls:
    print(urls.database_url, flush=True)
    time.sleep(120)
"""


async def _ask(url: str, *statements: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


def _running(data: Path):
    return servers.running(data, durability=servers.Durability.FAST)


def _commands_naming(data: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_text().replace("\0", " ")
        except OSError:
            continue
        found += [words] if str(data / "postgres") in words else []
    return found


def test_a_second_start_keeps_what_the_first_wrote(tmp_path: Path) -> None:
    with _running(tmp_path) as first:
        await_in_thread(_ask(first.database_url, "create table kept (n int)", "select 1"))
    with _running(tmp_path) as second:
        assert await_in_thread(_ask(second.database_url, "select count(*) from kept")) == 0
        assert await_in_thread(_ask(second.database_url, "show data_checksums")) == "on"
        assert await_in_thread(_ask(second.database_url, "show listen_addresses")) == ""
    assert not Path(second.sockets).exists()
    assert not list(tmp_path.glob("*/postmaster.pid"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_the_servers_die_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline().startswith("postgresql://")
        with pytest.raises(faults.FolderInUse, match=str(holder.pid)), _running(tmp_path):
            pass
        assert servers.found(tmp_path)
        os.kill(holder.pid, signal.SIGKILL)
    with _running(tmp_path) as urls:
        assert await_in_thread(_ask(urls.database_url, "select 1")) == 1
    limit = time.monotonic() + 10
    while _commands_naming(tmp_path) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not _commands_naming(tmp_path)
    assert servers.found(tmp_path) is None


def test_a_stale_process_number_does_not_hinder_a_start(tmp_path: Path) -> None:
    with _running(tmp_path):
        pass
    # Number 1 lives on every machine and serves no database.
    where = postgres.place(tmp_path / "postgres")
    (where.data / "postmaster.pid").write_text(f"1\n{where.data}\n")
    with _running(tmp_path) as urls:
        assert await_in_thread(_ask(urls.database_url, "select 1")) == 1


def test_given_urls_are_used_and_nothing_is_started(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgresql://db/x", "REDIS_URL": "redis://r/0"}
    with servers.running(tmp_path, given=given) as urls:
        assert (urls.database_url, urls.redis_url) == tuple(given.values())
    assert not list(tmp_path.iterdir())


def test_a_decoy_on_the_path_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("postgres", "initdb", "redis-server"):
        decoy = tmp_path / name
        decoy.write_text("#!/bin/sh\nexit 1\n")
        decoy.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    found = binaries.find_postgres(tmp_path / "none", source=servers.Source.ANY)
    assert found.folder != tmp_path
    assert binaries.find_redis(source=servers.Source.ANY) != str(tmp_path / "redis-server")


def test_data_of_a_version_that_is_not_here_is_refused_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("14\n")
    with pytest.raises(faults.ServerMissing, match="written by PostgreSQL 14"):
        binaries.find_postgres(tmp_path, source=servers.Source.ANY)
