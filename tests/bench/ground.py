"""What every figure stands on: durable servers of its own, a network, and real processes.

Nothing here is shared with a development database: the servers live in a temporary folder and end
with the bench. Requests reach the product as they reach it in production: over HTTP, with API
keys, to one web process that was started by `loopkeeper serve`.
"""

import base64
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import UUID

import msgspec

from crypto import token
from service import servers
from service.clock import real_now
from service.domain import ids
from service.domain.people import Actor
from service.store import api_keys, migrate
from service.store.pool import Scope
from tests import making
from tests.fixtures import keys as test_keys

HOST = "bench.example"
WEB_POOL = 10
_START_S, _STOP_S = 30.0, 25.0
Started = contextlib.AbstractContextManager[subprocess.Popen[bytes]]
"""A process that ends with its block."""

_ROOT = Path(__file__).resolve().parents[2]


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything; `quick` shows that the bench works, its figures mean nothing."""

    rounds: int = 5
    seconds: float = 4.0
    senders: int = 10
    recipients: int = 10
    patients: int = 40
    speakers: int = 60
    openings: int = 100
    clients: int = 16
    mail_seconds: float = 20.0
    timers_few: int = 10_000
    timers_many: int = 200_000
    timers_due: int = 1000


QUICK = Size(
    rounds=1,
    seconds=1.0,
    senders=3,
    recipients=3,
    patients=4,
    speakers=12,
    openings=10,
    clients=8,
    mail_seconds=3.0,
    timers_few=400,
    timers_many=2000,
    timers_due=200,
)


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """An organization of the network with a key to speak for it, and its patients if it sends.

    `speakers` are keys of more members: nobody may say more than a message a second for long.
    """

    org: making.Org
    key: str
    speakers: tuple[str, ...]
    patients: tuple[UUID, ...] = ()


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends to whom; a coordinating organization stands over all."""

    senders: tuple[Party, ...]
    recipients: tuple[Party, ...]


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """Where the servers are, and a folder for logs."""

    folder: Path
    database_url: str
    smtp_port: int
    environment: dict[str, str]


@contextmanager
def ground(folder: Path, *, smtp_port: int) -> Iterator[Ground]:
    """Start durable servers in a folder and spell the settings of every process."""
    key_file = folder / "root.key"
    key_file.touch(mode=0o600)
    # The key of the tests: their builders make this network, and it protects nothing.
    key_file.write_bytes(base64.b64encode(bytes(range(32))))
    with servers.running(folder / "servers", durability=servers.Durability.DURABLE) as urls:
        yield Ground(
            folder=folder,
            database_url=urls.database_url,
            smtp_port=smtp_port,
            environment={
                "DATABASE_URL": urls.database_url,
                "REDIS_URL": urls.redis_url,
                "LOOPKEEPER_ROOT_KEY_FILE": str(key_file),
                "LOOPKEEPER_PUBLIC_URL": f"https://{HOST}",
                "LOOPKEEPER_MAIL_FROM": f"referrals@{HOST}",
                "LOOPKEEPER_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
                "LOOPKEEPER_WEB_POOL": str(WEB_POOL),
            },
        )


@asynccontextmanager
async def network(where: Ground, size: Size) -> AsyncIterator[Network]:
    """Migrate, and make a network through the product's own actions."""
    await migrate.migrate(where.database_url, root_key=test_keys.root_key())
    async with making.house(where.database_url) as house:
        await house.organization("Coordination", kind="coordination", cco=True)
        yield Network(
            senders=tuple(
                [
                    await _party(
                        house,
                        f"Clinic {n}",
                        "primary_care",
                        speakers=size.speakers,
                        patients=size.patients,
                    )
                    for n in range(size.senders)
                ]
            ),
            recipients=tuple(
                [
                    await _party(house, f"Pantry {n}", "social_service", speakers=size.speakers)
                    for n in range(size.recipients)
                ]
            ),
        )


async def _party(
    house: making.House, name: str, kind: str, *, speakers: int, patients: int = 0
) -> Party:
    org = await house.organization(name, kind=kind)
    members = [await house.member(org.id) for _ in range(speakers)]
    return Party(
        org=org,
        key=await _key(house, org.actor),
        speakers=tuple([await _key(house, each) for each in members]),
        patients=tuple([(await house.patient(org)).id for _ in range(patients)]),
    )


async def _key(house: making.House, actor: Actor) -> str:
    minted = token.new_secret("lk_")
    assert actor.org_id is not None
    assert actor.member_id is not None
    row = api_keys.NewApiKey(
        org_id=actor.org_id,
        id=ids.new_id(),
        member_id=actor.member_id,
        name="bench",
        secret_hash=minted.digest,
        created_by_member_id=actor.member_id,
        created_at=real_now(),
        expires_at=None,
    )
    async with house.office.db.transaction(Scope(org_id=actor.org_id)) as connection:
        await api_keys.insert(connection, row)
    return minted.text


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(
    where: Ground, name: str, command: Sequence[str], *, port: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Keep a process of ours running; with a port, wait until it listens there."""
    log = where.folder / f"{name}.log"
    clean = {key: value for key, value in os.environ.items() if not key.startswith("LOOPKEEPER_")}
    environment = {**clean, **where.environment}
    if port is not None:
        environment["LOOPKEEPER_PORT"] = str(port)
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, *command], cwd=_ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        if port is not None:
            _await_port(child, port, log)
        yield child
    finally:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_STOP_S)
        child.kill()
        child.wait()


def web(where: Ground, port: int) -> Started:
    """Start the product's web server."""
    return process(where, "web", ["-m", "service.cli", "serve"], port=port)


def worker(where: Ground, name: str) -> Started:
    """Start one of the product's workers."""
    return process(where, name, ["-m", "service.cli", "work", name])


def _await_port(child: subprocess.Popen[bytes], port: int, log: Path) -> None:
    limit = time.monotonic() + _START_S
    while time.monotonic() < limit:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if child.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"{log.stem} did not start:\n{log.read_text()[-2000:]}")
