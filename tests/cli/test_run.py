"""`loopkeeper run` from nothing to a whole loop, and back to nothing but its data."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fixtures import keys
from tests.shape.sources import ROOT

PATIENCE_SECONDS = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def started(folder, *words, environ=None):
    """Start a command in a group of its own, its words in a file."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL",)}
    kept.pop("REDIS_URL", None)
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "service.cli", *words],
            env=kept | {"LOOPKEEPER_DATA": str(folder / "data")} | (environ or {}),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def await_word(process, folder, word):
    limit = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < limit:
        said = (folder / "said").read_text()
        if word in said:
            return said
        assert process.poll() is None, said
        time.sleep(0.05)
    raise AssertionError((folder / "said").read_text())


def descendants(pid):
    """List the processes under one, from /proc."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(status.parent.name))
    found = list(parents.get(pid, []))
    for child in found:
        found += parents.get(child, [])
    return found


def stop(process, number=signal.SIGINT):
    os.killpg(process.pid, number)
    process.wait(timeout=40)


@pytest.mark.skipif(sys.platform != "linux", reason="counts processes in /proc")
def test_run_starts_from_nothing_tells_a_whole_loop_and_leaves_nothing_running(tmp_path):
    port = free_port()
    process = started(tmp_path, "run", "--port", str(port))
    try:
        said = await_word(process, tmp_path, "Ctrl-C stops it.")
        assert said.count("\n") == 1 or "namespace" in said
        assert said.count("@") == 3
        told = whole_loop(tmp_path, port)
        report = "Regular rhythm, no treatment needed."
        assert told.splitlines()[1:-4] == ["accepted", "scheduled", "completed", report, "closed"]
        assert told.splitlines()[-4:] == ["referral.create", "3", "whsec_", "referral.reopen"]
        children = descendants(process.pid)
        assert len(children) >= 8
    finally:
        stop(process)
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []
    began_again(tmp_path, port)


def whole_loop(folder, port):
    """Run what docs/api.md prints, as it prints it."""
    page = (ROOT / "docs/api.md").read_text()
    script = "set -eu\n" + "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        env=os.environ | {"LK": f"http://127.0.0.1:{port}"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def began_again(folder, port):
    """Start a second time on the same data; SIGTERM stops it as well as Ctrl-C."""
    process = started(folder, "run", "--port", str(port))
    try:
        await_word(process, folder, "Ctrl-C stops it.")
        environ = os.environ | {"LOOPKEEPER_DATA": str(folder / "data")}
        listed = subprocess.run(
            [sys.executable, "-m", "service.cli", "doctor"],
            env={name: value for name, value in environ.items() if name != "DATABASE_URL"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "41 referrals" in listed.stdout, listed.stdout + listed.stderr
    finally:
        stop(process, signal.SIGTERM)


def test_a_taken_port_is_told_before_anything_starts(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = started(tmp_path, "run", "--port", str(port))
        assert process.wait(timeout=60) == 1
    assert "PORT=8081" in (tmp_path / "said").read_text()
    assert not (tmp_path / "data").exists()


def test_a_first_start_outside_demo_mode_prints_one_administrator_link(
    fresh_database, redis_url, tmp_path
):
    key_file = tmp_path / "root.key"
    key_file.write_text(keys.root_key_text())
    key_file.chmod(0o600)
    environ = {
        "DATABASE_URL": fresh_database,
        "REDIS_URL": redis_url,
        "LOOPKEEPER_ROOT_KEY_FILE": str(key_file),
        "LOOPKEEPER_PUBLIC_URL": "https://loop.example",
        "LOOPKEEPER_SMTP_URL": "smtp://127.0.0.1:9",
        "LOOPKEEPER_MAIL_FROM": "loop@loop.example",
        "LOOPKEEPER_PORT": str(free_port()),
    }
    process = started(tmp_path, "serve", environ=environ)
    try:
        said = await_word(process, tmp_path, "web_started")
        assert len(re.findall(r"https://loop\.example/invitation/li_\S+", said)) == 1
    finally:
        stop(process, signal.SIGTERM)
    process = started(tmp_path, "serve", environ=environ)
    try:
        assert "invitation" not in await_word(process, tmp_path, "web_started")
    finally:
        stop(process, signal.SIGTERM)
