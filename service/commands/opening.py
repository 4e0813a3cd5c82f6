"""Opening the house for a command: root key, pools and keyring; and what must hold before that."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

from crypto import keyring, root, token
from crypto.keys import KeyRow
from crypto.root import Root
from service import faults
from service.actions.office import Office
from service.settings import Secret, Settings, for_role
from service.store import keys as key_store
from service.store import migrate, operations
from service.store.blob_files import FileBlobs
from service.store.pool import Pool

_GIVEN = {
    "lk_web": "web_database_url",
    "lk_worker": "worker_database_url",
    "lk_check": "check_database_url",
}


class NotMigrated(faults.Fault):
    """The database is not ready for this release."""

    slug = "not-migrated"
    advice = "Run `loopkeeper migrate` first."


def role_url(settings: Settings, root_key: Root, role: str) -> Secret:
    """Return the URL of one database role: the one given, or the one the root key makes."""
    given: Secret | None = getattr(settings, _GIVEN[role])
    if given is not None:
        return given
    password = token.database_password(root_key, role)
    return for_role(settings.database_url, role, password=password)


@asynccontextmanager
async def pool(settings: Settings, role: str, *, size: int = 2) -> AsyncIterator[Pool]:
    """Open a small pool of one role; raises Unreachable, RootKeyRefused."""
    root_key = root.load(settings.root_key_file)
    url = role_url(settings, root_key, role)
    given = getattr(settings, _GIVEN[role]) is not None
    opened = await operations.reach(
        url.reveal(),
        name="cli",
        role=role,
        size=size,
        passwords=None if given else partial(token.database_passwords, root_key, role),
    )
    try:
        yield opened
    finally:
        await opened.close()


@asynccontextmanager
async def keeper(settings: Settings) -> AsyncIterator[Pool]:
    """Open the pool of the role that rotates and destroys keys; the owner takes that role on.

    Raises NotMigrated, WrongRootKey, Unreachable.
    """
    await ready(settings)
    url = settings.database_url.reveal()
    opened = await operations.reach(url, name="keeper", role="lk_keys", size=4, become=True)
    try:
        yield opened
    finally:
        await opened.close()


@asynccontextmanager
async def office(settings: Settings, *, size: int = 3) -> AsyncIterator[Office]:
    """Open what actions work with; raises NotMigrated, WrongRootKey, Unreachable."""
    await ready(settings)
    root_key = root.load(settings.root_key_file)
    async with pool(settings, "lk_web", size=size) as web, pool(settings, "lk_web") as keys:
        yield Office(
            db=web,
            keys=keyring.LocalKeyring(root_key, key_store.StoredKeyRows(keys)),
            public_url=settings.public_url,
            demo=settings.demo,
            region=settings.region,
            blobs=FileBlobs(settings.attachments),
        )


async def ready(settings: Settings) -> None:
    """Refuse a database that is not migrated, is newer than the code, or has another root key."""
    root_key = root.load(settings.root_key_file)
    found = await operations.look(settings.database_url.reveal())
    if found.probe is not None:
        ring = keyring.LocalKeyring(root_key, _NoRows())
        if not await ring.check_probe(found.probe):
            raise migrate.WrongRootKey
    if found.pending:
        raise NotMigrated(f"{len(found.pending)} migrations are missing. {NotMigrated.advice}")


class _NoRows:
    """Checking a probe asks for no row."""

    async def keys(self, org_id: UUID | None, purpose: str) -> list[KeyRow]:
        return []

    async def public_keys(self, org_ids: Sequence[UUID]) -> dict[UUID, KeyRow]:
        return {}

    async def generation(self) -> int:
        return 0
