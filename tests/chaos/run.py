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

from tests.chaos import cast, client, crowd, deck, machine, reckoning
from tests.chaos.client import End, Notes
from tests.chaos.conductor import Conductor
from tests.chaos.crowd import Crowd
from tests.chaos.parts import Parts
from tests.chaos.post_office import PostOffice
from tests.chaos.reckoning import Ledger, Verdict
from tests.fixtures import keys

DRAIN_S = 30.0
_START_S = 40.0
_STORIES_S = 25.0
_SHOWN = 20
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
    duplicates: int
    allowed: int = reckoning.PER_KILL
    drained_s: float | None = None
    logs: Path | None = None

    @property
    def wrongs(self) -> list[str]:
        """List everything that breaks the promise."""
        found = [*self.verdict.wrongs(), *self.notes.surprises, *self.notes.torn]
        if self.duplicates > self.allowed:
            found.append(f"{self.duplicates} mails were sent again, and {self.allowed} may be")
        if not self.notes.count(End.ACKNOWLEDGED):
            found.append("nothing was acknowledged, so nothing was shown")
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


def _performed(wish: Wish, folder: Path, say: Callable[[str], None]) -> Outcome:
    with ExitStack() as stack:
        servers = stack.enter_context(machine.running(folder))
        mail = stack.enter_context(_post_office())
        people = asyncio.run(cast.settle(servers.database_url))
        environ = _environ(folder, servers.database_url, servers.redis_url, mail.port)
        parts = Parts(environ, folder / "logs", relay=_TWIN if wish.twin else ())
        stack.callback(parts.stop)
        parts.await_web(seconds=_START_S)
        clients = Crowd(people, port=int(environ["LOOPKEEPER_PORT"]), seed=wish.seed)
        stack.callback(clients.leave)
        clients.start()
        crowd.started(clients, seconds=10)
        conductor = Conductor(servers, parts, mail, seed=wish.seed)
        conductor.rest(1.0)
        conductor.play(deck.draw(count=wish.faults, seed=wish.seed, longest_gap=wish.gap), say)
        conductor.heal()
        drained = _drain(conductor, clients, servers.database_url)
        outcome = _count(wish, servers.database_url, clients.notes, mail, begun=conductor.begun)
        rows = [*outcome.rows, *_ways(parts, drained, outcome.verdict)]
        kills = conductor.done[f"{deck.Kind.KILL} courier"]
        most = reckoning.allowed(outcome.mails, faults=wish.faults, kills=kills)
        return msgspec.structs.replace(outcome, rows=rows, drained_s=drained, allowed=most)


def _drain(conductor: Conductor, clients: Crowd, database_url: str) -> float | None:
    """Let stories and effects end; return the seconds it took, or None where they did not."""
    begun = time.monotonic()
    clients.send_home(seconds=_STORIES_S, meanwhile=lambda: conductor.rest(0.1))
    while time.monotonic() - begun < DRAIN_S:
        if not asyncio.run(reckoning.waiting(database_url)):
            return time.monotonic() - begun
        conductor.rest(0.25)
    return None


def _count(
    wish: Wish, database_url: str, notes: Notes, mail: PostOffice, *, begun: float
) -> Outcome:
    ledger = asyncio.run(reckoning.read(database_url))
    verdict = reckoning.reckon(ledger, notes.told, mail.taken)
    verdict.broken += asyncio.run(reckoning.breaches(database_url))
    return Outcome(
        wish=wish,
        verdict=verdict,
        notes=notes,
        rows=[*_requests(ledger, notes), *_effects(ledger, mail, begun=begun)],
        mails=len(mail.taken),
        duplicates=mail.twice(),
    )


def _requests(ledger: Ledger, notes: Notes) -> list[tuple[str, str]]:
    acknowledged = [each for each in notes.told if each.end is End.ACKNOWLEDGED]
    stored = {row["key"] for row in ledger.keys}
    left = [each for each in notes.told if each.end is End.LEFT]
    whole = sum(each.key in stored for each in left)
    return [
        ("requests acknowledged", str(len(acknowledged))),
        ("  only after another try", str(sum(each.tries > 1 for each in acknowledged))),
        ("  replayed from their key", str(sum(each.replayed for each in acknowledged))),
        ("refused: somebody else was first", str(notes.count(End.REFUSED))),
        ("left without waiting, stored whole", f"{len(left)}, {whole}"),
        ("no answer; turned away (503, 429)", f"{notes.unknown}; {notes.turned_away}"),
        ("referrals", str(len(ledger.referrals))),
    ]


def _effects(ledger: Ledger, mail: PostOffice, *, begun: float) -> list[tuple[str, str]]:
    states = ", ".join(f"{times} {state}" for state, times in sorted(ledger.states.items()))
    again = reckoning.again(ledger, mail.taken, begun=begun)
    return [
        ("effects", states),
        ("mails taken, taken again", f"{len(mail.taken)}, {mail.twice()}"),
        *(("  taken at", line) for line in again[:_SHOWN]),
    ]


def _ways(parts: Parts, drained_s: float | None, verdict: Verdict) -> list[tuple[str, str]]:
    drained = f"after {drained_s:.1f} s" if drained_s is not None else f"not in {DRAIN_S:.0f} s"
    return [
        ("processes that fell by themselves", str(parts.fell())),
        ("drained", drained),
        ("due and not done", str(verdict.owed)),
    ]


@contextmanager
def _post_office() -> Iterator[PostOffice]:
    mail = PostOffice()
    mail.start()
    try:
        yield mail
    finally:
        mail.stop()


def _environ(folder: Path, database_url: str, redis_url: str, smtp_port: int) -> dict[str, str]:
    key_file = folder / "root.key"
    key_file.touch(mode=0o600)
    key_file.write_text(keys.root_key_text())
    return {
        **_clean(),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "LOOPKEEPER_ROOT_KEY_FILE": str(key_file),
        "LOOPKEEPER_PUBLIC_URL": f"https://{client.HOST}",
        "LOOPKEEPER_MAIL_FROM": f"referrals@{client.HOST}",
        "LOOPKEEPER_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "LOOPKEEPER_PORT": str(_free_port()),
    }


def _clean() -> dict[str, str]:
    # Nobody's own settings may decide what is tested.
    ours = ("LOOPKEEPER_", "PG", "DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
