"""How everything stands, for whoever watches: numbers by code, read as the role lk_check."""

import msgspec

from service.store import queries
from service.store.pool import Connection

Q = queries.load("figures")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds and counts of what must not grow; `frozen`: a jump of the clock stopped timers."""

    oldest_effect: float
    untimed: int
    overdue: int
    sealer_lag: float
    frozen: bool


class EffectCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many effects of a kind are due, wait, are parked or dead."""

    kind: str
    state: str
    number: int


class LoopCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many open referrals are so old."""

    age: str
    number: int


class BreakerRow(msgspec.Struct, frozen=True, kw_only=True):
    """For how long a channel cannot be reached; 0 while it can."""

    channel: str
    closed_seconds: float


class BeatRow(msgspec.Struct, frozen=True, kw_only=True):
    """A worker's last sign of life."""

    name: str
    silent_seconds: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, at one moment."""

    standing: Standing
    effects: tuple[EffectCount, ...]
    loops: tuple[LoopCount, ...]
    breakers: tuple[BreakerRow, ...]
    beats: tuple[BeatRow, ...]

    @property
    def dead(self) -> int:
        """How many dead letters nobody saw to yet."""
        return sum(each.number for each in self.effects if each.state == "dead")


async def read(connection: Connection) -> Figures:
    """Take all figures in one transaction."""
    return Figures(
        standing=Standing(**dict(await connection.fetchrow(Q.standing))),
        effects=tuple(EffectCount(**dict(row)) for row in await connection.fetch(Q.effects)),
        loops=tuple(LoopCount(**dict(row)) for row in await connection.fetch(Q.loops)),
        breakers=tuple(BreakerRow(**dict(row)) for row in await connection.fetch(Q.breakers)),
        beats=tuple(BeatRow(**dict(row)) for row in await connection.fetch(Q.beats)),
    )


READS = {
    "standing": Standing,
    "effects": EffectCount,
    "loops": LoopCount,
    "breakers": BreakerRow,
    "beats": BeatRow,
}
"""Which Struct the columns of a query feed; a test compares them."""
