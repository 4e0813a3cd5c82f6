"""A whole site for a test: a house, the application built from settings, and callers of it."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from litestar import Litestar

from crypto import token
from service import app as application
from service.actions import sessions
from service.domain import ids
from service.domain.people import Actor
from service.settings import Secret, Settings
from service.store.blob_files import FileBlobs
from service.store.pool import Scope
from tests import making
from tests.fixtures import keys as test_keys
from tests.making import House

ORIGIN = "http://127.0.0.1:8080"


class Site:
    """The application over ASGI, and the house behind it."""

    def __init__(self, house: House, app: Litestar, owner_url: str) -> None:
        self.house = house
        self.app = app
        self.owner_url = owner_url

    def caller(self, **headers: str) -> httpx2.AsyncClient:
        """Return a client of nobody; errors of the application are answers, not exceptions."""
        transport = httpx2.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)

    async def key(self, actor: Actor) -> str:
        """Make an API key that acts for a member."""
        minted = token.new_secret(sessions.KEY_PREFIX)
        async with self.house.office.db.transaction(Scope(org_id=actor.org_id)) as connection:
            await connection.execute(
                "insert into api_key (org_id, id, member_id, name, secret_hash,"
                " created_by_member_id, created_at) values ($1, $2, $3, 'test', $4, $3, lk.now())",
                actor.org_id,
                ids.new_id(),
                actor.member_id,
                minted.digest,
            )
        return minted.text

    async def program(self, actor: Actor, **headers: str) -> httpx2.AsyncClient:
        """Return a client that calls with an API key."""
        return self.caller(authorization=f"Bearer {await self.key(actor)}", **headers)

    async def session(self, actor: Actor) -> sessions.Opened:
        """Sign a member in."""
        scope = Scope(org_id=actor.org_id, person_id=actor.person_id)
        assert actor.person_id
        assert actor.org_id
        assert actor.member_id
        async with self.house.office.db.transaction(scope) as connection:
            return await sessions.begin(
                connection,
                person_id=actor.person_id,
                org_id=actor.org_id,
                member_id=actor.member_id,
            )

    async def browser(self, actor: Actor) -> tuple[httpx2.AsyncClient, sessions.Opened]:
        """Return a client that calls with a session cookie, and the session."""
        opened = await self.session(actor)
        return self.caller(cookie=f"lk_session={opened.secret}"), opened


def settings(database_url: str, redis_url: str, folder: Path, **changed: Any) -> Settings:
    """Settings of a demonstration on loopback."""
    root_key = folder / "root.key"
    if not root_key.exists():
        root_key.touch(mode=0o600)
        root_key.write_text(base64.b64encode(bytes(range(32))).decode())
    given: dict[str, Any] = {
        "database_url": Secret(database_url),
        "redis_url": Secret(redis_url),
        "root_key_file": root_key,
        "public_url": ORIGIN,
        "mail_from": "loops@example.org",
        "smtp": None,
        "demo": True,
        "allowed_hosts": ("127.0.0.1", "localhost"),
        "web_pool": 4,
    }
    return Settings(**(given | changed))


@asynccontextmanager
async def site(
    database_url: str, redis_url: str, folder: Path, **changed: Any
) -> AsyncIterator[Site]:
    """Open a house and the application on the same database."""
    assert test_keys.root_key()
    given = settings(database_url, redis_url, folder, **changed)
    app = application.build(given)
    blobs = FileBlobs(given.attachments)
    async with making.house(database_url, blobs=blobs) as house, app.lifespan():
        yield Site(house, app, database_url)
