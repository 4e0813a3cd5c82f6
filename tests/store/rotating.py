"""A web process that keeps sealing and opening while its keys are changed beside it."""

import asyncio
import os
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import Any

import pytest

from crypto import keyring, root
from service import app
from service.actions import rewrap_keys
from service.actions.rotate_keys import Workshop
from service.actions.take_step import Words
from service.domain.rules import Step
from service.settings import Settings
from service.store import keys as key_store
from service.store import migrate
from service.store.pool import Scope
from tests import making
from tests.fixtures import keys as test_keys
from tests.fixtures.keeper import keeper
from tests.shape.sources import ROOT
from tests.store.test_sealing import Network, opened


class Running:
    """A web process's office over a root key file, a network made in it, and who rotates it."""

    def __init__(self, network: Network, environ: dict[str, str], path: Any, shop: Workshop):
        self.network, self.environ, self.path, self.shop = network, environ, path, shop

    async def cli(self, *words: str) -> str:
        """Run the command line beside the running process, as an operator does."""
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "service.cli", "keys", *words],
            env=self.environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    async def rewrap(self) -> dict[str, int]:
        moved: dict[str, int] = {}

        def told(what: str, count: int) -> None:
            moved[what] = moved.get(what, 0) + count

        await rewrap_keys.rewrap(self.shop, root.load(self.path), progress=told, settle=0)
        return moved

    async def states(self, org_id: Any, purpose: str) -> list[str]:
        async with self.shop.keeper.transaction(Scope()) as connection:
            rows = await connection.fetch(
                "select state from org_key where org_id = $1 and purpose = $2 order by version",
                org_id,
                purpose,
            )
        return [row["state"] for row in rows]


@asynccontextmanager
async def working(running: Running):
    """Send, answer and read without a pause; whatever fails fails the test."""
    network, done = running.network, asyncio.Event()
    house, (a, _, _) = network.house, network.pantries

    async def work() -> int:
        times = 0
        while not done.is_set():
            sent = await house.sent(network.clinic, [a])
            (leg,) = sent.plan.referral.legs
            await house.step(a.actor, leg.id, Step.ASK, words=Words(items=("Which day?",)))
            for org in (network.clinic, a):
                said = [words for _, words in await opened(network, org, sent.referral_id)]
                assert {"items": ["Which day?"]} in said
            times += 1
        return times

    task = asyncio.create_task(work())
    try:
        yield
        # Longer than a process may remember keys that were replaced.
        await asyncio.sleep(1.5)
    finally:
        done.set()
    assert await task > 2


@pytest.fixture
async def running(fresh_database, redis_url, tmp_path):
    path = tmp_path / "root.key"
    path.write_text(test_keys.root_key_text())
    path.chmod(0o600)
    own = {
        "DATABASE_URL": fresh_database,
        "REDIS_URL": redis_url,
        "LOOPKEEPER_ROOT_KEY_FILE": str(path),
        "LOOPKEEPER_DEMO": "yes",
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LOOPKEEPER")}
    async with (
        app.office_of(Settings.read(own), role="lk_web", size=4, name="web") as office,
        making.house(fresh_database) as made,
        keeper(fresh_database) as pool,
    ):
        house = making.House(
            fresh_database, office, worker=made.worker, check=made.check, keys=office.keys
        )
        network = Network(
            house=house,
            clinic=await house.organization("Clinic"),
            pantries=[await house.organization(name, kind="social_service") for name in "ABC"],
            cco=await house.organization("CCO", kind="coordination", cco=True),
            url=fresh_database,
        )
        ring = keyring.LocalKeyring(root.load(path), key_store.StoredKeyRows(pool))
        yield Running(network, clean | own, path, Workshop(pool, ring))
    # Passwords are the cluster's: whoever comes next has the key of the tests again.
    await migrate.set_passwords(fresh_database, test_keys.root_key())
