"""The application behind a real socket, in a thread of its own, for tests with a browser."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import uvicorn

from service import app as application
from tests import making
from tests.making import House
from tests.web import site

if TYPE_CHECKING:
    from playwright.sync_api import Page

T = TypeVar("T")


def fits(page: "Page") -> bool:
    """Whether a page is no wider than its window.

    A click ends once the next page has begun to come: it may have no element yet.
    """
    page.wait_for_load_state("load")
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


class Served:
    """A running site: its address, and a way to do something in its house from another thread."""

    def __init__(self, url: str, house: House, loop: asyncio.AbstractEventLoop) -> None:
        self.url = url
        self.house = house
        self._loop = loop

    def run(self, work: Callable[[House], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine in the house's own loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work(self.house), self._loop).result(timeout=60)


class _Thread:
    """A server with its house in a thread, up once `ready` is set."""

    def __init__(self, server: uvicorn.Server, listening: socket.socket, database_url: str) -> None:
        self._server = server
        self._listening = listening
        self._database_url = database_url
        self.ready = threading.Event()
        self.house: House | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.thread = threading.Thread(target=self._begin, daemon=True)

    def _begin(self) -> None:
        try:
            asyncio.run(self._live())
        finally:
            self.ready.set()

    async def _live(self) -> None:
        async with making.house(self._database_url) as house:
            self.house, self.loop = house, asyncio.get_running_loop()
            # The socket listens already: a request that comes early waits in its queue.
            self.ready.set()
            await self._server.serve(sockets=[self._listening])


@contextmanager
def served(database_url: str, redis_url: str, folder: Path) -> Iterator[Served]:
    """Serve the application on a free port of loopback until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    given = site.settings(database_url, redis_url, folder, public_url=url)
    with listening:
        built = application.build(given)
        server = uvicorn.Server(uvicorn.Config(built, log_level="critical", lifespan="on"))
        built.state.stopping = lambda: server.should_exit
        behind = _Thread(server, listening, database_url)
        behind.thread.start()
        try:
            assert behind.ready.wait(timeout=30)
            assert behind.house is not None
            assert behind.loop is not None
            yield Served(url, behind.house, behind.loop)
        finally:
            server.should_exit = True
            behind.thread.join(timeout=20)
