"""A real Kannel of the machine, and a network of phones behind it that speaks its fake SMSC."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus, unquote_to_bytes

import pytest

from tests.channels.mail_server import free

USER, PASSWORD, SENDER = "loopkeeper", "word-of-the-tests", "13013"
_PATH = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin"

_CONF = """
group = core
admin-port = {admin}
admin-password = {password}
smsbox-port = {box}
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = FAKE
port = {smsc}
connect-allow-ip = "127.0.0.1"

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = "127.0.0.1"
global-sender = {sender}
mo-recode = true

group = sendsms-user
username = {user}
password = {password}
max-messages = 10
concatenation = true

group = sms-service
keyword = default
max-messages = 0
catch-all = true
send-sender = true
post-url = "{post_url}"
"""


class Air:
    """The phones: what arrived at them, and a way to write to us from one."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self._socket.settimeout(None)
        self.heard: list[tuple[str, str]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError), self._socket.makefile("rb") as lines:
            for line in lines:
                _, number, kind, words = line.rstrip(b"\n").decode("utf-8").split(" ", 3)
                self.heard.append((number, _read(kind, words)))

    def write(self, number: str, words: str) -> None:
        """Send us a text from a phone."""
        said = quote_plus(words.encode())
        self._socket.sendall(f"{number} {SENDER} data {said}\n".encode())

    def close(self) -> None:
        """Leave the network."""
        self._socket.close()


def _read(kind: str, words: str) -> str:
    if kind == "ucs-2":
        return unquote_to_bytes(words.replace("+", " ")).decode("utf-16-be")
    if kind == "udh":
        words = words.partition(" data ")[2]
    if kind in ("udh", "data"):
        return unquote_to_bytes(words.replace("+", " ")).decode("utf-8")
    return words


class Box:
    """A running Kannel: where it takes texts, and the air behind it."""

    def __init__(self, url: str, air: Air) -> None:
        self.url, self.air = url, air


def needed() -> None:
    """Skip where there is no Kannel; fail instead where one is required."""
    if all(shutil.which(name, path=_PATH) for name in ("bearerbox", "smsbox")):
        return
    if os.environ.get("LOOPKEEPER_REQUIRE_KANNEL") == "1":
        pytest.fail("LOOPKEEPER_REQUIRE_KANNEL=1, and there is no bearerbox or smsbox.")
    pytest.skip("There is no Kannel here: apt-get install kannel.")


@contextlib.contextmanager
def running(folder: Path, *, post_url: str) -> Iterator[Box]:
    """Run bearerbox and smsbox; texts from phones are posted to `post_url`."""
    names = ("admin", "box", "smsc", "sendsms")
    ports = {name: free() for name in names}
    conf = folder / "kannel.conf"
    conf.write_text(
        _CONF.format(**ports, user=USER, password=PASSWORD, sender=SENDER, post_url=post_url)
    )
    with contextlib.ExitStack() as stack:
        stack.enter_context(_started("bearerbox", conf, ports["box"]))
        stack.enter_context(_started("smsbox", conf, ports["sendsms"]))
        air = Air(ports["smsc"])
        stack.callback(air.close)
        yield Box(f"http://127.0.0.1:{ports['sendsms']}/cgi-bin/sendsms", air)


@contextlib.contextmanager
def _started(name: str, conf: Path, port: int) -> Iterator[None]:
    program = shutil.which(name, path=_PATH)
    assert program
    with (conf.parent / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [program, str(conf)], cwd=conf.parent, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            _await(port, process)
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=8)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        assert process.poll() is None, "Kannel ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("Kannel does not listen")
