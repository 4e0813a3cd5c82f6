"""Deliveries and effects: states that only move forward, how long to wait, when to stop.

Opened, bounced and reminded are facts of deliveries; none of them ever moves a leg.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec


class DeliveryState(StrEnum):
    """How far one try to reach one address has come."""

    INTENDED = "intended"
    ATTEMPTED = "attempted"
    SENT = "sent"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    REFUSED = "refused"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


ORDER = tuple(DeliveryState)
"""From least to most known: a later one is never undone by an earlier one.

Unknown (no receipt in 72 hours) may still turn into a receipt; a refusal or bounce outweighs an
earlier "delivered", because the address turned out not to work, or a part did not arrive.
"""

NO_RECEIPT_AFTER = timedelta(hours=72)
"""How long a sent delivery waits for its receipt before it counts as unknown."""

DOUBT_AFTER = timedelta(hours=1)
"""How long a text nobody answered for may yet be reported, before a person tells it instead."""

BAD_ADDRESS = frozenset({DeliveryState.BOUNCED, DeliveryState.COMPLAINED})
"""States that mark the address and open work for a person."""


def further(current: DeliveryState, reported: DeliveryState) -> DeliveryState:
    """Choose the state that knows more; receipts may come twice and in any order."""
    return max(current, reported, key=ORDER.index)


def settled(reports: Iterable[DeliveryState]) -> DeliveryState:
    """Say where a delivery stands after all these reports, in whatever order they came."""
    return max(reports, key=ORDER.index, default=DeliveryState.INTENDED)


def without_receipt(state: DeliveryState, *, sent_at: datetime, now: datetime) -> DeliveryState:
    """Turn a sent delivery nobody confirmed in time into an unknown one."""
    if state is DeliveryState.SENT and now - sent_at >= NO_RECEIPT_AFTER:
        return DeliveryState.UNKNOWN
    return state


class EffectState(StrEnum):
    """Where an effect in the outbox stands."""

    PENDING = "pending"
    PARKED = "parked"
    GATHERED = "gathered"
    DONE = "done"
    EXPIRED = "expired"
    DEAD = "dead"


class Answer(StrEnum):
    """What a channel said about one message."""

    SENT = "sent"
    LATER = "later"
    UNREACHABLE = "unreachable"
    NEVER = "never"


MAX_TRIES = 8
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=5)
PROBE_EVERY = timedelta(seconds=2)
_JITTER = 0.2


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of an effect after a try; `wait` is set only while it is pending."""

    state: EffectState
    tries: int
    wait: timedelta | None = None


def back_off(tries: int, *, jitter: float) -> timedelta:
    """Reckon the wait after so many tries: 5 s, then doubling, 5 min at the most.

    `jitter` in [0, 1) is the caller's random number; it spreads every wait but the first by a
    fifth either way, so that a recovered server is not met by all of them at once.
    """
    doubled = FIRST_WAIT * 2 ** min(tries - 1, MAX_TRIES)
    if tries <= 1:
        return doubled
    spread = 1 - _JITTER + 2 * _JITTER * jitter
    return min(doubled * spread, LONGEST_WAIT)


def after_try(
    answer: Answer, *, tries: int, jitter: float, asked_wait: timedelta | None = None
) -> Next:
    """Say what follows a try, `tries` having been counted before it.

    Only an answer about this message counts: an unreachable channel parks the effect behind its
    breaker and costs no try. `asked_wait` is what the server asked for; longer waits are kept.
    """
    match answer:
        case Answer.SENT:
            return Next(state=EffectState.DONE, tries=tries + 1)
        case Answer.NEVER:
            return Next(state=EffectState.DEAD, tries=tries + 1)
        case Answer.UNREACHABLE:
            return Next(state=EffectState.PARKED, tries=tries)
        case _:
            return _later(tries + 1, jitter=jitter, asked_wait=asked_wait or timedelta())


def _later(tries: int, *, jitter: float, asked_wait: timedelta) -> Next:
    if tries >= MAX_TRIES:
        return Next(state=EffectState.DEAD, tries=tries)
    wait = max(back_off(tries, jitter=jitter), min(asked_wait, LONGEST_WAIT))
    return Next(state=EffectState.PENDING, tries=tries, wait=wait)


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a channel can be reached; closed (None) means it can, as far as anybody knows."""

    opened_at: datetime | None = None
    probe_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Say whether effects of this channel are parked."""
        return self.opened_at is not None


CLOSED = Breaker()
"""The breaker of a channel that works."""


def may_try(breaker: Breaker, now: datetime) -> bool:
    """Say whether a parcel may be carried now: always when closed, else one probe at a time."""
    return breaker.probe_at is None or now >= breaker.probe_at


def probing(breaker: Breaker, now: datetime) -> Breaker:
    """Note that a probe is on its way, so that the next waits its turn."""
    if not breaker.is_open:
        return breaker
    return msgspec.structs.replace(breaker, probe_at=now + PROBE_EVERY)


def unreachable(breaker: Breaker, now: datetime) -> Breaker:
    """Open the breaker, or keep it open since it first was: one outage is one task."""
    opened = breaker.opened_at if breaker.opened_at is not None else now
    return Breaker(opened_at=opened, probe_at=now + PROBE_EVERY)


def reachable(breaker: Breaker, answer: Answer, *, now: datetime) -> Breaker:
    """Say what an answer makes of the breaker: any answer at all proves the channel works."""
    return unreachable(breaker, now) if answer is Answer.UNREACHABLE else CLOSED
