"""An installation of its own: `loopkeeper run` on a new folder, all its servers with it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.error import URLError

from service import servers
from service.commands.serving import WORKERS
from service.store import migrate
from tests import making
from tests.fixtures import keys
from tests.fixtures.town import PATIENCE_SECONDS, Town
from tests.loop.people import Cast
from tests.shape.sources import ROOT

_SERVERS = ("DATABASE_URL", "REDIS_URL")


class Outbox:
    """The mails that the development mail server caught, oldest first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def taken(self) -> list[bytes]:
        """Read every mail."""
        found = [path for place in ("new", "cur") for path in (self._folder / place).glob("*")]
        return [path.read_bytes() for path in sorted(found, key=lambda path: path.stat().st_mtime)]


def _in_a_row(count: int) -> int:
    """Find so many ports in a row that nobody listens on."""
    for first in range(21_000, 60_000, count):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in range(first, first + count):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise AssertionError("every port is taken")


class Home(Town):
    """A town in one folder, as `make run` has it in `.loopkeeper`."""

    def __init__(self, folder: Path) -> None:
        # Where its servers answer is known once they run.
        super().__init__("", "", folder)
        self.mail = Outbox(folder / "outbox")
        self.said = folder.with_name("said.log")
        self.key_file = folder / "root.key"
        self.metrics_port = _in_a_row(1 + len(WORKERS))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run everything for as long as the block lasts."""
        environ = {name: value for name, value in os.environ.items() if name not in _SERVERS}
        environ |= {"LOOPKEEPER_DATA": str(self.folder), "LOOPKEEPER_DEMO": "yes"}
        environ |= {"LOOPKEEPER_METRICS": str(self.metrics_port)}
        with self.said.open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "service.cli", "run", "--port", str(self.port)],
                env=environ,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._await(process)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=40)

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 2 * PATIENCE_SECONDS
        while time.monotonic() < deadline:
            assert process.poll() is None, self.logs()[-4000:]
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        break
            except (URLError, OSError):
                time.sleep(0.1)
        else:
            raise AssertionError("not ready: " + self.logs()[-4000:])
        found = servers.found(self.folder)
        assert found is not None
        self.database_url, self.redis_url = found.database_url, found.redis_url

    def logs(self) -> str:
        """Return what every process printed."""
        found = [self.said, *sorted(self.folder.glob("*.log")), *self.folder.glob("logs/*")]
        return "\n".join(f"== {path.name}\n{path.read_text(errors='replace')}" for path in found)


async def found(home: Home) -> making.Org:
    """Make the database and its coordinators, so that no demo network is."""
    home.key_file.write_text(keys.root_key_text())
    home.key_file.chmod(0o600)
    with servers.running(home.folder) as there:
        url = there.database_url
        await migrate.migrate(url, root_key=keys.root_key(), movable_clock=True)
        async with making.house(url) as house:
            return await house.organization(
                "Care Network", kind="coordination", cco=True, category="coordination"
            )


@asynccontextmanager
async def at_home(folder: Path) -> AsyncIterator[Cast]:
    """Run an installation in an empty folder, with a clinic and the coordinators on stage."""
    folder.mkdir(mode=0o700)
    home = Home(folder)
    coordinators = await found(home)
    with home.running():
        async with making.house(home.database_url) as house:
            clinic = await house.organization("Northside Clinic")
            story = Cast(
                town=home,
                house=house,
                clinic=await home.caller(house, clinic),
                cco=await home.caller(house, coordinators),
            )
            try:
                yield story
            finally:
                for visitor in story.visitors:
                    await visitor.client.aclose()
