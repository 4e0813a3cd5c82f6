"""What every worker works with, opened once and closed at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import msgspec

from crypto import keyring, root, token
from service import metrics_port
from service.actions.office import Office
from service.metrics import Registry
from service.settings import Settings, for_role
from service.store import keys as key_store
from service.store import outbox
from service.store import pool as pools
from service.store.blob_files import FileBlobs
from service.store.pool import Pool, Scope
from workers import alarms
from workers.alarms import Alarms
from workers.bell import Bell

ROLE = "lk_worker"


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """The worker's own eyes on the store, the keys, the bell, and how mail names its sender.

    `registry`: what this process counts. `alarms`: its way to the operators, who are told nothing
    where the settings name none.
    """

    office: Office
    bell: Bell
    settings: Settings
    registry: Registry = msgspec.field(default_factory=Registry)
    alarms: Alarms = msgspec.field(default_factory=lambda: Alarms([], Registry()))

    @property
    def db(self) -> Pool:
        """The store, as the worker sees it."""
        return self.office.db

    async def beat(self, name: str, **detail: Any) -> None:
        """Say that a worker is alive."""
        async with self.db.transaction(Scope()) as connection:
            await outbox.beat(connection, name, detail=detail)


@asynccontextmanager
async def opened(settings: Settings, *, name: str) -> AsyncIterator[Desk]:
    """Open pools, keys and bell for one worker process and close them when it ends."""
    root_key = root.load(settings.root_key_file)
    given = settings.worker_database_url
    url = given or for_role(
        settings.database_url, ROLE, password=token.database_password(root_key, ROLE)
    )
    # Asked anew for every connection: the root key may be replaced while this runs.
    passwords = None if given else partial(token.database_passwords, root_key, ROLE)
    opening = partial(pools.connect, url.reveal(), role=ROLE, passwords=passwords)
    db = await opening(name=name, size=settings.worker_pool)
    # Keys are asked for while a connection is held: they need a pool of their own.
    key_pool = await opening(name=f"{name}-keys", size=2)
    bell = Bell(settings.redis_url.reveal(), name=name)
    ring = keyring.LocalKeyring(root_key, key_store.StoredKeyRows(key_pool))
    office = Office(
        db=db,
        keys=ring,
        public_url=settings.public_url,
        demo=settings.demo,
        region=settings.region,
        blobs=FileBlobs(settings.attachments),
    )
    try:
        registry = Registry()
        async with metrics_port.told(settings, registry, name=name):
            yield Desk(
                office=office,
                bell=bell,
                settings=settings,
                registry=registry,
                alarms=alarms.of(settings, registry),
            )
    finally:
        await bell.close()
        await key_pool.close()
        await db.close()
