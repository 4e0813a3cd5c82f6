"""Does the faults: each at its time, undone when its seconds are over, all undone at the end."""

import asyncio
import heapq
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable

import asyncpg

from tests.chaos import machine
from tests.chaos.deck import BACKEND, CUTS, FIRST, REDIS, TEXTS, Fault, Kind
from tests.chaos.exchange import PROVIDERS, TWILIO, Exchange
from tests.chaos.machine import Machine
from tests.chaos.parts import Parts
from tests.chaos.post_office import Mood, PostOffice

_TICK_S = 0.05
_MOODS = {Kind.MAIL_LATER: Mood.LATER, Kind.MAIL_NEVER: Mood.NEVER, Kind.MAIL_SLOW: Mood.SLOW}
_FAULTS = {
    Kind.TEXTS_LATER: "503",
    Kind.TEXTS_NEVER: "502",
    Kind.TEXTS_DOUBT: "close",
    Kind.TEXTS_MUTE: "hang",
    Kind.TEXTS_SLOW: "slow",
}
_BACKENDS = """select pid, state <> 'idle' as busy from pg_stat_activity
  where backend_type = 'client backend' and usename in ('lk_web', 'lk_worker')
    and application_name like 'loopkeeper-%' order by pid"""


class Conductor:
    """Holds servers, processes, and the ways of mails and texts; lets things happen to them."""

    def __init__(
        self, servers: Machine, parts: Parts, mail: PostOffice, texts: Exchange, *, seed: int
    ) -> None:
        self.done = Counter[str]()
        self.cuts: list[float] = []
        self.begun = 0.0
        self._servers, self._parts = servers, parts
        self._mail, self._texts = mail, texts
        self._dice = random.Random(f"{seed} conductor")
        self._later: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = itertools.count()
        self._mails_until = 0.0
        self._texts_until = 0.0

    def play(self, faults: list[Fault], say: Callable[[str], None]) -> None:
        """Let every fault happen in its turn."""
        self.begun = time.monotonic()
        for number, fault in enumerate(faults, 1):
            say(f"{time.monotonic() - self.begun:6.1f} s  {number:>3}  {fault}")
            if fault.name in CUTS:
                self.cuts.append(time.monotonic())
            self._happen(fault)
            self.done[fault.name] += 1
            self.rest(fault.gap)

    def rest(self, seconds: float) -> None:
        """Let time pass: what is over is undone, what fell is started again."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            self._undo(until=time.monotonic())
            self._parts.tend()
            time.sleep(_TICK_S)

    def heal(self) -> None:
        """Undo everything at once."""
        self._undo(until=float("inf"))
        self._parts.tend()

    def _happen(self, fault: Fault) -> None:
        match fault.kind:
            case Kind.KILL:
                self._parts[fault.target].kill(down_s=fault.seconds)
            case Kind.KILL_REDIS:
                self._servers.kill_redis()
                time.sleep(fault.seconds)
                self._servers.start_redis()
            case Kind.KILL_POSTGRES:
                self._servers.kill_postgres()
                time.sleep(fault.seconds)
                self._servers.start_postgres()
            case Kind.END_BACKEND:
                asyncio.run(self._end_backend())
            case Kind.FLUSH:
                self._servers.flush()
            case Kind.FREEZE:
                self._freeze(fault)
            case _ if fault.kind in TEXTS:
                self._spoil_texts(fault)
            case _:
                self._spoil_mail(fault)

    def _freeze(self, fault: Fault) -> None:
        if fault.target == REDIS:
            pids = self._servers.freeze_redis()
        elif fault.target == BACKEND:
            pid = asyncio.run(self._backend())
            pids = [pid] if pid and machine.freeze(pid) else []
        else:
            pids = self._parts[fault.target].freeze()
        for pid in pids:
            self._after(fault.seconds, lambda pid=pid: machine.thaw(pid))

    def _spoil_mail(self, fault: Fault) -> None:
        self._mails_until = until = time.monotonic() + fault.seconds
        if fault.kind is Kind.MAIL_DOWN:
            self._mail.goes_away()
        else:
            self._mail.mood = _MOODS[fault.kind]

        def mend() -> None:
            if self._mails_until == until:
                self._mail.mood = Mood.GOOD
            if fault.kind is Kind.MAIL_DOWN:
                self._mail.comes_back()

        self._after(fault.seconds, mend)

    def _spoil_texts(self, fault: Fault) -> None:
        names = (TWILIO,) if fault.target == FIRST else PROVIDERS
        self._texts_until = until = time.monotonic() + fault.seconds
        if fault.kind is Kind.TEXTS_DOWN:
            self._texts.goes_away(names)
        for name in names:
            self._texts.desks[name].fault = _FAULTS.get(fault.kind, "")

        def mend() -> None:
            if self._texts_until == until:
                for name in PROVIDERS:
                    self._texts.desks[name].fault = ""
            if fault.kind is Kind.TEXTS_DOWN:
                self._texts.comes_back(names)

        self._after(fault.seconds, mend)

    def _after(self, seconds: float, work: Callable[[], object]) -> None:
        heapq.heappush(self._later, (time.monotonic() + seconds, next(self._numbers), work))

    def _undo(self, *, until: float) -> None:
        while self._later and self._later[0][0] <= until:
            heapq.heappop(self._later)[2]()

    async def _backend(self) -> int | None:
        connection = await asyncpg.connect(self._servers.database_url)
        try:
            rows = await connection.fetch(_BACKENDS)
            # One that is at work, if there is any: an idle one is missed by nobody.
            pids = [row["pid"] for row in rows if row["busy"]] or [row["pid"] for row in rows]
            return self._dice.choice(pids) if pids else None
        finally:
            await connection.close()

    async def _end_backend(self) -> None:
        pid = await self._backend()
        connection = await asyncpg.connect(self._servers.database_url)
        try:
            await connection.execute("select pg_terminate_backend($1)", pid or 0)
        finally:
            await connection.close()
