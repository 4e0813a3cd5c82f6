"""Which faults come, in which order, how long each lasts: drawn from a seed and nothing else."""

import random
from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What can happen to a running service."""

    KILL = "kill -9"
    KILL_REDIS = "kill -9 redis"
    KILL_POSTGRES = "kill -9 postgresql"
    END_BACKEND = "terminate a backend"
    FLUSH = "flushall"
    FREEZE = "sigstop"
    MAIL_DOWN = "mail server down"
    MAIL_LATER = "mail server says 4xx"
    MAIL_NEVER = "mail server says 5xx"
    MAIL_SLOW = "mail server slow"
    TEXTS_DOWN = "down"
    TEXTS_LATER = "says 503"
    TEXTS_NEVER = "says 502"
    TEXTS_DOUBT = "takes texts and hangs up"
    TEXTS_MUTE = "takes texts and says nothing"
    TEXTS_SLOW = "slow"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One fault: `seconds` is how long it lasts, `gap` the time until the next one comes."""

    kind: Kind
    target: str = ""
    seconds: float
    gap: float

    def __str__(self) -> str:
        """Say it in a few words."""
        return f"{self.name} ({self.seconds:.1f} s)"

    @property
    def name(self) -> str:
        """Say what happens to whom."""
        words = (self.target, self.kind) if self.kind in TEXTS else (self.kind, self.target)
        return " ".join(words).strip()


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of fault as it lies in the deck; it lasts between `low` and `high` seconds."""

    kind: Kind
    target: str = ""
    low: float = 0.0
    high: float = 0.0


PARTS = ("web", "relay", "courier", "receipts", "clockwork", "sealer", "scanner")
"""The processes of the product."""

TEXTS = frozenset(
    {
        Kind.TEXTS_DOWN,
        Kind.TEXTS_LATER,
        Kind.TEXTS_NEVER,
        Kind.TEXTS_DOUBT,
        Kind.TEXTS_MUTE,
        Kind.TEXTS_SLOW,
    }
)
"""What happens to providers of texts."""

FIRST, BOTH = "provider of texts", "providers of texts"
REDIS = "redis"
BACKEND = "a backend"

DECK = (
    *(Card(kind=Kind.KILL, target=part, high=1.0) for part in PARTS),
    Card(kind=Kind.KILL_REDIS, high=1.0),
    Card(kind=Kind.KILL_POSTGRES, high=0.5),
    Card(kind=Kind.END_BACKEND),
    Card(kind=Kind.FLUSH),
    *(
        Card(kind=Kind.FREEZE, target=target, low=1.0, high=4.0)
        for target in (*PARTS, REDIS, BACKEND)
    ),
    Card(kind=Kind.MAIL_DOWN, low=1.0, high=3.0),
    Card(kind=Kind.MAIL_LATER, low=0.3, high=1.0),
    Card(kind=Kind.MAIL_NEVER, low=0.2, high=0.6),
    Card(kind=Kind.MAIL_SLOW, low=2.0, high=4.0),
    Card(kind=Kind.TEXTS_DOWN, target=FIRST, low=1.0, high=3.0),
    Card(kind=Kind.TEXTS_DOWN, target=BOTH, low=1.0, high=3.0),
    Card(kind=Kind.TEXTS_LATER, target=FIRST, low=1.0, high=3.0),
    Card(kind=Kind.TEXTS_LATER, target=BOTH, low=0.3, high=1.0),
    Card(kind=Kind.TEXTS_NEVER, target=FIRST, low=0.2, high=0.6),
    Card(kind=Kind.TEXTS_DOUBT, target=BOTH, low=0.5, high=1.5),
    Card(kind=Kind.TEXTS_MUTE, target=BOTH, low=0.3, high=0.8),
    Card(kind=Kind.TEXTS_SLOW, target=BOTH, low=2.0, high=4.0),
)

SLOW = frozenset({Kind.MAIL_SLOW, Kind.TEXTS_SLOW})

CRUEL = (
    Card(kind=Kind.KILL, target="courier", high=0.3),
    Card(kind=Kind.FLUSH),
    Card(kind=Kind.KILL_REDIS, high=0.3),
)
"""What comes at once after a slow server: the most is under way, and the most can be lost."""


CUTS = (f"{Kind.KILL} courier", str(Kind.MAIL_DOWN))
"""What cuts an answer off that was given: whoever should have heard it asks again."""


def draw(*, count: int, seed: int, longest_gap: float = 4.0) -> list[Fault]:
    """Draw so many faults; the whole deck is dealt before it is shuffled again."""
    dice = random.Random(seed)
    drawn: list[Fault] = []
    cruel = 0
    while len(drawn) < count:
        for card in dice.sample(DECK, len(DECK)):
            if drawn and drawn[-1].kind in SLOW:
                drawn.append(_fault(CRUEL[cruel % len(CRUEL)], dice, longest_gap))
                cruel += 1
            gap = 0.5 if card.kind in SLOW else longest_gap
            drawn.append(_fault(card, dice, gap))
    return drawn[:count]


def _fault(card: Card, dice: random.Random, longest_gap: float) -> Fault:
    return Fault(
        kind=card.kind,
        target=card.target,
        seconds=round(dice.uniform(card.low, card.high), 2),
        gap=round(dice.uniform(0.3, longest_gap), 2),
    )
