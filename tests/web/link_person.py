"""A person with a browser who follows a link, for tests over HTTP."""

import re
from typing import Any

import httpx2

from tests.web import link_making
from tests.web.link_making import Minted
from tests.web.site import Site


class Person:
    """One browser: it keeps cookies as a browser would."""

    def __init__(self, site: Site, link: Minted) -> None:
        self.site = site
        self.link = link
        self.client = site.caller(accept="text/html")

    async def get(self, path: str) -> httpx2.Response:
        """Read a page."""
        return await self.client.get(path)

    async def press(self, path: str | None = None) -> httpx2.Response:
        """Press the one button of the link."""
        return await self.client.post(path or self.link.path)

    async def come_in(self, **form: str) -> httpx2.Response:
        """Press the button and enter the mailed code."""
        await self.press()
        code = await link_making.code(self.site.house, self.link)
        return await self.client.post("/r/verify", data={"code": code, **form})

    async def nonce(self, path: str) -> str:
        """Read the nonce of a page's form."""
        found = re.search(r'name="nonce" value="([^"]+)"', (await self.get(path)).text)
        assert found, path
        return found.group(1)

    async def send(self, page: str, act: str, **form: Any) -> httpx2.Response:
        """Fill a form of a page and send it."""
        data = {"act": act, "nonce": await self.nonce(page), **form}
        return await self.client.post("/r/act", data=data)

    async def accept(self) -> httpx2.Response:
        """Take the request on."""
        return await self.send(
            "/r/accept", "accept", owner_name="Sam Lee", expected_by="2099-01-02"
        )
