"""A street with real servers for a browser: web, relay, courier, the development gateway, mail."""

import asyncio
import re
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from service.settings import Secret, Settings, Sms
from service.store import caught
from tests.channels import mail_server
from tests.web import site
from tests.workers import shop as shops
from tests.workers.serving import web_of
from workers import phones, text_gateway

T = TypeVar("T")
_PATIENCE_S = 60


def _settings(database_url: str, redis_url: str, folder: Path) -> Settings:
    port, gate = mail_server.free(), mail_server.free()
    way = Sms(
        name="kannel",
        url=f"http://127.0.0.1:{gate}/cgi-bin/sendsms",
        user="demo",
        password=Secret("word-of-the-gateway"),
        sender="+15035550199",
        hook=Secret("hook-secret-of-the-tests"),
    )
    here = f"http://127.0.0.1:{port}"
    return site.settings(database_url, redis_url, folder, sms=(way,), port=port, public_url=here)


class Street:
    """Everything at work in a thread of its own; `texts` are what phones got, the oldest first."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ready, self.shop = threading.Event(), None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the street's own loop and wait for it."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=_PATIENCE_S)

    def texts(self, count: int) -> list[str]:
        """Wait for so many texts."""
        folder, until = caught.folder_of(self.settings.root_key_file), time.monotonic() + 30
        while True:
            found = [each.text for each in caught.newest(folder) if each.way == "sms"]
            if len(found) >= count:
                return found[::-1]
            assert time.monotonic() < until, "the text did not come"
            time.sleep(0.1)

    def link(self) -> str:
        """Read the link in the first text."""
        found = re.search(r"http://127\.0\.0\.1:\d+/p/[A-Za-z0-9_-]{16}", self.texts(1)[0])
        assert found
        return found.group()

    def end(self) -> None:
        """Let everybody go home."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)

    async def live(self, database_url: str, redis_url: str) -> None:
        """Work until the end."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        office = mail_server.Office()
        with mail_server.running(office) as port:
            async with shops.shop(database_url, redis_url, office, port) as shop:
                ours = msgspec.structs.replace(
                    shop.desk.office, public_url=self.settings.public_url
                )
                route = self.settings
                route = msgspec.structs.replace(route, smtp=shop.desk.settings.smtp)
                shop.desk = msgspec.structs.replace(shop.desk, settings=route, office=ours)
                await self._work(shop)

    async def _work(self, shop: shops.Shop) -> None:
        assert self._stop is not None
        way = phones.of(shop.desk.office.db, self.settings)
        async with web_of(self.settings):
            folder = caught.folder_of(self.settings.root_key_file)
            gate = asyncio.create_task(text_gateway.run(shop.desk, stop=self._stop, folder=folder))
            async with shop.working(phones=way):
                self.shop = shop
                self.ready.set()
                await self._stop.wait()
            await gate


@contextmanager
def street(database_url: str, redis_url: str, folder: Path) -> Iterator[Street]:
    """Have a street until the block ends."""
    here = Street(_settings(database_url, redis_url, folder))

    def begin() -> None:
        try:
            asyncio.run(here.live(database_url, redis_url))
        finally:
            here.ready.set()

    thread = threading.Thread(target=begin, daemon=True)
    thread.start()
    try:
        assert here.ready.wait(timeout=_PATIENCE_S)
        assert here.shop is not None
        yield here
    finally:
        here.end()
        thread.join(timeout=20)
