"""One run of the crash test: bring it up, break it again and again, let it drain, count."""

import asyncio
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from tests.chaos import cast, client, crowd, deck, machine, reckoning, telling, text_reckoning
from tests.chaos.cast import Cast
from tests.chaos.client import End, Notes
from tests.chaos.conductor import Conductor
from tests.chaos.crowd import Crowd
from tests.chaos.exchange import Exchange
from tests.chaos.machine import Machine
from tests.chaos.parts import Parts
from tests.chaos.post_office import PostOffice
from tests.chaos.reckoning import Verdict
from tests.chaos.text_reckoning import Outside
from tests.fixtures import keys

_START_S = 40.0
_STORIES_S = 25.0
_PATIENTS, _PATIENTS_PER_FAULT = 60, 8
"""A phone is texted once a day, so that many texts need many phones."""

_PUBLIC_URL = f"https://{client.HOST}"
_TWIN = ("-m", "tests.chaos.twin")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What to run: how many faults, drawn from which seed, with or without the outbox."""

    faults: int
    seed: int
    twin: bool = False
    gap: float = 4.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    wish: Wish
    verdict: Verdict
    notes: Notes
    rows: list[tuple[str, str]]
    mails: int
    texts: int
    mails_again: int
    texts_again: int
    allowed: int = reckoning.ANYWAY
    drained_s: float | None = None
    logs: Path | None = None

    @property
    def duplicates(self) -> int:
        """Count what was sent again, mails and texts."""
        return self.mails_again + self.texts_again

    @property
    def wrongs(self) -> list[str]:
        """List everything that breaks the promise."""
        found = [*self.verdict.wrongs(), *self.notes.surprises, *self.notes.torn]
        if self.duplicates > self.allowed:
            found.append(f"{self.duplicates} were sent again, and {self.allowed} may be")
        if not (self.notes.count(End.ACKNOWLEDGED) and self.mails and self.texts):
            found.append("nothing was acknowledged or nothing sent, so nothing was shown")
        return found


def perform(wish: Wish, say: Callable[[str], None]) -> Outcome:
    """Run it in a temporary folder; call this from the main thread."""
    folder = Path(tempfile.mkdtemp(prefix="loopkeeper-chaos-"))
    logs = folder / "logs"
    logs.mkdir()
    kept = False
    try:
        outcome = _performed(wish, folder, say)
        kept = bool(outcome.wrongs) and not wish.twin
        return msgspec.structs.replace(outcome, logs=logs if kept else None)
    except Exception:
        # Why it could not run at all is in them too.
        kept = True
        raise
    finally:
        _tidy(folder, logs if kept else None)


def _tidy(folder: Path, logs: Path | None) -> None:
    for each in folder.iterdir():
        if each.is_dir() and each != logs:
            shutil.rmtree(each, ignore_errors=True)
        elif not each.is_dir():
            each.unlink()
    if logs is None:
        folder.rmdir()


class _World(msgspec.Struct, frozen=True, kw_only=True):
    """Everything outside the product that a count asks."""

    database_url: str
    people: Cast
    notes: Notes
    mail: PostOffice
    texts: Exchange

    @property
    def outside(self) -> Outside:
        """Say what was seen of texts from outside."""
        return Outside(
            taken=self.texts.taken,
            reported=self.texts.reported,
            written=self.texts.written,
            at_night=self.people.at_night,
        )

    def sends(self) -> list[list[float]]:
        """List for each mail and text the moments at which it was taken."""
        mails = [[each.at for each in takings] for takings in self.mail.taken.values()]
        texts = [[each.moment for each in takings] for takings in self.texts.taken.values()]
        return mails + texts


def _performed(wish: Wish, folder: Path, say: Callable[[str], None]) -> Outcome:
    with ExitStack() as stack:
        servers = stack.enter_context(machine.running(folder))
        mail = stack.enter_context(_post_office())
        port = _free_port()
        texts = Exchange(port, public_url=_PUBLIC_URL, seed=wish.seed)
        texts.start()
        stack.callback(texts.stop)
        patients = _PATIENTS + _PATIENTS_PER_FAULT * wish.faults
        people = asyncio.run(cast.settle(servers.database_url, patients=patients))
        environ = _environ(folder, servers, port) | texts.urls()
        environ["LOOPKEEPER_SMTP_URL"] = f"smtp://127.0.0.1:{mail.port}"
        parts = Parts(environ, folder / "logs", relay=_TWIN if wish.twin else ())
        stack.callback(parts.stop)
        parts.await_web(seconds=_START_S)
        clients = Crowd(people, texts, port=port, seed=wish.seed)
        stack.callback(clients.leave)
        clients.start()
        crowd.started(clients, seconds=10)
        conductor = Conductor(servers, parts, mail, texts, seed=wish.seed)
        conductor.rest(1.0)
        conductor.play(deck.draw(count=wish.faults, seed=wish.seed, longest_gap=wish.gap), say)
        conductor.heal()
        world = _World(
            database_url=servers.database_url,
            people=people,
            notes=clients.notes,
            mail=mail,
            texts=texts,
        )
        drained = _drain(conductor, clients, world)
        outcome = _count(wish, world, begun=conductor.begun)
        rows = [*outcome.rows, *telling.ways(parts.fell(), drained, outcome.verdict)]
        explained = reckoning.in_hand(world.sends(), conductor.cuts)
        sent = outcome.mails + outcome.texts
        most = reckoning.allowed(sent, faults=wish.faults, explained=explained)
        return msgspec.structs.replace(outcome, rows=rows, drained_s=drained, allowed=most)


def _drain(conductor: Conductor, clients: Crowd, world: _World) -> float | None:
    """Let stories and effects end; return the seconds it took, or None where they did not."""
    begun = time.monotonic()
    clients.send_home(seconds=_STORIES_S, meanwhile=lambda: conductor.rest(0.1))
    world.texts.hush()
    while time.monotonic() - begun < telling.DRAIN_S:
        if world.texts.idle() and not asyncio.run(_waiting(world.database_url)):
            return time.monotonic() - begun
        conductor.rest(0.25)
    return None


async def _waiting(database_url: str) -> int:
    """Count what is still to be sent, and what came in and was not made sense of."""
    return await reckoning.waiting(database_url) + await text_reckoning.undone(database_url)


def _count(wish: Wish, world: _World, *, begun: float) -> Outcome:
    ledger = asyncio.run(reckoning.read(world.database_url))
    texts = asyncio.run(
        text_reckoning.read(world.database_url, sleeper=world.people.senders[cast.AT_NIGHT].org_id)
    )
    verdict = reckoning.reckon(ledger, world.notes.told, world.mail.taken)
    text_reckoning.reckon(verdict, texts, world.outside)
    verdict.broken += asyncio.run(reckoning.breaches(world.database_url))
    verdict.broken += world.texts.surprises
    return Outcome(
        wish=wish,
        verdict=verdict,
        notes=world.notes,
        rows=[
            *telling.requests(ledger, world.notes),
            *telling.effects(ledger, world.mail, begun=begun),
            *telling.texts(texts, world.outside, begun=begun),
        ],
        mails=len(world.mail.taken),
        texts=len(world.texts.taken),
        mails_again=world.mail.twice(),
        texts_again=world.texts.twice(),
    )


@contextmanager
def _post_office() -> Iterator[PostOffice]:
    mail = PostOffice()
    mail.start()
    try:
        yield mail
    finally:
        mail.stop()


def _environ(folder: Path, servers: Machine, port: int) -> dict[str, str]:
    key_file = folder / "root.key"
    key_file.touch(mode=0o600)
    key_file.write_text(keys.root_key_text())
    return {
        **_clean(),
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "LOOPKEEPER_ROOT_KEY_FILE": str(key_file),
        "LOOPKEEPER_PUBLIC_URL": _PUBLIC_URL,
        "LOOPKEEPER_MAIL_FROM": f"referrals@{client.HOST}",
        "LOOPKEEPER_PORT": str(port),
    }


def _clean() -> dict[str, str]:
    # Nobody's own settings may decide what is tested.
    ours = ("LOOPKEEPER_", "PG", "DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
